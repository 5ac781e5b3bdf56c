import type { FloatArray } from "../../backend/backend.js";
import { InvalidArgumentError } from "../../errors.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { expectThat } from "../../system/expected.js";
import { requireKnownOptions } from "../../system/known-options.js";
import { describeModel, type ExportOptions } from "../model-description.js";
import { type Step, stepsOf } from "../steps.js";
import { javascriptModule } from "./javascript-module.js";

export interface ExportJavaScriptOptions extends ExportOptions {
  /**
   * What `predict` of the module takes: `bytes`, pixels from 0 to 255, or `numbers`, as the network itself reads them. Default: `bytes`
   * where the metadata tell the shape of images.
   */
  readonly input?: "numbers" | "bytes" | undefined;
}

/** Of base64 a third more, which is still a text that a program can hold. */
const MOST_BYTES = 2 ** 28;

/**
 * A network as a module of JavaScript that needs nothing else, for a browser, Deno, Node.js or a function at the edge. Its `predict` takes
 * an example and returns `{ class, name, probabilities }`, or `{ values }` where values are learned; comments in it tell types to
 * TypeScript and editors. It evaluates no text as code, so a page with a strict content security policy takes it.
 *
 * @returns The text of the module.
 * @throws InvalidArgumentError when this is no network, when the metadata are no texts, or when the network's numbers take more than 256 MB.
 * @throws ModelFormatError when the metadata are not as `saveModel` writes them.
 */
export function exportJavaScript(
  network: MultilayerPerceptron,
  options: ExportJavaScriptOptions = {},
): string {
  requireKnownOptions("exportJavaScript", options, { metadata: true, input: true }, '{ input: "bytes" }');
  const { metadata, input } = options;
  const known = input === undefined || input === "numbers" || input === "bytes";
  expectThat(known, '"numbers" or "bytes"', "input", input);
  const description = describeModel(network, { metadata });
  const { steps, dtype, ...sizes } = stepsOf(network);
  const numbers = steps.flatMap(numbersOf);
  return javascriptModule(steps, {
    ...sizes,
    dtype,
    description,
    input: input ?? (description.imageShape === null ? "numbers" : "bytes"),
    numbers: toBase64(numbers),
  });
}

/** In the order in which the module takes them. */
function numbersOf(step: Step): readonly FloatArray[] {
  switch (step.kind) {
    case "linear":
      return [step.weight, step.bias];
    case "normalization": {
      const { gamma, beta, mean, variance, epsilon } = step;
      const scale = (j: number) => at(gamma, j) / Math.sqrt(at(variance, j) + epsilon);
      return [gamma.map((_, j) => scale(j)), beta.map((value, j) => value - at(mean, j) * scale(j))];
    }
    case "standardization": {
      const { mean, deviation } = step;
      return [deviation.map((value) => 1 / value), mean.map((value, j) => -value / at(deviation, j))];
    }
    case "residual":
      return step.steps.flatMap(numbersOf);
    case "activation":
      return [];
  }
}

/** A number that is there: all arrays of a step have one for each column. */
function at(numbers: FloatArray, j: number): number {
  return numbers[j] as number;
}

/** The numbers of all arrays, little-endian, as every machine that this package is built for has them. */
function toBase64(arrays: readonly FloatArray[]): string {
  const bytes = arrays.map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength));
  const length = bytes.reduce((sum, part) => sum + part.length, 0);
  if (length > MOST_BYTES) {
    throw new InvalidArgumentError(
      `Expected a network whose numbers take at most ${MOST_BYTES / 2 ** 20} MB for a module of JavaScript but received one of ${Math.ceil(length / 2 ** 20)} MB; export it to ONNX.`,
    );
  }
  return Buffer.concat(bytes).toString("base64");
}
