import type { InvalidArgumentError, LabelRangeError, ShapeError } from "../errors.js";
import type { Activation } from "./activation.js";
import type { DType, FloatArray } from "./float-array.js";
import type { DropoutOperations } from "./operations/dropout.js";
import type { LossOperations } from "./operations/losses.js";
import type { NormalizationOperations } from "./operations/normalization.js";
import type { RowOperations } from "./operations/rows.js";
import type { SoftmaxOperations } from "./operations/softmax.js";
import type { UpdateOperations } from "./operations/updates.js";

/**
 * The element-wise operations, each with the names of its inputs. `out` comes last in a call, and may be one of the inputs. The
 * checks of arguments and the calls of the addon are made from this list.
 *
 * Activations. NaN stays NaN in each, and at ±Infinity they are what they tend to.
 *
 * - `sigmoid`: 1 / (1 + exp(-x)), to 4 ulp.
 * - `tanh`: to 4 ulp.
 * - `relu`: max(0, x).
 * - `leakyRelu`: x > 0 ? x : 0.01 x, with PyTorch's default slope.
 * - `elu`: x > 0 ? x : exp(x) - 1, to 2 ulp.
 * - `gelu`: x Φ(x) = x / 2 (1 + erf(x / √2)), the exact one, to 7 ulp.
 * - `silu`: x sigmoid(x), to 4 ulp.
 *
 * Their derivatives by the chain rule. NaN in either input gives NaN, and an infinite `upstream` times a derivative of 0 as well.
 *
 * - `sigmoidBackward`: upstream * a * (1 - a), written with the value `a` of the activation.
 * - `tanhBackward`: upstream * (1 - a) * (1 + a).
 * - `reluBackward`: upstream * (a > 0 ? 1 : 0); so it is 0 at the kink, as PyTorch's.
 * - `leakyReluBackward`: upstream * (a > 0 ? 1 : 0.01).
 * - `eluBackward`: upstream * (a > 0 ? 1 : a + 1).
 * - `geluBackward`: upstream * (Φ(z) + z φ(z)), written with the input `z`, as more than one has the same value.
 * - `siluBackward`: upstream * s * (1 + z (1 - s)), where s = sigmoid(z).
 *
 * And `add`: a + b.
 */
export const ELEMENTWISE = {
  sigmoid: ["x"],
  sigmoidBackward: ["upstream", "a"],
  tanh: ["x"],
  tanhBackward: ["upstream", "a"],
  relu: ["x"],
  reluBackward: ["upstream", "a"],
  leakyRelu: ["x"],
  leakyReluBackward: ["upstream", "a"],
  elu: ["x"],
  eluBackward: ["upstream", "a"],
  gelu: ["x"],
  geluBackward: ["upstream", "z"],
  silu: ["x"],
  siluBackward: ["upstream", "z"],
  add: ["a", "b"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ElementwiseName = keyof typeof ELEMENTWISE;

/** sigmoid(x, out), sigmoidBackward(upstream, a, out), … */
export type ElementwiseOperations = {
  [Name in ElementwiseName]: (...arrays: [...ArraysFor<(typeof ELEMENTWISE)[Name]>, out: FloatArray]) => void;
};

type ArraysFor<Names extends readonly string[]> = { -readonly [I in keyof Names]: FloatArray };

/**
 * What can be computed. `arguments.ts` says what is refused, and in which words, the same by either backend: before each
 * call by `checked.ts` around `javascript/`, and after a refusal of the addon, which checks for itself, by `native.ts`.
 *
 * All matrices are row-major and start at the first element of their array, and are dense, but where a leading dimension says how far
 * their rows lie apart. Where a result is below the smallest normal number, the addon may write 0. Inputs and outputs of one call have
 * the same element type. Element-wise operations may write onto their own input; otherwise an output must not overlap an input.
 */
export interface Operations
  extends ElementwiseOperations,
    SoftmaxOperations,
    LossOperations,
    DropoutOperations,
    NormalizationOperations,
    RowOperations,
    UpdateOperations {
  /**
   * C = activation(alpha * op(A) op(B) + beta * C + bias), where op transposes or not (BLAS `gemm` with an epilogue).
   * With beta = 0 the old content of C is not read.
   */
  gemm(args: GemmArguments): void;

  /** out = activation(x weightᵀ + bias), where x are rows of images, scaled: a first layer, without writing x. */
  imageLinear(args: ImageLinearArguments): void;

  /** out = deltaᵀ x, where x are rows of images, scaled: the gradient of a first layer's weights, without writing x. */
  imageGradient(args: ImageGradientArguments): void;

  /**
   * A layer's step of plain gradient descent: weight -= learningRate * deltaᵀ x, bias -= learningRate * (column sums of delta). The
   * bits are those of `gemm`, `columnSums` and `sgdUpdate`.
   */
  linearDescent(args: LinearDescentArguments): void;

  /** The same, where x are rows of images, scaled: with the bits of `imageGradient`, and without ever writing the gradient. */
  imageDescent(args: ImageDescentArguments): void;

  /** out[j] = sum over i of x[i, j]; the sum runs from the first row to the last. */
  columnSums(args: ColumnSumsArguments): void;

  /** parameter -= learningRate * gradient, element-wise. */
  sgdUpdate(parameter: FloatArray, gradient: FloatArray, learningRate: number): void;

  /** out[i] = the column of the largest value of row i; the first of equals, and the first NaN before any number (as NumPy). */
  argmaxRows(args: ArgmaxRowsArguments): void;
}

/** What a backend says of itself. */
export interface BackendFacts {
  readonly name: BackendName;
  /** What runs: `avx2`, `baseline`, … for the addon, `javascript` for the fallback. */
  readonly kernelSet: string;
  /** How many threads an operation may use. The count never changes a result. */
  readonly threads: number;
}

/** What a backend makes for later calls. */
export interface Preparations {
  /** Memory of zeros that begins where the kernels like it: on a line of the processor's cache. */
  allocate(dtype: DType, length: number): FloatArray;

  /**
   * Where the pixels of all images are that are not background, byte 0, for operations on these images to come; `null` where that
   * would not make them quicker, as there is too little background or the backend makes no use of it, and where the images are on a
   * SharedArrayBuffer, so that another thread might change them.
   *
   * @param images [n_images, width]. They must not change while the lists are used, which tell of them as they were.
   */
  listInk(images: Uint8Array, width: number): InkLists | null;
}

/**
 * Where the ink of images is, as {@link Preparations.listInk} found it. Of use to a backend of the kind that made it alone, and to no
 * other thread of JavaScript; nothing else that has these properties is taken for it.
 */
export interface InkLists {
  readonly images: Uint8Array;
  readonly width: number;
  /** What the addon knows them by. */
  readonly handle: object;
}

/**
 * Operations that check their arguments before anything is written, and throw {@link ShapeError}, {@link LabelRangeError} or
 * {@link InvalidArgumentError}.
 */
export interface Backend extends BackendFacts, Preparations, Operations {}

export type BackendName = "native" | "js";
export type { Activation, DType, FloatArray };

/**
 * Every property is always there: a call with one of another shape would make V8 compile the loop again.
 *
 * Stored rows of A, B and C lie `lda`, `ldb` and `ldc` elements apart (BLAS's leading dimensions), at least the length of a row;
 * exactly that where a matrix is dense. An array has as many elements as its rows lie apart, times the number of rows: what stands
 * between the end of a row and the beginning of the next belongs to it, and behind the last row as well. There nothing is written,
 * and nothing that stands there has a part in the result. B of [k, n] need not be copied where its rows are whole vectors (64 bytes).
 */
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
  readonly lda: number;
  readonly b: FloatArray;
  readonly ldb: number;
  readonly beta: number;
  /** [m, n], the output. */
  readonly c: FloatArray;
  readonly ldc: number;
  /** [n], added to every row; `null` for none. */
  readonly bias: FloatArray | null;
  readonly activation: Activation;
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
  /** Those of `images`, where they have been listed; else `null`. */
  readonly ink: InkLists | null;
}

export interface ImageLinearArguments extends ScaledImages {
  readonly units: number;
  /** [width, ldw], of which element (p, j) is the weight of input p for unit j. What lies behind the units is read, and has no part in a result. */
  readonly weight: FloatArray;
  /** At least `units`, and whole lines of 64 bytes. */
  readonly ldw: number;
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
  /** [width, ldo], the output: element (p, j) is that of input p for unit j. What lies behind the units stays, or becomes 0. */
  readonly out: FloatArray;
  /** At least `units`, and whole lines of 64 bytes. */
  readonly ldo: number;
}

export interface LinearDescentArguments {
  /** [examples, inputs] */
  readonly x: FloatArray;
  /** [examples, units] */
  readonly delta: FloatArray;
  readonly examples: number;
  readonly inputs: number;
  readonly units: number;
  readonly learningRate: number;
  /** [inputs, ldw], as in {@link ImageLinearArguments}; updated. */
  readonly weight: FloatArray;
  /** At least `units`, and whole lines of 64 bytes. */
  readonly ldw: number;
  /** [units], updated. */
  readonly bias: FloatArray;
}

export interface ImageDescentArguments extends ScaledImages {
  readonly units: number;
  /** [rows.length, units] */
  readonly delta: FloatArray;
  readonly learningRate: number;
  /** [width, ldw], as in {@link ImageLinearArguments}; updated. */
  readonly weight: FloatArray;
  /** At least `units`, and whole lines of 64 bytes. */
  readonly ldw: number;
  /** [units], updated. */
  readonly bias: FloatArray;
}

export interface ColumnSumsArguments {
  /** [rows, columns]. */
  readonly x: FloatArray;
  readonly rows: number;
  readonly columns: number;
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
