import Table from "cli-table3";

/** Characters, so that a row fits into 120. */
const FIRST_COLUMN = 50;
const NO_LINES_BETWEEN = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

/** A section for the terminal. @param {import("./section.mjs").Section} section */
export function sectionText({ title, text, header, rows, notRun, faults }) {
  const lines = [title, "", text, ""];
  if (notRun !== undefined) lines.push(notRun, "");
  else {
    const colAligns = header.map((_, i) => (i === 0 ? "left" : "right"));
    const table = new Table({
      head: header,
      colAligns,
      colWidths: [FIRST_COLUMN],
      wordWrap: true,
      chars: NO_LINES_BETWEEN,
      style: { head: [], border: [] },
    });
    table.push(...rows);
    lines.push(table.toString(), "");
  }
  for (const fault of faults) lines.push(`NOT MET: ${fault}`);
  return lines.join("\n");
}
