// Timing: trials of all candidates in turn, so that a change of the machine's mood meets all of them, and medians.

/** @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Median seconds of one call of each function. A trial repeats a call until it takes `trialSeconds`. A first trial of each,
 * in which V8 compiles it, does not count, nor does a tenth more at the start of every trial: threads that slept while other
 * candidates ran wake up there, which cost products on two threads 7 % of a trial of 20 ms.
 *
 * @param {Record<string, () => void>} candidates
 */
export function compare(candidates, { trials = 9, trialSeconds = 0.02 } = {}) {
  const entries = Object.entries(candidates);
  const repeats = entries.map(([, run]) => {
    run(); // Fetches its memory.
    const once = seconds(run);
    return Math.max(1, Math.ceil(trialSeconds / Math.max(once, 1e-7)));
  });
  const times = entries.map(() => []);
  for (let trial = 0; trial <= trials; trial++) {
    for (const [i, [, run]] of entries.entries()) {
      const repeat = repeats[i];
      for (let r = 0; r < repeat / 10; r++) run();
      const time = seconds(() => {
        for (let r = 0; r < repeat; r++) run();
      });
      if (trial > 0) times[i].push(time / repeat);
    }
  }
  return Object.fromEntries(entries.map(([name], i) => [name, median(times[i])]));
}

function seconds(run) {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

/** @param {string[]} header @param {(string | number)[][]} rows */
export function table(header, rows) {
  const lines = [header, header.map((_, i) => (i === 0 ? "---" : "---:")), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
