import type { InvalidArgumentError, LabelRangeError, ShapeError } from "../errors.js";

/**
 * What can be computed: one interface, implemented natively (`native.ts`) and in TypeScript (`javascript/`).
 *
 * All matrices are dense, row-major and start at the first element of their array. Inputs and outputs of one call have the same
 * element type. An implementation checks its arguments before it writes anything and throws {@link ShapeError},
 * {@link LabelRangeError} or {@link InvalidArgumentError}. Element-wise operations may write onto their own input;
 * otherwise an output must not overlap an input.
 */
export interface Backend {
  readonly name: BackendName;
  /** What runs: `avx2`, `baseline`, … for the addon, `javascript` for the fallback. */
  readonly kernelSet: string;
  /** How many threads an operation may use. The count never changes a result. */
  readonly threads: number;

  /**
   * C = activation(alpha * op(A) op(B) + beta * C + bias), where op transposes or not (BLAS `gemm` with an epilogue).
   * With beta = 0 the old content of C is not read.
   */
  gemm(args: GemmArguments): void;

  /** out = 1 / (1 + exp(-x)), element-wise. Accurate to 4 ulp; NaN stays NaN, and ±Infinity give 1 and 0. */
  sigmoid(x: FloatArray, out: FloatArray): void;

  /** out = upstream * a * (1 - a), element-wise: the derivative of the sigmoid, written with its value `a`. */
  sigmoidBackward(upstream: FloatArray, a: FloatArray, out: FloatArray): void;

  /**
   * The gradient of `scale / 2 * sum((a - onehot)^2)` with respect to the input of a sigmoid output layer,
   * delta = scale * (a - onehot) * a * (1 - a), together with the sums that {@link squaredError} computes.
   */
  outputDelta(args: OutputDeltaArguments): void;

  /** Adds to totals[0] the sum of (a - onehot)^2 and to totals[1] the number of rows whose argmax is the label. */
  squaredError(args: SquaredErrorArguments): void;

  /** out[i, :] = images[rows[i], :] * scale + offset: a minibatch gathered and scaled from bytes in one pass. */
  gatherRows(args: GatherRowsArguments): void;

  /** out = activation(x weightᵀ + bias), where x are rows of images, scaled: a first layer, without writing x. */
  imageLinear(args: ImageLinearArguments): void;

  /** out = deltaᵀ x, where x are rows of images, scaled: the gradient of a first layer's weights, without writing x. */
  imageGradient(args: ImageGradientArguments): void;

  /** out[j] = alpha * sum over i of x[i, j]; the sum runs from the first row to the last. */
  columnSums(args: ColumnSumsArguments): void;

  /** parameter -= learningRate * gradient, element-wise. */
  sgdUpdate(parameter: FloatArray, gradient: FloatArray, learningRate: number): void;

  /** out[i] = the column of the largest value of row i; the first of equals, and the first NaN before any number (as NumPy). */
  argmaxRows(args: ArgmaxRowsArguments): void;
}

export type BackendName = "native" | "js";
export type DType = "float32" | "float64";
export type FloatArray = Float32Array | Float64Array;
/** What GEMM's last pass may apply to its result. */
export type Activation = "identity" | "sigmoid";

export interface GemmArguments {
  /** `false`: A is stored [m, k]. `true`: A is stored [k, m]. */
  readonly transposeA: boolean;
  /** `false`: B is stored [k, n]. `true`: B is stored [n, k]. */
  readonly transposeB: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha: number;
  readonly a: FloatArray;
  readonly b: FloatArray;
  readonly beta: number;
  /** [m, n], the output. */
  readonly c: FloatArray;
  /** [n], added to every row; `null` for none. */
  readonly bias: FloatArray | null;
  readonly activation: Activation;
}

export interface SquaredErrorArguments {
  /** Activations of the output layer, [n_examples, n_classes]. */
  readonly a: FloatArray;
  /** Class of each example, [n_examples], each below `classes`. */
  readonly labels: Uint8Array;
  readonly classes: number;
  /** [2]: sum of squared errors, number of correct rows. Both are added to. */
  readonly totals: Float64Array;
}

export interface OutputDeltaArguments extends SquaredErrorArguments {
  readonly scale: number;
  /** [n_examples, n_classes], the output. */
  readonly delta: FloatArray;
}

/** The matrix x[i, :] = images[rows[i], :] * scale + offset, of shape [rows.length, width]. */
export interface ScaledImages {
  /** [n_images, width] bytes. */
  readonly images: Uint8Array;
  /** Row numbers into `images`, each at least 0 and below n_images. */
  readonly rows: Int32Array;
  readonly width: number;
  readonly scale: number;
  readonly offset: number;
}

export interface GatherRowsArguments extends ScaledImages {
  /** [rows.length, width], the output. */
  readonly out: FloatArray;
}

export interface ImageLinearArguments extends ScaledImages {
  readonly units: number;
  /** [units, width] */
  readonly weight: FloatArray;
  /** [units], added to every row; `null` for none. */
  readonly bias: FloatArray | null;
  readonly activation: Activation;
  /** [rows.length, units], the output. */
  readonly out: FloatArray;
}

export interface ImageGradientArguments extends ScaledImages {
  readonly units: number;
  /** [rows.length, units] */
  readonly delta: FloatArray;
  /** [units, width], the output. */
  readonly out: FloatArray;
}

export interface ColumnSumsArguments {
  /** [rows, columns]. */
  readonly x: FloatArray;
  readonly rows: number;
  readonly columns: number;
  readonly alpha: number;
  /** [columns], the output. */
  readonly out: FloatArray;
}

export interface ArgmaxRowsArguments {
  /** [rows, columns], with at least one column. */
  readonly x: FloatArray;
  readonly rows: number;
  readonly columns: number;
  /** [rows], the output. */
  readonly out: Int32Array;
}
