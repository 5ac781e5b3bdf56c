/** Which of several processes this is, and how they divide a minibatch. */
export interface Share {
  /** From 0 to one below `size`. */
  readonly rank: number;
  readonly size: number;
  /** Rows that stay together. */
  readonly rowStep: number;
}

/**
 * The rows of a minibatch, or of anything else, that a process takes: those from `start` to before `end`. The shares of all follow each other,
 * and are as long as each other but for one step; some may be empty.
 */
export function shareOf(
  rows: number,
  { rank, size, rowStep }: Share,
): { readonly start: number; readonly end: number } {
  const steps = Math.ceil(rows / rowStep);
  const boundary = (r: number) => Math.min(rows, rowStep * Math.floor((steps * r) / size));
  return { start: boundary(rank), end: boundary(rank + 1) };
}

/** The longest share of up to so many rows. */
export function longestShare(rows: number, { size, rowStep }: Share): number {
  return Math.min(rows, rowStep * Math.ceil(Math.ceil(rows / rowStep) / size));
}
