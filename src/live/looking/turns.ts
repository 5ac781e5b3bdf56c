/** Milliseconds after which a piece of work gives way. */
const LONGEST_TURN = 8;

/** Shares an event loop among pieces of work: one of them has its turn, and before the next one whoever else waits is served. */
export interface Turns {
  /**
   * Resolved when it is the caller's turn, which lasts until it awaits something.
   *
   * @param isUrgent Whether somebody looks at the result while drawing: it goes before what is not.
   */
  next(isUrgent?: boolean): Promise<void>;
  /** Whether the present turn has lasted long enough. */
  isOver(): boolean;
}

export function createTurns(): Turns {
  const urgent: (() => void)[] = [];
  const others: (() => void)[] = [];
  let isServing = false;
  let start = 0;
  const serve = () => {
    const begin = urgent.shift() ?? others.shift();
    isServing = begin !== undefined;
    if (begin === undefined) return;
    setImmediate(serve); // In the next round of the loop: after what has come in meanwhile.
    start = performance.now();
    begin();
  };
  return {
    next: (isUrgent = false) =>
      new Promise((resolve) => {
        (isUrgent ? urgent : others).push(resolve);
        if (!isServing) setImmediate(serve);
        isServing = true;
      }),
    isOver: () => performance.now() - start >= LONGEST_TURN,
  };
}

/** Sorts items where they are, in several turns. The order is that of `compare`, which tells any two of them apart. */
export async function sortInTurns(
  items: Int32Array,
  compare: (a: number, b: number) => number,
  turns: Turns,
): Promise<void> {
  const run = 2048;
  await turns.next();
  for (let first = 0; first < items.length; first += run) {
    if (turns.isOver()) await turns.next();
    items.subarray(first, first + run).sort(compare);
  }
  let from = items;
  let to: Int32Array = new Int32Array(items.length);
  for (let width = run; width < items.length; width *= 2) {
    for (let first = 0; first < items.length; first += 2 * width) {
      let [left, right] = [first, Math.min(first + width, items.length)];
      const [middle, end] = [right, Math.min(first + 2 * width, items.length)];
      for (let place = first; place < end; place++) {
        if (place % run === 0 && turns.isOver()) await turns.next();
        const takesLeft =
          left < middle && (right >= end || compare(from[left] as number, from[right] as number) <= 0);
        to[place] = from[takesLeft ? left++ : right++] as number;
      }
    }
    [from, to] = [to, from];
  }
  if (from !== items) items.set(from);
}
