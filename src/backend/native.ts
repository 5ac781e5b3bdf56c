import {
  InvalidArgumentError,
  LabelRangeError,
  MnistNativeError,
  OutOfMemoryError,
  ShapeError,
} from "../errors.js";
import { allocate } from "../system/memory.js";
import { ACTIVATIONS, type Activation } from "./activation.js";
import { type Addon, checkThreads } from "./addon.js";
import { argumentChecks, checkListInk } from "./arguments.js";
import {
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
import { lossNumber } from "./operations/losses.js";
import { ruleNumber } from "./operations/updates.js";

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
        const activation = numberOf(args.activation);
        addon.gemm(a, b, c, bias, at, bt, m, n, k, lda, ldb, ldc, alpha, beta, activation, threads);
      },
      loss(args) {
        const { a, z, labels, values, weights, totals, delta, rows, outputs } = args;
        const { smoothing, threshold, scale } = args;
        const kind = lossNumber(args.kind, args.output);
        addon.loss(
          a,
          z,
          labels,
          values,
          weights,
          totals,
          delta,
          kind,
          rows,
          outputs,
          smoothing,
          threshold,
          scale,
          threads,
        );
      },
      dropout({ x, out, rate, seed, stream, draw, first = 0 }) {
        addon.dropout(x, out, rate, seed, stream, draw, first, threads);
      },
      normalizeBatch(args) {
        const { x, gamma, beta, mean, inverseDeviation, runningMean, runningVariance, out } = args;
        const { rows, columns, epsilon, momentum } = args;
        addon.normalizeBatch(
          x,
          gamma,
          beta,
          mean,
          inverseDeviation,
          runningMean,
          runningVariance,
          out,
          rows,
          columns,
          epsilon,
          momentum,
          threads,
        );
      },
      normalizeBatchBackward(args) {
        const { x, upstream, gamma, mean, inverseDeviation, gammaGradient, betaGradient, out } = args;
        const { rows, columns } = args;
        addon.normalizeBatchBackward(
          x,
          upstream,
          gamma,
          mean,
          inverseDeviation,
          gammaGradient,
          betaGradient,
          out,
          rows,
          columns,
          threads,
        );
      },
      scaleColumns({ x, rows, columns, scale, offset, out }) {
        addon.scaleColumns(x, scale, offset, out, rows, columns, threads);
      },
      gatherImages({ images, rows, width, scale, offset, out }) {
        addon.gatherImages(out, images, rows, width, scale, offset, threads);
      },
      gatherRows({ x, rows, width, out }) {
        addon.gatherRows(x, rows, width, out, threads);
      },
      imageLinear(args) {
        const { units, weight, ldw, bias, activation, out, images, rows, width, scale, offset, ink } = args;
        addon.imageLinear(
          weight,
          bias,
          out,
          units,
          ldw,
          numberOf(activation),
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
      softmax({ x, rows, columns, out }) {
        addon.softmax(x, out, rows, columns, threads);
      },
      sgdUpdate(parameter, gradient, learningRate) {
        addon.sgdUpdate(parameter, gradient, learningRate, threads);
      },
      update(args) {
        const { rule, parameter, gradient, first, second, coefficients, gradientScale, clip, decay } = args;
        const number = ruleNumber(rule);
        addon.update(
          parameter,
          gradient,
          first,
          second,
          coefficients,
          number,
          gradientScale,
          clip,
          decay,
          threads,
        );
      },
      addPenalty({ parameter, gradient, l2, l1 }) {
        addon.addPenalty(parameter, gradient, l2, l1, threads);
      },
      sumOfSquares({ x, totals }) {
        addon.sumOfSquares(x, totals, threads);
      },
      limitNorms({ weight, inputs, ldw, units, most }) {
        addon.limitNorms(weight, inputs, ldw, units, most, threads);
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

/** What the addon takes for an activation; it refuses -1. */
function numberOf(activation: Activation): number {
  return ACTIVATIONS.indexOf(activation);
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
