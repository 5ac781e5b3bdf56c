import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../test-kills.mjs", import.meta.url));

/**
 * Trainings that were killed and went on: the table and the last line of `npm run test:kills`.
 *
 * @param {{ quick: boolean, skip: boolean }} options
 * @returns {import("./section.mjs").Section}
 */
export function killsSection({ quick, skip }) {
  const section = {
    title: "Kills survived",
    text: "Trainings of the command line that were killed as by kill -9, at random instants and within their writes, and continued by --resume, by npm run test:kills.",
    faults: [],
  };
  if (skip) return { ...section, notRun: "Not run: it was left out by --skip-kills." };
  if (!existsSync(PROGRAM)) return { ...section, notRun: "Not run: this version has no test:kills." };
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...(quick ? ["--quick"] : [])], {
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  const lines = stdout.trimEnd().split("\n");
  const [header, , ...rows] = lines
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "));
  if (header === undefined) {
    return {
      ...section,
      notRun: "Not run to its end.",
      faults: [`test:kills gave no table: ${stderr.trim()}`],
    };
  }
  const summary = lines.at(-1);
  return {
    ...section,
    text: `${section.text} ${summary}`,
    header,
    rows,
    faults: status === 0 ? [] : [`test:kills found trainings that ended in other bits: ${summary}`],
  };
}
