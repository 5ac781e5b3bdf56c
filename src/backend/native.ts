import {
  InvalidArgumentError,
  LabelRangeError,
  MnistNativeError,
  OutOfMemoryError,
  ShapeError,
} from "../errors.js";
import { allocate } from "../system/memory.js";
import { type Addon, checkThreads } from "./addon.js";
import { argumentChecks, checkListInk } from "./arguments.js";
import {
  type Activation,
  type Backend,
  type DType,
  ELEMENTWISE,
  type ElementwiseName,
  type ElementwiseOperations,
  type FloatArray,
  type InkLists,
  type Preparations,
} from "./backend.js";
import { LINE_BYTES, lineLength } from "./cache-line.js";
import { mapOperations, type Operation } from "./checked.js";
import { isInkOf, madeInk } from "./ink-lists.js";

/**
 * The backend that runs in the addon.
 *
 * @param threads How many threads an operation may use, 1 to 1024. Default: the CPUs that this process may use, or
 *   `OMP_NUM_THREADS` where it is set.
 * @throws InvalidArgumentError when `threads` is out of range.
 */
export function createNativeBackend(addon: Addon, threads: number = addon.defaultThreads): Backend {
  checkThreads(threads);
  const operations = mapOperations(
    {
      ...elementwise(addon, threads),
      gemm(args) {
        const { transposeA: at, transposeB: bt, m, n, k, lda, ldb, ldc, alpha, a, b, beta, c, bias } = args;
        const sigmoid = isSigmoid(args.activation);
        addon.gemm(a, b, c, bias, at, bt, m, n, k, lda, ldb, ldc, alpha, beta, sigmoid, threads);
      },
      outputDelta({ a, labels, classes, totals, scale, delta }) {
        // Null would stand for squaredError.
        addon.outputDelta(a, labels, classes, totals, scale, delta ?? undefined, threads);
      },
      squaredError({ a, labels, classes, totals }) {
        addon.outputDelta(a, labels, classes, totals, 0, null, threads);
      },
      imageLinear(args) {
        const { units, weight, ldw, bias, activation, out, images, rows, width, scale, offset, ink } = args;
        addon.imageLinear(
          weight,
          bias,
          out,
          units,
          ldw,
          isSigmoid(activation),
          images,
          rows,
          width,
          scale,
          offset,
          handleOf(ink, images, width),
          threads,
        );
      },
      imageGradient({ units, delta, out, ldo, images, rows, width, scale, offset, ink }) {
        addon.imageGradient(
          delta,
          out,
          units,
          ldo,
          images,
          rows,
          width,
          scale,
          offset,
          handleOf(ink, images, width),
          threads,
        );
      },
      linearDescent({ x, delta, examples, inputs, units, learningRate, weight, ldw, bias }) {
        addon.linearDescent(delta, weight, bias, units, ldw, learningRate, x, examples, inputs, threads);
      },
      imageDescent(args) {
        const { units, delta, learningRate, weight, ldw, bias, images, rows, width, scale, offset, ink } =
          args;
        addon.imageDescent(
          delta,
          weight,
          bias,
          units,
          ldw,
          learningRate,
          images,
          rows,
          width,
          scale,
          offset,
          handleOf(ink, images, width),
          threads,
        );
      },
      columnSums({ x, rows, columns, out }) {
        addon.columnSums(x, out, rows, columns, threads);
      },
      sgdUpdate(parameter, gradient, learningRate) {
        addon.sgdUpdate(parameter, gradient, learningRate, threads);
      },
      argmaxRows({ x, rows, columns, out }) {
        addon.argmaxRows(x, out, rows, columns, threads);
      },
    },
    (operation, name) => explained(operation, EXPLANATIONS[name]),
  );
  const facts = { name: "native", kernelSet: addon.kernelSet, threads } as const;
  const preparations: Preparations = {
    allocate: (dtype, length) => allocateOnLine(addon, dtype, length),
    listInk(images, width) {
      try {
        const handle = addon.listImages(images, width, threads);
        return handle && madeInk({ images, width, handle }, "native");
      } catch (error) {
        checkListInk(images, width);
        throw ourError(error);
      }
    },
  };
  return { ...facts, ...preparations, ...operations };
}

/** What the addon takes for an activation; it refuses `undefined`. */
function isSigmoid(activation: Activation): boolean | undefined {
  return activation === "sigmoid" ? true : activation === "identity" ? false : undefined;
}

/** What the addon takes for lists of these images; it refuses `undefined`. */
function handleOf(ink: InkLists | null, images: Uint8Array, width: number): object | null | undefined {
  if (ink === null) return null;
  return isInkOf(ink, images, width, "native") ? ink.handle : undefined;
}

/** JavaScript's memory begins anywhere, but stays there: so some more is asked for, and what lies before a line is left out. */
function allocateOnLine(addon: Addon, dtype: DType, length: number): FloatArray {
  const FloatArray = dtype === "float32" ? Float32Array : Float64Array;
  const all = allocate(() => new FloatArray(length + lineLength(dtype) - 1));
  const before = addon.addressModulo(all, LINE_BYTES) / FloatArray.BYTES_PER_ELEMENT;
  const first = before === 0 ? 0 : lineLength(dtype) - before;
  return all.subarray(first, first + length);
}

function elementwise(addon: Addon, threads: number): ElementwiseOperations {
  const names = Object.keys(ELEMENTWISE) as ElementwiseName[];
  // The addon counts its arguments.
  const calls = names.map((name) =>
    ELEMENTWISE[name].length === 1
      ? [name, (x: unknown, out: unknown) => addon[name](x, out, threads)]
      : [name, (a: unknown, b: unknown, out: unknown) => addon[name](a, b, out, threads)],
  );
  return Object.fromEntries(calls) as unknown as ElementwiseOperations;
}

const ERROR_CLASSES: Readonly<Record<string, new (message: string) => MnistNativeError>> = {
  ERR_INVALID_ARGUMENT: InvalidArgumentError,
  ERR_SHAPE: ShapeError,
  ERR_LABEL_RANGE: LabelRangeError,
  ERR_OUT_OF_MEMORY: OutOfMemoryError,
};

const EXPLANATIONS = argumentChecks("native");

/**
 * The addon checks all arguments before it writes anything, and refuses what `arguments.ts` refuses. That is asked only then, for the
 * sentence to say: in the minibatch loop each argument is looked at once.
 */
function explained(operation: Operation, explain: Operation): Operation {
  return (a, b, c) => {
    try {
      operation(a, b, c);
    } catch (error) {
      explain(a, b, c);
      throw ourError(error);
    }
  };
}

/** An error of the addon carries a code, and becomes an instance of the class that has it. */
function ourError(error: unknown): unknown {
  if (error instanceof MnistNativeError) return error;
  const { code = "", message } = error as NodeJS.ErrnoException;
  const ErrorClass = ERROR_CLASSES[code];
  return ErrorClass === undefined ? error : new ErrorClass(message);
}
