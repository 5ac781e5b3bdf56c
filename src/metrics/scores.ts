import { LabelRangeError, ShapeError } from "../errors.js";

/**
 * How many classes there are scores for. A single score of each example tells two classes apart: it is the one of class 1.
 *
 * @param labels The true class of each example, [n_examples].
 * @param scores [n_examples, classes], or [n_examples] of two classes.
 * @param what What is computed, for the message: `a log loss`.
 * @returns The scores of an example, and the classes, which are 2 where there is a single score.
 * @throws ShapeError when the scores are not as many for each label, or there is no example.
 * @throws LabelRangeError when a label is no class with a score.
 */
export function checkScores(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  what: string,
): { readonly width: number; readonly classes: number } {
  const examples = labels.length;
  if (examples === 0) {
    throw new ShapeError(`Expected at least one example to compute ${what} but received none.`);
  }
  const width = scores.length / examples;
  if (!Number.isInteger(width) || width < 1) {
    throw new ShapeError(
      `Expected as many scores for each of ${examples} labels to compute ${what} but received ${scores.length} in all.`,
    );
  }
  const classes = Math.max(width, 2);
  for (let i = 0; i < examples; i++) {
    const label = labels[i] as number; // i is below the length.
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw new LabelRangeError(
        `Expected classes from 0 to ${classes - 1}, for which there are scores, but the label at position ${i} is ${label}.`,
      );
    }
  }
  return { width, classes };
}

/** Scores of every class: of a single one, which tells two classes apart, what it lacks to 1, and itself. */
export function scoresByClass(scores: ArrayLike<number>, width: number): ArrayLike<number> {
  if (width > 1) return scores;
  return Float64Array.from({ length: 2 * scores.length }, (_, i) => {
    const score = scores[i >> 1] as number; // i is below twice the length.
    return i % 2 === 0 ? 1 - score : score;
  });
}

export function hasNaN(scores: ArrayLike<number>): boolean {
  for (let i = 0; i < scores.length; i++) if (Number.isNaN(scores[i])) return true;
  return false;
}
