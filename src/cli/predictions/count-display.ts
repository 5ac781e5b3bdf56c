import { isTerminal } from "../terminal.js";

/** How many examples are done, on a terminal's standard error, in a line that is written over; nothing elsewhere. */
export interface CountDisplay {
  show(count: number, share: number | null): void;
  /** Takes the line away. */
  close(): void;
}

/** Milliseconds between two of its lines. */
const RHYTHM = 100;

/** @param isQuiet Whether the lines of answers go to the same terminal. */
export function createCountDisplay(isQuiet: boolean): CountDisplay {
  if (isQuiet || !isTerminal(process.stderr)) return { show: () => {}, close: () => {} };
  let shownAt = 0;
  const close = () => {
    process.off("exit", close);
    if (shownAt > 0) process.stderr.write("\r\x1b[K");
    shownAt = 0;
  };
  process.on("exit", close);
  return {
    show(count, share) {
      const now = performance.now();
      if (now - shownAt < RHYTHM) return;
      shownAt = now;
      const percent = share === null ? "" : `, ${Math.floor(100 * share)} %`;
      process.stderr.write(`\r\x1b[K${count.toLocaleString("en-US")} examples${percent}`);
    },
    close,
  };
}
