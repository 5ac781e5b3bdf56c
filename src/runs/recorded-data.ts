import type { Run } from "./read-run.js";
import { type DataChoice, type OpenData, openData, ownData } from "../data/open-data.js";
import { dataOfRun } from "../cli/options/data.js";

/**
 * Opens the data that a run was trained on, or those that `choice` names, split as for the run.
 *
 * @throws as `openData`, when they cannot be had.
 */
export async function loadRunData(run: Pick<Run, "config">, choice: DataChoice = {}): Promise<OpenData> {
  const recorded = dataOfRun(run.config);
  const isNamed =
    choice.dataDir !== undefined || choice.dataset !== undefined || ownData(choice) !== undefined;
  if (!isNamed)
    return openData({ ...recorded, split: choice.split ?? recorded.split, offline: choice.offline });
  const { split, dataset, labelColumn, imageShape } = recorded;
  return openData({
    ...choice,
    split: choice.split ?? split,
    dataset:
      choice.dataset ?? (choice.dataDir === undefined || dataset === "synthetic" ? undefined : dataset),
    labelColumn: choice.labelColumn ?? (choice.csv === undefined ? undefined : labelColumn),
    imageShape: choice.imageShape ?? ((choice.csv ?? choice.npz) === undefined ? undefined : imageShape),
  });
}
