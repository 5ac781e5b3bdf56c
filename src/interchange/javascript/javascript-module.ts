import type { DType } from "../../backend/backend.js";
import { imageFormat } from "../../data/features.js";
import type { ModelDescription } from "../model-description.js";
import { inputNames, literalList, outputNames } from "../source-text.js";
import type { Step } from "../steps.js";
import { neededParts } from "./javascript-parts.js";

// The text of a module that computes what a network does. What a reader wants to know stands first: what goes in, what comes out, and
// the layers; the numbers stand last.

export interface JavaScriptModuleOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly dtype: DType;
  readonly description: ModelDescription;
  readonly input: "numbers" | "bytes";
  /** All numbers of the steps, in base64. */
  readonly numbers: string;
}

const LIST = { language: "javascript", width: 110 } as const;
/** Base64 in lines of so many characters; `atob` passes over their ends. */
const LINES = /.{1,108}/g;

export function javascriptModule(steps: readonly Step[], options: JavaScriptModuleOptions): string {
  const { inputs, outputs, dtype, description, input, numbers } = options;
  const array = dtype === "float32" ? "Float32Array" : "Float64Array";
  const parts = [
    `// A multilayer perceptron of ${inputs} inputs and ${outputs} ${outputs === 1 ? "output" : "outputs"}, exported by mnist-native. This file is all that it takes:
// it runs in browsers, Deno, Node.js and at the edge, fetches nothing, and evaluates no text as code.
//
//   import { predict } from "../model.js";
//   const { ${description.learns === "values" ? "values" : "name"} } = predict(${input === "bytes" ? "pixels" : "numbers"});`,
    ...constants(options),
    predict(steps, options),
    forward(options),
    createLayers(steps, inputs),
    input === "bytes" ? readBytes(options) : READ_NUMBERS,
    ...neededParts(steps, array),
    `/**
 * @typedef {${array}} Numbers
 * @typedef {(x: Numbers) => Numbers} Layer Some write over x.
 */

const input = new ${array}(inputs);
const layers = createLayers(
  reader(\`
${(numbers.match(LINES) ?? []).join("\n")}
  \`),
);`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function constants({ inputs, outputs, description, input }: JavaScriptModuleOptions): readonly string[] {
  const { imageShape, learns } = description;
  const columns = inputNames(description, inputs);
  const ofOutputs =
    learns === "values"
      ? ["/** What the values are called that `predict` gives. */", "valueNames"]
      : ["/** What the classes are called. */", "classNames"];
  const names = literalList(`export const ${ofOutputs[1]} = `, outputNames(description, outputs), LIST);
  return [
    `/** How many ${input === "bytes" ? "pixels" : "numbers"} \`predict\` takes. */\nexport const inputs = ${inputs};`,
    ...(imageShape === null
      ? []
      : [
          `/** Height and width of an image, whose pixels are taken row by row. */\nexport const imageShape = [${imageShape.join(", ")}];`,
        ]),
    ...(columns === null
      ? []
      : [
          `/** What the numbers are called that \`predict\` takes; one called \`column=category\` is 1 in this category, else 0. */\n${literalList("export const inputNames = ", columns, LIST)};`,
        ]),
    `${ofOutputs[0]}\n${names};`,
  ];
}

function predict(
  steps: readonly Step[],
  { inputs, outputs, description, input }: JavaScriptModuleOptions,
): string {
  const taken =
    input === "bytes"
      ? ["pixels", `${inputs} whole numbers from 0 to 255, such as a Uint8Array.`]
      : [
          "numbers",
          description.imageShape === null
            ? `${inputs} finite numbers${inputNames(description, inputs) === null ? "" : ", in the order of `inputNames`"}.`
            : `${inputs} numbers, as the network reads them: pixels from -1 to 1.`,
        ];
  const takes = ` * @param {ArrayLike<number>} ${taken[0]} ${taken[1]}`;
  const throws = ` * @throws {TypeError | RangeError} When it is given something else.`;
  if (description.learns === "values") {
    return `/**
 * What the network expects of an example.
 *
${takes}
 * @returns {{ values: number[] }} In the order of \`valueNames\`.
${throws}
 */
export function predict(${taken[0]}) {
  return { values: Array.from(forward(${taken[0]})) };
}`;
  }
  const last = steps.at(-1);
  const isProbability = last?.kind === "activation" && ["softmax", "sigmoid"].includes(last.activation);
  const list = isProbability ? "probabilities" : "outputs";
  const of = {
    probabilities:
      last?.kind === "activation" && last.activation === "sigmoid" && outputs > 1
        ? "a number from 0 to 1 for each class; they need not add up to 1."
        : "the probability of each class.",
    outputs: "the network's outputs, which are no probabilities.",
  }[list];
  const choice =
    outputs === 1
      ? isProbability
        ? `  const [probability] = forward(${taken[0]});
  const best = probability >= 0.5 ? 1 : 0;
  const probabilities = [1 - probability, probability];`
        : `  const outputs = Array.from(forward(${taken[0]}));
  const best = outputs[0] >= 0.5 ? 1 : 0;`
      : `  const ${list} = Array.from(forward(${taken[0]}));
  let best = 0;
  for (let i = 1; i < ${list}.length; i++) if (${list}[i] > ${list}[best]) best = i;`;
  return `/**
 * The class of an example.
 *
${takes}
 * @returns {{ class: number, name: string, ${list}: number[] }} The class, counted from 0; what it is called; and
 *   ${of}
${throws}
 */
export function predict(${taken[0]}) {
${choice}
  return { class: best, name: classNames[best], ${list} };
}`;
}

function forward({ input }: JavaScriptModuleOptions): string {
  const [name, read] = input === "bytes" ? ["pixels", "readPixels"] : ["numbers", "readNumbers"];
  return `/**
 * The network's outputs, as \`predict\` takes them. The array is the network's own, and the next call writes over it.
 *
 * @param {ArrayLike<number>} ${name}
 * @returns {Numbers}
 */
export function forward(${name}) {
  let x = ${read}(${name});
  for (const layer of layers) x = layer(x);
  return x;
}`;
}

function createLayers(steps: readonly Step[], inputs: number): string {
  return `/**
 * The network's layers, each with how many numbers come out of it.
 *
 * @param {(count: number) => Numbers} take Gives the next of the numbers that the network has learned.
 * @returns {Layer[]}
 */
function createLayers(take) {
  return [
${listed(steps, inputs, "    ").lines}  ];
}`;
}

/** A line for each step, and how many numbers come out of the last. */
function listed(
  steps: readonly Step[],
  inputs: number,
  indent: string,
): { readonly lines: string; readonly units: number } {
  let lines = "";
  let units = inputs;
  for (const step of steps) {
    if (step.kind === "residual") {
      const { lines: block } = listed(step.steps, units, `${indent}  `);
      lines += `${indent}residual(${units}, [\n${block}${indent}]), // [${units}]\n`;
      continue;
    }
    if (step.kind === "linear") {
      lines += `${indent}linear(take, ${units}, ${step.units}), // [${units}] -> [${step.units}]\n`;
      units = step.units;
    } else if (step.kind === "activation") {
      const { activation } = step;
      lines += `${indent}${activation === "softmax" ? activation : `each(${activation})`}, // [${units}]\n`;
    } else {
      lines += `${indent}scale(take, ${units}), // [${units}], ${step.kind === "normalization" ? "batch normalisation" : "standardisation"}\n`;
    }
  }
  return { lines, units };
}

/** Bytes are checked one by one: what was scaled before would give a wrong answer, and no error. */
function readBytes({ inputs, description }: JavaScriptModuleOptions): string {
  const { scale, offset } = imageFormat([1, inputs]);
  const ofCanvas =
    description.imageShape === null
      ? ""
      : `
  if (pixels.length === 4 * inputs) {
    throw new RangeError(
      \`Expected one number for each of \${inputs} pixels but received four, as a canvas gives; take one of each four.\`,
    );
  }`;
  return `/**
 * Pixels from 0 to 255 as the network reads them, from -1 to 1.
 *
 * @param {ArrayLike<number>} pixels
 * @returns {Numbers}
 */
function readPixels(pixels) {
  if (pixels === null || typeof pixels !== "object" || typeof pixels.length !== "number") {
    const kind = pixels === null ? "null" : typeof pixels;
    throw new TypeError(\`Expected an array of \${inputs} pixels but received \${kind}.\`);
  }${ofCanvas}
  if (pixels.length !== inputs) {
    throw new RangeError(\`Expected \${inputs} pixels but received \${pixels.length}.\`);
  }
  for (let i = 0; i < inputs; i++) {
    const pixel = pixels[i];
    if (typeof pixel !== "number") {
      throw new TypeError(\`Expected numbers for pixels but pixel \${i} is of type \${typeof pixel}.\`);
    }
    if (!(pixel >= 0 && pixel <= 255 && Number.isInteger(pixel))) {
      throw new RangeError(\`Expected whole numbers from 0 to 255 for pixels but pixel \${i} is \${pixel}.\`);
    }
    input[i] = pixel * ${scale} ${offset < 0 ? "-" : "+"} ${Math.abs(offset)};
  }
  return input;
}`;
}

const READ_NUMBERS = `/**
 * @param {ArrayLike<number>} numbers
 * @returns {Numbers}
 */
function readNumbers(numbers) {
  if (numbers === null || typeof numbers !== "object" || typeof numbers.length !== "number") {
    const kind = numbers === null ? "null" : typeof numbers;
    throw new TypeError(\`Expected an array of \${inputs} numbers but received \${kind}.\`);
  }
  if (numbers.length !== inputs) {
    throw new RangeError(\`Expected \${inputs} numbers but received \${numbers.length}.\`);
  }
  for (let i = 0; i < inputs; i++) {
    const number = numbers[i];
    if (typeof number !== "number") {
      throw new TypeError(\`Expected numbers but number \${i} is of type \${typeof number}.\`);
    }
    if (!Number.isFinite(number)) {
      throw new RangeError(\`Expected finite numbers but number \${i} is \${number}.\`);
    }
    input[i] = number;
  }
  return input;
}`;
