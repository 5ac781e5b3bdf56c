import type { Backend } from "../../backend/backend.js";
import { type DataChoice, type OpenData, openData, openDataOrDraw } from "../../data/open-data.js";
import { otherSplit } from "../../runs/learned-data.js";
import { loadStartNetwork } from "../../runs/load-run-model.js";
import { noticeOtherSplit } from "../model-notices.js";

/**
 * Opens a model to go on from, and the data to train it on. The data that it was trained on are split as for it, unless another split is
 * asked for, about which this is said: some of the test images would be among those that it has learned from.
 */
export async function openFromModel(path: string, backend: Backend, choice: DataChoice) {
  const { network, columns, metadata } = await loadStartNetwork(path, backend);
  const asked = choice.table === undefined ? choice : { ...choice, columns };
  const data = await openDataOrDraw(asked);
  try {
    if (choice.split === undefined) return { network, data: await splitAs(metadata, data, asked) };
    noticeOtherSplit(metadata, data, path);
    return { network, data };
  } catch (error) {
    await data.close();
    throw error;
  }
}

/** The data as the model has them split, where it was trained on them. What they are shows only when they are read. */
async function splitAs(
  metadata: Readonly<Record<string, string>>,
  data: OpenData,
  { listeners: _, ...asked }: DataChoice, // Who has been told of the data already.
): Promise<OpenData> {
  const split = otherSplit(metadata, data);
  if (split === undefined) return data;
  const dataset = data.dataset === "synthetic" ? "synthetic" : asked.dataset; // Maybe because MNIST could not be had.
  const again = await openData({ ...asked, dataset, split });
  await data.close();
  return again;
}
