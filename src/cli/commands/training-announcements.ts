import type { Backend } from "../../backend/backend.js";
import type { FeatureFormat } from "../../data/features.js";
import type { OpenData } from "../../data/open-data.js";
import { exampleCount } from "../../data/stream.js";
import type { Layer } from "../../nn/layer.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { networkTable } from "../network-table.js";
import { print } from "../process.js";

/** Prints how many examples there are of what. */
export function announceData({ train, validation, test }: OpenData["parts"]) {
  const [n, nValidation, nTest] = [train, validation, test].map((part) =>
    exampleCount(part).toLocaleString("en"),
  );
  print(
    `Data: ${n} training, ${nValidation} validation and ${nTest} test ${kindOfExamples(train.features)}.`,
  );
}

/**
 * Prints what a network is and what computes it, and its layers as a table where that is asked for or the line does not tell them.
 *
 * @param ranks How many processes train it together.
 */
export async function announceNetwork(
  network: MultilayerPerceptron,
  backend: Backend,
  ranks = 1,
  summary = network.layers.some((layer) => !isPlainLayer(layer)),
): Promise<void> {
  const threads = backend.threads === 1 ? "1 thread" : `${backend.threads} threads`;
  const processes = ranks === 1 ? "" : `${ranks} processes of `;
  print(
    `Network: ${network.sizes.join("-")}, ${network.dtype}, ${backend.name} backend (${backend.kernelSet}, ${processes}${threads}).`,
  );
  if (summary) for (const line of await networkTable(network.summary())) print(line);
}

/** As a sentence on the data ends. */
export function kindOfExamples(features: FeatureFormat): string {
  if (features.kind === "floats") return `rows of ${features.width} numbers`;
  const [height, width] = features.imageShape;
  return `images of ${height} x ${width} pixels`;
}

/** Whether the line of units tells all of it. */
function isPlainLayer({ specification: { type } }: Layer): boolean {
  return type === "dense" || type === "standardize";
}
