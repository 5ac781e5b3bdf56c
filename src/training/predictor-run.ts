import type { FloatArray } from "../backend/backend.js";
import { imageFormat } from "../data/features.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { show } from "../system/expected.js";
import { kindOf } from "../system/known-options.js";
import { imageRows, type LayerInput } from "../tensor/layer-input.js";
import { firstRows, type Tensor, zeros } from "../tensor/tensor.js";
import type { LoadedModel } from "./model-file.js";
import { readsTable } from "./model-metadata.js";

/**
 * An example, [n_inputs]: bytes are the pixels of an image, 0 to 255, and are scaled as those that the network has learned from; anything
 * else is numbers as the network takes them.
 */
export type PredictorExample = Uint8Array | Uint8ClampedArray | ArrayLike<number>;

/** Memory for up to so many examples, and the pass over them. */
export interface PredictorRun {
  /** Copies an example in, so that nothing of the caller's is read later. @param whose Its row in a batch, or what a message calls it. */
  put(example: PredictorExample, row: number, isBytes: boolean, whose: number | string): void;
  /** @returns [n_examples, n_outputs], valid until the next pass. */
  compute(count: number, isBytes: boolean): Tensor;
}

export function createRun(model: LoadedModel, rows: number): PredictorRun {
  const { network } = model;
  const { inputs, dtype, backend } = network;
  const slots = network.createSlots(rows, { training: false });
  const isOfTable = readsTable(model);
  // The two kinds of input, made when they are first needed.
  let pixels: Uint8Array | undefined;
  let numbers: Tensor | undefined;
  const views = { bytes: new Map<number, LayerInput>(), numbers: new Map<number, LayerInput>() };
  const inputFor = (count: number, isBytes: boolean): LayerInput => {
    const ofKind = isBytes ? views.bytes : views.numbers;
    let view = ofKind.get(count);
    if (view === undefined) {
      view = isBytes
        ? imageRows({
            ...imageFormat([1, inputs]),
            images: pixels as Uint8Array, // put has made it.
            rows: Int32Array.from({ length: count }, (_, row) => row),
          })
        : firstRows(numbers as Tensor, count);
      ofKind.set(count, view);
    }
    return view;
  };
  return {
    put(example, row, isBytes, whose) {
      if (isPixels(example) !== isBytes) throw mixed(whose);
      requireLength(example, inputs, whose);
      if (isBytes) {
        if (isOfTable) throw notBytes(example, whose);
        pixels ??= new Uint8Array(rows * inputs);
        pixels.set(example, row * inputs);
      } else {
        numbers ??= zeros([rows, inputs], { dtype, backend });
        putNumbers(example, numbers.data, row * inputs, whose);
      }
    },
    compute: (count, isBytes) => network.forward(inputFor(count, isBytes), slots).at(-1) as Tensor, // There is at least one layer.
  };
}

function putNumbers(
  example: ArrayLike<number>,
  data: FloatArray,
  start: number,
  whose: number | string,
): void {
  for (let j = 0; j < example.length; j++) {
    const value = example[j] as number; // j is below its length.
    data[start + j] = value;
    // What is converted is looked at, as a number may be too large for its type.
    if (typeof value === "number" && Number.isFinite(data[start + j])) continue;
    throw new InvalidArgumentError(
      `Expected finite numbers for ${nameOf(whose)} but received ${show(value)} as number ${j}.`,
    );
  }
}

export function isPixels(example: unknown): example is Uint8Array | Uint8ClampedArray {
  return example instanceof Uint8Array || example instanceof Uint8ClampedArray;
}

function requireLength(example: PredictorExample, inputs: number, whose: number | string): void {
  if (example?.length === inputs && typeof example !== "string") return;
  const isList = typeof example === "object" && example !== null && typeof example.length === "number";
  throw new ShapeError(
    `Expected ${inputs} numbers, one for each input of the network, for ${nameOf(whose)} but received ${isList ? example.length : show(example)}.`,
  );
}

/** @param whose The row in a batch, or what a message calls the example. */
function nameOf(whose: number | string): string {
  return typeof whose === "number" ? `row ${whose}` : whose;
}

function notBytes(example: PredictorExample, whose: number | string): InvalidArgumentError {
  return new InvalidArgumentError(
    `Expected numbers, such as a Float64Array, for ${nameOf(whose)}, because the model reads a table, but received ${kindOf(example)}, which is for the pixels of an image.`,
  );
}

function mixed(whose: number | string): InvalidArgumentError {
  return new InvalidArgumentError(
    `Expected examples of one kind, bytes or numbers, but ${nameOf(whose)} is of another kind than row 0.`,
  );
}
