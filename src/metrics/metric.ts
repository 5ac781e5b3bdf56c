/** What a figure is computed from: what a network says of some examples, beside the truth. */
export interface ScoredExamples {
  readonly count: number;
  /** Outputs of the network for each example, [n_examples, width]. */
  readonly outputs: ArrayLike<number>;
  readonly width: number;
  /** The class that is predicted for each example, [n_examples]; `undefined` where values are learned. */
  readonly predictions: ArrayLike<number> | undefined;
  /** The true class of each example, [n_examples]; `undefined` where values are learned. */
  readonly labels: ArrayLike<number> | undefined;
  /** The true values, [n_examples, width]; `undefined` where classes are learned. */
  readonly values: ArrayLike<number> | undefined;
  /** How much each example counts; all the same if left out. */
  readonly weights: ArrayLike<number> | undefined;
}

/** A figure that tells how well a network does, by its name. */
export interface Metric {
  /** As options, histories and files call it, in camelCase. */
  readonly name: string;
  readonly greaterIsBetter: boolean;
  /** What is learned where it makes sense. */
  readonly of: "classes" | "values";
  /** What it needs besides: that there are two classes and no others, or that outputs go from 0 to 1. */
  readonly needs?: "twoClasses" | "confidences";
  compute(examples: ScoredExamples): number;
}
