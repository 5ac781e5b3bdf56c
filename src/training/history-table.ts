import type { EpochMetrics } from "./history.js";

/** What was measured in all epochs, as a table of numbers: of a long training too much for JSON. */
export interface HistoryTable {
  /** Names of figures; those of an object within begin with its name, `validMetrics.f1Macro`. */
  readonly columns: readonly string[];
  /** [n_epochs, n_columns] */
  readonly values: Float64Array;
}

type Figures = Readonly<Record<string, unknown>>;

/** @param epochs All with the same figures. */
export function tableOfHistory(epochs: readonly EpochMetrics[]): HistoryTable {
  const rows = epochs.map((metrics) => figuresOf(metrics as unknown as Figures));
  const columns = Object.keys(rows[0] ?? {});
  const values = new Float64Array(rows.length * columns.length);
  for (const [i, row] of rows.entries()) {
    for (const [j, name] of columns.entries()) values[i * columns.length + j] = row[name] ?? Number.NaN;
  }
  return { columns, values };
}

export function historyOfTable({ columns, values }: HistoryTable): EpochMetrics[] {
  const epochs = columns.length === 0 ? 0 : values.length / columns.length;
  return Array.from({ length: epochs }, (_, i) => {
    const metrics: Record<string, unknown> = {};
    for (const [j, column] of columns.entries()) {
      const value = values[i * columns.length + j];
      const [name = "", inner] = splitOnce(column);
      if (inner === undefined) metrics[name] = value;
      else metrics[name] = { ...(metrics[name] as Figures | undefined), [inner]: value };
    }
    return metrics as unknown as EpochMetrics;
  });
}

function figuresOf(metrics: Figures): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]): [string, number][] => {
      if (typeof value === "number") return [[name, value]];
      return Object.entries((value ?? {}) as Record<string, number>).map(([inner, figure]) => [
        `${name}.${inner}`,
        figure,
      ]);
    }),
  );
}

function splitOnce(column: string): readonly [name: string, inner?: string] {
  const point = column.indexOf(".");
  return point === -1 ? [column] : [column.slice(0, point), column.slice(point + 1)];
}
