import type { RunDetail } from "../../protocol.js";
import { formatFigure, formatPercent } from "../parts/format.js";

/** What stands where a run has no such setting, or no such result yet. */
const NONE = "–";

/** A line of the table: a word for each run. */
export interface ComparedRow {
  readonly name: string;
  readonly values: readonly string[];
}

/** @returns The settings in which runs differ: those that they have in common say nothing of why they learn differently. */
export function differingSettings(details: readonly RunDetail[]): readonly ComparedRow[] {
  const named = details.map(({ run }): Readonly<Record<string, string>> => {
    const { Loss: _, ...others } = run.settings;
    return { Network: run.network, "Data set": run.dataset ?? "", Loss: lossOf(run), ...others };
  });
  const names = new Set(named.flatMap((settings) => Object.keys(settings)));
  return [...names]
    .map((name) => ({ name, values: named.map((settings) => settings[name] || NONE) }))
    .filter(({ values }) => values.some((value) => value !== values[0]));
}

/** A loss without options is told by its name: the files of some runs leave the default one out. */
function lossOf({ loss, settings }: RunDetail["run"]): string {
  const { Loss: told = "" } = settings;
  return told.includes(",") ? told : loss;
}

/** @returns What came of runs: results that none of them has are left out. */
export function comparedResults(details: readonly RunDetail[]): readonly ComparedRow[] {
  const rows: readonly ComparedRow[] = [
    {
      name: "Epochs had",
      values: details.map(({ run: { epoch, epochs } }) => (epochs === 0 ? NONE : `${epoch} of ${epochs}`)),
    },
    {
      name: "Validation accuracy",
      values: details.map(({ run }) => formatPercent(run.validAccuracy, 2)),
    },
    { name: "Test accuracy", values: details.map(({ run }) => formatPercent(run.testAccuracy, 2)) },
    {
      name: "Validation loss",
      values: details.map(({ epochs }) => formatFigure(epochs.at(-1)?.validLoss ?? null)),
    },
  ];
  return rows.filter(({ values }) => values.some((value) => value !== NONE));
}
