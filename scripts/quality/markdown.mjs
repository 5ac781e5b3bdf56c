import { table } from "../bench/measure.mjs";

/**
 * QUALITY.md.
 *
 * @param {readonly import("./section.mjs").Section[]} sections
 * @param {{ command: string, facts: Readonly<Record<string, string>> }} run
 */
export function markdown(sections, { command, facts }) {
  return [
    "# Quality, as measured",
    "",
    `\`${command}\` measured and wrote this. Which versions of NumPy, PyTorch and scikit-learn the figures were recorded with stands in [test/golden/README.md](test/golden/README.md).`,
    "",
    ...Object.entries(facts).map(([name, value]) => `- ${name}: ${value}`),
    "",
    ...sections.flatMap(sectionLines),
  ].join("\n");
}

function sectionLines({ title, text, header, rows, notRun, faults }) {
  const body =
    notRun ??
    table(
      header.map(escaped),
      rows.map((cells) => cells.map(escaped)),
    );
  return [`## ${title}`, "", text, "", body, "", ...faults.flatMap((fault) => [`**Not met:** ${fault}`, ""])];
}

/** A bar would end the cell. */
function escaped(cell) {
  return cell.replaceAll("|", "\\|");
}
