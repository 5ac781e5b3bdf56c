import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeTable } from "../../src/data/readers/encode-table.js";
import { type LoadTableOptions, loadTable } from "../../src/data/readers/table.js";
import { temporaryFolder } from "./temporary-folder.js";

export const temporary = temporaryFolder();

/** A new file with this text. */
export function write(text: string | Buffer): string {
  const file = join(mkdtempSync(join(temporary, "table-")), "data.csv");
  writeFileSync(file, text);
  return file;
}

export function load(text: string | Buffer, options: LoadTableOptions = {}) {
  return loadTable(write(text), { targetColumn: "y", task: "classify", onNotice: () => {}, ...options });
}

/** All rows encoded, their categories learned on all. */
export async function encode(text: string, options: LoadTableOptions = {}) {
  const table = await load(text, options);
  const { inputs, columns } = encodeTable(table, { onNotice: () => {} });
  const { data, width, names } = inputs.features;
  const rows = Array.from({ length: data.length / width }, (_, i) => [
    ...data.subarray(i * width, (i + 1) * width),
  ]);
  return { rows, names, columns, targets: table.targets, table };
}
