import { denominator, farthest, numerator } from "../../backend/javascript/normal-tail.js";
import type { Step } from "../steps.js";

// Functions of a generated module, each whole by itself; a module has those that its network needs.

type ArrayName = "Float32Array" | "Float64Array";

/** The functions that the steps need, as texts. */
export function neededParts(steps: readonly Step[], array: ArrayName): readonly string[] {
  const names = new Set(namesOf(steps));
  const activations = Object.entries(ACTIVATIONS).filter(([name]) => names.has(name));
  return [
    linear(array),
    ...(names.has("scale") ? [SCALE] : []),
    ...(names.has("residual") ? [residual(array)] : []),
    ...(activations.length > 0 ? [EACH] : []),
    ...activations.map(([, source]) => source),
    ...(names.has("softmax") ? [SOFTMAX] : []),
    reader(array),
  ];
}

function namesOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => {
    switch (step.kind) {
      case "linear":
        return [];
      case "activation":
        return [step.activation];
      case "residual":
        return ["residual", ...namesOf(step.steps)];
      default:
        return ["scale"];
    }
  });
}

const linear = (array: ArrayName) => `/**
 * W x + b, with W row by row.
 *
 * @param {(count: number) => Numbers} take
 * @param {number} width
 * @param {number} units
 * @returns {Layer}
 */
function linear(take, width, units) {
  const weight = take(units * width);
  const bias = take(units);
  const output = new ${array}(units);
  return (x) => {
    let w = 0;
    for (let unit = 0; unit < units; unit++) {
      // Four sums, as a processor adds to one while it is still adding to another.
      let a = bias[unit];
      let b = 0;
      let c = 0;
      let d = 0;
      let i = 0;
      for (; i + 3 < width; i += 4, w += 4) {
        a += weight[w] * x[i];
        b += weight[w + 1] * x[i + 1];
        c += weight[w + 2] * x[i + 2];
        d += weight[w + 3] * x[i + 3];
      }
      for (; i < width; i++, w++) a += weight[w] * x[i];
      output[unit] = a + b + (c + d);
    }
    return output;
  };
}`;

const SCALE = `/**
 * x * factor + offset, column by column, in place.
 *
 * @param {(count: number) => Numbers} take
 * @param {number} units
 * @returns {Layer}
 */
function scale(take, units) {
  const factor = take(units);
  const offset = take(units);
  return (x) => {
    for (let i = 0; i < units; i++) x[i] = x[i] * factor[i] + offset[i];
    return x;
  };
}`;

const residual = (array: ArrayName) => `/**
 * x + block(x)
 *
 * @param {number} units
 * @param {Layer[]} block
 * @returns {Layer}
 */
function residual(units, block) {
  const output = new ${array}(units);
  return (x) => {
    output.set(x); // The block may write over x.
    let y = x;
    for (const layer of block) y = layer(y);
    for (let i = 0; i < units; i++) output[i] += y[i];
    return output;
  };
}`;

const EACH = `/**
 * f(x), number by number, in place.
 *
 * @param {(x: number) => number} f
 * @returns {Layer}
 */
function each(f) {
  return (x) => {
    for (let i = 0; i < x.length; i++) x[i] = f(x[i]);
    return x;
  };
}`;

function ofNumber(comment: string, name: string, body: string): string {
  return `/**
 * ${comment}
 *
 * @param {number} x
 */
function ${name}(x) {
${body}
}`;
}

const POLYNOMIAL = `/**
 * @param {number[]} coefficients From that of t to the power of 0 on.
 * @param {number} t
 */
function polynomial(coefficients, t) {
  return coefficients.reduceRight((sum, coefficient) => sum * t + coefficient, 0);
}`;

const ACTIVATIONS: Readonly<Record<string, string>> = {
  sigmoid: ofNumber("1 / (1 + exp(-x))", "sigmoid", "  return 1 / (1 + Math.exp(-x));"),
  tanh: ofNumber("The hyperbolic tangent.", "tanh", "  return Math.tanh(x);"),
  relu: ofNumber("max(0, x)", "relu", "  return x <= 0 ? 0 : x;"),
  leakyRelu: ofNumber("x, and a hundredth of it below 0.", "leakyRelu", "  return x > 0 ? x : 0.01 * x;"),
  elu: ofNumber("x, and exp(x) - 1 below 0.", "elu", "  return x > 0 ? x : Math.expm1(x);"),
  gelu: `// The tail of the normal distribution, Φ(-t) exp(t² / 2), as a ratio of polynomials in t.
const NUMERATOR = [
  ${numerator.join(",\n  ")},
];
const DENOMINATOR = [
  ${denominator.join(",\n  ")},
];

${ofNumber(
  "x Φ(x), where Φ is the normal distribution's.",
  "gelu",
  `  const t = Math.min(Math.abs(x), ${farthest});
  const ratio = polynomial(NUMERATOR, t) / polynomial(DENOMINATOR, t);
  const tail = t * ratio * Math.exp(-0.5 * t * t);
  return x < 0 ? -tail : x - tail;`,
)}

${POLYNOMIAL}`,
  silu: ofNumber("x / (1 + exp(-x))", "silu", "  return x / (1 + Math.exp(-x));"),
};

const SOFTMAX = `/**
 * exp(x) divided by the sum of all, in place; the largest x is taken from each first, so that none overflows.
 *
 * @type {Layer}
 */
function softmax(x) {
  const most = x.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    x[i] = Math.exp(x[i] - most);
    sum += x[i];
  }
  for (let i = 0; i < x.length; i++) x[i] /= sum;
  return x;
}`;

const reader = (array: ArrayName) => {
  const bits = array.slice(5, 7);
  return `/**
 * Gives the numbers in a text one after the other: base64 of ${bits} bits each, little-endian.
 *
 * @param {string} text
 * @returns {(count: number) => Numbers}
 */
function reader(text) {
  const data = atob(text); // It passes over the ends of lines.
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = data.charCodeAt(i);
  const view = new DataView(bytes.buffer);
  let at = 0;
  return (count) => {
    const numbers = new ${array}(count);
    for (let i = 0; i < count; i++, at += ${Number(bits) / 8}) numbers[i] = view.getFloat${bits}(at, true);
    return numbers;
  };
}`;
};
