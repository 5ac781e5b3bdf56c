import { InvalidArgumentError, LabelRangeError, MnistNativeError, ShapeError } from "../errors.js";
import { type Addon, checkThreads } from "./addon.js";
import {
  checkArgmaxRows,
  checkColumnSums,
  checkGatherRows,
  checkGemm,
  checkImageGradient,
  checkImageLinear,
  checkOutputDelta,
  checkSgdUpdate,
  checkSigmoid,
  checkSigmoidBackward,
  checkSquaredError,
} from "./arguments.js";
import type { Backend } from "./backend.js";

/**
 * The backend that runs in the addon.
 *
 * @param threads How many threads an operation may use, 1 to 1024. Default: the CPUs that this process may use, or
 *   `OMP_NUM_THREADS` where it is set.
 * @throws InvalidArgumentError when `threads` is out of range.
 */
export function createNativeBackend(addon: Addon, threads: number = addon.defaultThreads): Backend {
  checkThreads(threads);
  return {
    name: "native",
    kernelSet: addon.kernelSet,
    threads,
    gemm(args) {
      checkGemm(args);
      const { transposeA, transposeB, m, n, k, alpha, a, b, beta, c, bias } = args;
      const isSigmoid = args.activation === "sigmoid";
      call(() => addon.gemm(transposeA, transposeB, m, n, k, alpha, a, b, beta, c, bias, isSigmoid, threads));
    },
    sigmoid(x, out) {
      checkSigmoid(x, out);
      call(() => addon.sigmoid(x, out, threads));
    },
    sigmoidBackward(upstream, a, out) {
      checkSigmoidBackward(upstream, a, out);
      call(() => addon.sigmoidBackward(upstream, a, out, threads));
    },
    outputDelta(args) {
      checkOutputDelta(args);
      const { a, labels, classes, totals, scale, delta } = args;
      call(() => addon.outputDelta(a, labels, classes, totals, scale, delta, threads));
    },
    squaredError(args) {
      checkSquaredError(args);
      const { a, labels, classes, totals } = args;
      call(() => addon.outputDelta(a, labels, classes, totals, 0, null, threads));
    },
    gatherRows(args) {
      checkGatherRows(args);
      const { out, images, rows, width, scale, offset } = args;
      call(() => addon.gatherRows(out, images, rows, width, scale, offset, threads));
    },
    imageLinear(args) {
      checkImageLinear(args);
      const { units, weight, bias, out, images, rows, width, scale, offset } = args;
      const isSigmoid = args.activation === "sigmoid";
      call(() =>
        addon.imageLinear(weight, bias, out, units, isSigmoid, images, rows, width, scale, offset, threads),
      );
    },
    imageGradient(args) {
      checkImageGradient(args);
      const { units, delta, out, images, rows, width, scale, offset } = args;
      call(() => addon.imageGradient(delta, out, units, images, rows, width, scale, offset, threads));
    },
    columnSums(args) {
      checkColumnSums(args);
      const { x, rows, columns, alpha, out } = args;
      call(() => addon.columnSums(x, rows, columns, alpha, out, threads));
    },
    sgdUpdate(parameter, gradient, learningRate) {
      checkSgdUpdate(parameter, gradient, learningRate);
      call(() => addon.sgdUpdate(parameter, gradient, learningRate, threads));
    },
    argmaxRows(args) {
      checkArgmaxRows(args);
      const { x, rows, columns, out } = args;
      call(() => addon.argmaxRows(x, rows, columns, out, threads));
    },
  };
}

const ERROR_CLASSES: Readonly<Record<string, new (message: string) => MnistNativeError>> = {
  ERR_INVALID_ARGUMENT: InvalidArgumentError,
  ERR_SHAPE: ShapeError,
  ERR_LABEL_RANGE: LabelRangeError,
};

/**
 * Calls the addon, which checks its arguments once more: whatever TypeScript overlooks, it never reads out of bounds. Its
 * errors carry a code, and become instances of the class that has it.
 */
function call(operation: () => void): void {
  try {
    operation();
  } catch (error) {
    if (error instanceof MnistNativeError) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    const ErrorClass = ERROR_CLASSES[code];
    throw ErrorClass === undefined ? error : new ErrorClass(message);
  }
}
