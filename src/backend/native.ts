import {
  InvalidArgumentError,
  LabelRangeError,
  MnistNativeError,
  OutOfMemoryError,
  ShapeError,
} from "../errors.js";
import { type Addon, checkThreads } from "./addon.js";
import {
  type Backend,
  type DType,
  ELEMENTWISE,
  type ElementwiseName,
  type ElementwiseOperations,
  type FloatArray,
} from "./backend.js";
import { checkedBackend, mapOperations } from "./checked.js";

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
        const isSigmoid = args.activation === "sigmoid";
        addon.gemm(a, b, c, bias, at, bt, m, n, k, lda, ldb, ldc, alpha, beta, isSigmoid, threads);
      },
      outputDelta({ a, labels, classes, totals, scale, delta }) {
        addon.outputDelta(a, labels, classes, totals, scale, delta, threads);
      },
      squaredError({ a, labels, classes, totals }) {
        addon.outputDelta(a, labels, classes, totals, 0, null, threads);
      },
      imageLinear(args) {
        const { units, weight, ldw, bias, activation, out, images, rows, width, scale, offset } = args;
        const isSigmoid = activation === "sigmoid";
        addon.imageLinear(
          weight,
          bias,
          out,
          units,
          ldw,
          isSigmoid,
          images,
          rows,
          width,
          scale,
          offset,
          threads,
        );
      },
      imageGradient({ units, delta, out, ldo, images, rows, width, scale, offset }) {
        addon.imageGradient(delta, out, units, ldo, images, rows, width, scale, offset, threads);
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
    withOurErrors,
  );
  const facts = { name: "native", kernelSet: addon.kernelSet, threads } as const;
  return checkedBackend(
    { ...facts, allocate: (dtype, length) => allocate(addon, dtype, length) },
    operations,
  );
}

const LINE_BYTES = 64;

/** JavaScript's memory begins anywhere, but stays there: so some more is asked for, and what lies before a line is left out. */
function allocate(addon: Addon, dtype: DType, length: number): FloatArray {
  const FloatArray = dtype === "float32" ? Float32Array : Float64Array;
  const { BYTES_PER_ELEMENT: bytes } = FloatArray;
  const all = new FloatArray(length + LINE_BYTES / bytes - 1);
  const first = (LINE_BYTES - (addon.addressModulo(all, LINE_BYTES) || LINE_BYTES)) / bytes;
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

/**
 * The addon checks its arguments once more: whatever TypeScript overlooks, it never reads out of bounds. Its errors carry a
 * code, and become instances of the class that has it.
 */
function withOurErrors<Arguments extends readonly unknown[]>(
  operation: (...args: Arguments) => void,
): (...args: Arguments) => void {
  return (...args) => {
    try {
      operation(...args);
    } catch (error) {
      if (error instanceof MnistNativeError) throw error;
      const { code = "", message } = error as NodeJS.ErrnoException;
      const ErrorClass = ERROR_CLASSES[code];
      throw ErrorClass === undefined ? error : new ErrorClass(message);
    }
  };
}
