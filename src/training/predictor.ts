import type { FloatArray } from "../backend/backend.js";
import { ShapeError } from "../errors.js";
import { leaveZeros } from "../nn/initializers.js";
import { MultilayerPerceptron } from "../nn/mlp.js";
import { expectThat, expectWholeNumber } from "../system/expected.js";
import { isOptions, type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { assign, toArray } from "../tensor/tensor.js";
import { chooseClasses } from "./choose-classes.js";
import { checkNetwork } from "./compatibility.js";
import { givesProbabilities, hasConfidences } from "./confidence.js";
import { type LoadedModel, learnedTensors } from "./model-file.js";
import { classNamesOf, imageShapeOf, learnsValues, readsPixels, valueNamesOf } from "./model-metadata.js";
import { createRun, isPixels, type PredictorExample, type PredictorRun } from "./predictor-run.js";

/** Several examples: one after the other in one array, [n_examples, n_inputs], or a list of them, all of one kind. */
export type PredictorExamples = Uint8Array | Uint8ClampedArray | FloatArray | readonly PredictorExample[];

export interface PredictorOptions {
  /** PredictorExamples of a batch that are computed at once: it bounds the memory. Default: 256. */
  readonly batchSize?: number | undefined;
}

const OPTIONS: KnownOptions<PredictorOptions> = { batchSize: true };

export interface PredictOutputOptions {
  /** Where the network's outputs go, of its own type and as many as there are. Default: a new array. */
  readonly out?: FloatArray | undefined;
}

const OUT_OPTIONS: KnownOptions<PredictOutputOptions> = { out: true };

/** What a network makes of an example. */
export interface ExamplePrediction {
  /** The class with the largest output; of a single output, 1 where it is at least 0.5, else 0. `null` where values are learned. */
  readonly class: number | null;
  /** What that class is called; `null` where it has no name. */
  readonly name: string | null;
  /** How sure the network is of the class, 0 to 1; `null` where its outputs do not tell. */
  readonly confidence: number | null;
  /** The outputs, [n_outputs]: probabilities where `givesProbabilities`; where values are learned, these. */
  readonly outputs: FloatArray;
}

/** What a network makes of several examples. */
export interface BatchPrediction {
  readonly count: number;
  /** [n_examples], as of each example; `null` where values are learned. */
  readonly classes: Int32Array | null;
  /** [n_examples], as of each example; `null` where the outputs do not tell. */
  readonly confidences: Float64Array | null;
  /** [n_examples, n_outputs] */
  readonly outputs: FloatArray;
}

/** A network in use, for programs and servers: {@link createPredictor} makes it. */
export interface Predictor {
  readonly inputs: number;
  readonly outputs: number;
  readonly learns: "classes" | "values";
  /** Whether the outputs are trained to be probabilities. Of a single output it is that of class 1. */
  readonly givesProbabilities: boolean;
  /** `null` where classes have no names. */
  readonly classNames: readonly string[] | null;
  /** What values are called that the network learns; `null` where they have no names. */
  readonly valueNames: readonly string[] | null;
  /** `null` where the network is not known to read images. */
  readonly imageShape: readonly [height: number, width: number] | null;

  /**
   * @throws ShapeError when there is not one number for each input, or when `out` has another length.
   * @throws InvalidArgumentError when one is no finite number, for bytes where the network reads a table, or when `out` is of another type.
   */
  predict(example: PredictorExample, options?: PredictOutputOptions): ExamplePrediction;

  /**
   * As `predict` for each of the examples, within rounding, and many times as fast for each.
   *
   * @throws as `predict`; the message names the row, counted from 0.
   */
  predictBatch(examples: PredictorExamples, options?: PredictOutputOptions): BatchPrediction;
}

/**
 * A copy of a network that predicts at once, without promises:
 *
 * ```ts
 * const predictor = createPredictor(await loadModel("runs/chapter/model.safetensors"));
 * const { class: digit, confidence } = predictor.predict(pixels); // A Uint8Array of 784 bytes.
 * ```
 *
 * It may be shared by all of a program: training the network further does not change it, and what it returns belongs to the caller and is
 * never written over. It cannot be sent to a worker, as functions cannot; send the bytes that `encodeModel` gives, and make a predictor of
 * what `decodeModel` makes of them, there. Each worker then computes for itself, and one thread for each is best: `selectBackend({ threads: 1 })`.
 *
 * The chapter's network, 784-50-10 in float32, answers for one image of bytes in 3.1 µs at the median and 5.4 µs at the 99th percentile, and
 * for one of numbers in 5.6 and 12 µs, as `npm run bench` measures it: by the native backend with AVX-512 on an Intel Xeon of the Rocket Lake
 * generation, two cores, nothing else running; the js backend takes 90 and 136 µs. So small a product is computed on the calling thread.
 * Where a layer has more than 300,000 weights, all threads of the backend share the work of one image, too.
 *
 * @param model A network, or one with its metadata, which have the names of classes.
 * @throws InvalidArgumentError when it is none, when there is no such option, or when `batchSize` is no whole number of at least 1.
 * @throws ModelFormatError when the metadata are not as `saveModel` writes them.
 */
export function createPredictor(
  model: MultilayerPerceptron | LoadedModel,
  options: PredictorOptions = {},
): Predictor {
  requireKnownOptions("createPredictor", options, OPTIONS, "{ batchSize: 256 }");
  const { network, metadata } = asModel(model);
  checkNetwork(network);
  return predictorOf({ network: copyOf(network), metadata }, options);
}

function asModel(model: MultilayerPerceptron | LoadedModel): LoadedModel {
  if (isOptions(model) && "network" in model)
    return { network: model.network, metadata: model.metadata ?? {} };
  return { network: model, metadata: {} };
}

function copyOf(network: MultilayerPerceptron): MultilayerPerceptron {
  const { dtype, backend } = network;
  const { inputs, layers, ...others } = network.specification;
  const copy = new MultilayerPerceptron({
    ...others,
    layers: [inputs, ...layers],
    dtype,
    backend,
    initializer: leaveZeros,
  });
  const learned = learnedTensors(network);
  for (const [i, { value }] of learnedTensors(copy).entries()) {
    assign(value, toArray((learned[i] as (typeof learned)[number]).value)); // Both have the same layers.
  }
  return copy;
}

/** As {@link createPredictor}, for a network that nobody else uses: it is not copied. */
export function predictorOf(model: LoadedModel, { batchSize = 256 }: PredictorOptions = {}): Predictor {
  expectWholeNumber("batchSize", batchSize);
  const { network } = model;
  const { inputs, outputs, dtype } = network;
  const isOfClasses = !learnsValues(model, "The model");
  const isSure = isOfClasses && hasConfidences(network);
  const classNames = isOfClasses ? classNamesOf(model, "The model") : null;
  const single = createRun(model, 1);
  const chosen = new Int32Array(1);
  /** Made when it is first needed. */
  let several: PredictorRun | undefined;

  return {
    inputs,
    outputs,
    learns: isOfClasses ? "classes" : "values",
    givesProbabilities: isOfClasses && givesProbabilities(network),
    classNames,
    valueNames: valueNamesOf(model, "The model"),
    imageShape: readsPixels(model, "The model") ? imageShapeOf(model, "The model") : null,

    predict(example, options = {}) {
      requireKnownOptions("predict", options, OUT_OPTIONS, "{ out }");
      const out = outputFor(options.out, outputs, dtype);
      const isBytes = isPixels(example);
      single.put(example, 0, isBytes, "the example");
      const result = single.compute(1, isBytes);
      out.set(result.data);
      if (!isOfClasses) return { class: null, name: null, confidence: null, outputs: out };
      chooseClasses(result, chosen);
      const predicted = chosen[0] as number;
      return {
        class: predicted,
        name: classNames?.[predicted] ?? null,
        confidence: isSure ? confidenceOf(out, 0, outputs) : null,
        outputs: out,
      };
    },

    predictBatch(examples, options = {}) {
      requireKnownOptions("predictBatch", options, OUT_OPTIONS, "{ out }");
      const { count, isBytes, at } = listed(examples, inputs);
      const out = outputFor(options.out, count * outputs, dtype);
      const classes = isOfClasses ? new Int32Array(count) : null;
      const confidences = isSure ? new Float64Array(count) : null;
      several ??= createRun(model, batchSize);
      for (let start = 0; start < count; start += batchSize) {
        const size = Math.min(batchSize, count - start);
        for (let i = 0; i < size; i++) several.put(at(start + i), i, isBytes, start + i);
        const result = several.compute(size, isBytes);
        out.set(result.data, start * outputs);
        if (classes !== null) chooseClasses(result, classes.subarray(start, start + size));
      }
      if (confidences !== null) {
        for (let i = 0; i < count; i++) confidences[i] = confidenceOf(out, i * outputs, outputs);
      }
      return { count, classes, confidences, outputs: out };
    },
  };
}

/** Several examples, one by one. */
function listed(examples: PredictorExamples, inputs: number) {
  if (Array.isArray(examples)) {
    const list: readonly PredictorExample[] = examples;
    return {
      count: list.length,
      isBytes: isPixels(list[0]),
      at: (row: number) => list[row] as PredictorExample,
    };
  }
  const isArray = isPixels(examples) || examples instanceof Float32Array || examples instanceof Float64Array;
  expectThat(isArray, "a list of examples, or one array with all of them,", "predictBatch", examples);
  const all = examples as Uint8Array | Uint8ClampedArray | FloatArray;
  if (all.length % inputs !== 0) {
    throw new ShapeError(
      `Expected ${inputs} numbers for each example, one after the other, but received ${all.length} in all.`,
    );
  }
  const at = (row: number): PredictorExample => all.subarray(row * inputs, (row + 1) * inputs);
  return { count: all.length / inputs, isBytes: isPixels(all), at };
}

function outputFor(out: FloatArray | undefined, length: number, dtype: "float32" | "float64"): FloatArray {
  const FloatArray = dtype === "float32" ? Float32Array : Float64Array;
  if (out === undefined) return new FloatArray(length);
  expectThat(out instanceof FloatArray, `a ${FloatArray.name}, as the network is ${dtype},`, "out", out);
  if (out.length !== length) {
    throw new ShapeError(`Expected room for ${length} outputs in out but received it for ${out.length}.`);
  }
  return out;
}

/** The largest output or, of a single one, that of its class. */
function confidenceOf(values: FloatArray, start: number, outputs: number): number {
  let largest = values[start] as number;
  if (outputs === 1) return Math.max(largest, 1 - largest);
  for (let k = 1; k < outputs; k++) largest = Math.max(largest, values[start + k] as number); // NaN stays.
  return largest;
}
