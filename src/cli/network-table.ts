import type { LayerSummary, NetworkSummary } from "../nn/summary.js";

/** Layers, units, parameters and bytes of a network, as lines of a table. */
export async function networkTable({ inputs, layers, ...total }: NetworkSummary): Promise<readonly string[]> {
  const { default: Table } = await import("cli-table3"); // Where no table is printed, nobody waits for it.
  const isFrozen = total.trainable < total.parameters;
  const numbers = (row: Pick<LayerSummary, "parameters" | "trainable" | "bytes">) =>
    [row.parameters, ...(isFrozen ? [row.trainable] : []), row.bytes].map((n) => n.toLocaleString("en"));
  const table = new Table({
    head: ["Layer", "Type", "Units", "Parameters", ...(isFrozen ? ["Trained"] : []), "Bytes"],
    colAligns: ["left", "left", "right", "right", "right", "right"],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    chars: PLAIN,
  });
  table.push(["", "inputs", String(inputs), "", ...(isFrozen ? [""] : []), ""]);
  for (const row of layers) {
    table.push([row.name, kindOf(row), row.units.toLocaleString("en"), ...numbers(row)]);
  }
  table.push(["", "in all", "", ...numbers(total)]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

/** No lines: columns stand apart. */
const PLAIN = Object.fromEntries(
  ["top", "bottom", "mid", "left", "right"]
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat("mid-mid", "middle")
    .map((name) => [name, ""]),
);

function kindOf({ type, activation }: LayerSummary): string {
  if (activation === undefined || activation === "identity") return type;
  return type === "activation" ? activation : `${type}, ${activation}`;
}
