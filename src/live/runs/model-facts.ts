import { setImmediate as rest } from "node:timers/promises";
import { selectBackend } from "../../backend/select.js";
import { lossNames } from "../../nn/losses/loss-names.js";
import { asShape } from "../../runs/recorded-data.js";
import { decodeModelInPieces } from "../../training/model-file.js";
import type { RunSummary } from "../protocol.js";
import { settingInWords } from "./words.js";

type ModelFacts = Pick<
  RunSummary,
  "network" | "dataset" | "loss" | "epochs" | "epoch" | "readsImages" | "settings"
>;

/** Settings that a model tells, in words, in the order in which they are shown. */
const SETTINGS = {
  dataset: "Data set",
  split: "Split",
  optimizer: "Optimizer",
  epochs: "Epochs",
  batchSize: "Batch size",
  learningRate: "Learning rate",
  seed: "Seed of weights and shuffling",
  version: "mnist-native",
} as const;

/**
 * What a model that came without its run's folder says of itself.
 *
 * @param path For messages.
 * @throws ModelFormatError when it is none of this program.
 */
export async function modelFacts(bytes: Uint8Array, path: string): Promise<ModelFacts> {
  // Nothing is computed by it, so that the addon need not be loaded. The pages of trainings are served meanwhile.
  const options = { name: path, backend: selectBackend({ backend: "js" }) };
  const { network, metadata } = await decodeModelInPieces(bytes, options, () => rest());
  const { dataset, imageShape, epochs } = metadata;
  const count = Number(epochs ?? "0");
  const words = Object.entries(SETTINGS).flatMap(([key, name]) => {
    const value = metadata[key];
    return value === undefined ? [] : [[name, settingInWords(typeOf(value))] as const];
  });
  return {
    network: network.sizes.join("-"),
    dataset: dataset === undefined ? null : settingInWords(dataset),
    loss: lossNames(network.loss).short,
    epochs: Number.isInteger(count) ? count : 0,
    epoch: Number.isInteger(count) ? count : 0,
    readsImages: network.outputs > 1 && asShape(parsed(imageShape)) !== undefined,
    settings: { Layers: network.sizes.join("-"), ...Object.fromEntries(words) },
  };
}

/** Metadata have an object with its `type` where a setting has options. */
function typeOf(text: string): string {
  const value = parsed(text);
  const { type } = (typeof value === "object" && value !== null ? value : {}) as { readonly type?: unknown };
  return typeof type === "string" ? type : text;
}

/** A value of metadata other than a text is JSON; `undefined` of a text. */
function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
