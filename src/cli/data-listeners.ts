import type { DownloadProgress } from "../data/catalog/download.js";
import type { DataListeners } from "../data/open-data.js";
import { printable } from "../system/printable.js";
import { isTerminal } from "./terminal.js";

/** Tell on standard error how data are got. */
export function dataListeners(): DataListeners {
  return { onNotice: notice, onProgress: downloadReporter() };
}

function notice(sentence: string): void {
  process.stderr.write(`${printable(sentence)}\n`);
}

/** Tells on a terminal how a download gets on, in a line that is written over; elsewhere only that it begins. */
function downloadReporter(): (progress: DownloadProgress) => void {
  let current = "";
  return ({ file, received, total, secondsLeft }) => {
    if (!isTerminal(process.stderr)) {
      if (file !== current) notice(`Downloading ${file}.`);
    } else {
      const size = total === undefined ? "" : ` of ${megabytes(total)}`;
      const left = secondsLeft === undefined ? "" : `, ${Math.ceil(secondsLeft)} s left`;
      process.stderr.write(`\r\x1b[K${file}: ${megabytes(received)}${size}${left}`);
      if (received === total) process.stderr.write("\n");
    }
    current = file;
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
