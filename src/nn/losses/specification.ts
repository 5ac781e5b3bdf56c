// Losses as plain objects: the same in a program, in a configuration file and in a model file.

export interface SquaredErrorOptions {
  /** Whether the mean is taken over the output units, too, as PyTorch's MSELoss does. Default: `false`, as in the chapter. */
  readonly averageOutputs?: boolean;
  /** What the loss, and with it the gradient, is multiplied by, above 0; ½ gives scikit-learn's. Default: 1. */
  readonly factor?: number;
}

export interface HuberOptions {
  /** Where the square ends and the straight line begins, above 0. Default: 1. */
  readonly threshold?: number;
}

export interface CrossEntropyOptions {
  /** The share of each target that is spread evenly (Szegedy et al., 2016), from 0 to less than 1. Default: 0. */
  readonly labelSmoothing?: number;
}

export type LossSpecification =
  | ({ readonly type: "squaredError" } & SquaredErrorOptions)
  | { readonly type: "absoluteError" }
  | ({ readonly type: "huber" } & HuberOptions)
  | ({ readonly type: "binaryCrossEntropy" } & CrossEntropyOptions)
  | ({ readonly type: "crossEntropy" } & CrossEntropyOptions);
