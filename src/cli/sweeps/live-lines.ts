/** Lines at the end of a terminal that are drawn anew in the same place. */
export interface LiveLines {
  /** Draws them, unless they were drawn a moment ago. */
  draw(): void;
  /** Takes them away, prints what stays, and draws them below it. */
  above(print: () => void): void;
  close(): void;
}

const BETWEEN_DRAWINGS = 100;
/** So that the time left goes on where nothing happens. */
const AT_LEAST_EVERY = 1000;

/** @param lines What they are now. */
export function createLiveLines(stream: NodeJS.WriteStream, lines: () => readonly string[]): LiveLines {
  let drawn = 0;
  let lastTime = Number.NEGATIVE_INFINITY;
  const clear = () => {
    if (drawn > 0) stream.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  const drawNow = () => {
    clear();
    // A line that wraps would be two, of which one would stay.
    const shown = lines().slice(-Math.max(1, (stream.rows ?? 24) - 1));
    stream.write(shown.map((line) => `${line.slice(0, (stream.columns ?? 80) - 1)}\n`).join(""));
    drawn = shown.length;
    lastTime = performance.now();
  };
  const draw = () => {
    if (performance.now() - lastTime >= BETWEEN_DRAWINGS) drawNow();
  };
  const timer = setInterval(drawNow, AT_LEAST_EVERY);
  timer.unref();
  return {
    draw,
    above(print) {
      clear();
      print();
      drawNow();
    },
    close() {
      clearInterval(timer);
      clear();
    },
  };
}
