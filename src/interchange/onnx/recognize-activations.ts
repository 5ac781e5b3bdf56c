import { activation, affine, type Flow } from "./flow.js";

// Activations that programs write as several operators.

/** A value as another one times a number and plus a number. */
interface Multiple {
  readonly of: Flow;
  readonly scale: number;
  readonly offset: number;
}

/** No program takes more steps to halve a number or to add one to it. */
const MOST_STEPS = 4;

/** A value as multiples of what it is computed of, itself first. */
function multiplesOf(flow: Flow): readonly Multiple[] {
  const found: Multiple[] = [{ of: flow, scale: 1, offset: 0 }];
  let last = found[0];
  while (last?.of.kind === "affine" && found.length <= MOST_STEPS) {
    const { of, scale, offset } = last.of as Extract<Flow, { kind: "affine" }>;
    if (typeof scale !== "number" || typeof offset !== "number") break;
    last = { of, scale: last.scale * scale, offset: last.scale * offset + last.offset };
    found.push(last);
  }
  return found;
}

const isNear = (value: number, expected: number) => Math.abs(value - expected) <= 1e-5 * Math.abs(expected);

/** The silu x sigmoid(x) or the gelu x (1 + erf(x / sqrt 2)) / 2, in any order of their operators. */
export function productOf(a: Flow, b: Flow, label: string): Flow | undefined {
  return product(a, b, label) ?? product(b, a, label);
}

function product(x: Flow, other: Flow, label: string): Flow | undefined {
  if (other.kind === "activation" && other.activation === "sigmoid" && other.of === x) {
    return activation(x, label, "silu");
  }
  const sum = multiplesOf(other).find(({ of }) => of.kind === "part" && of.part === "erf");
  if (sum === undefined || sum.scale !== sum.offset) return undefined; // s (1 + erf(u))
  const arguments_ = multiplesOf(sum.of.of as Flow);
  for (const { of, scale, offset } of multiplesOf(x)) {
    const argument = arguments_.find((candidate) => candidate.of === of);
    if (argument === undefined || offset !== 0) continue;
    if (argument.offset !== 0 || !isNear(argument.scale, Math.SQRT1_2)) continue;
    const gelu = activation(of, label, "gelu");
    const factor = 2 * scale * sum.scale;
    return factor === 1 ? gelu : affine(gelu, label, { scale: factor, offset: 0 });
  }
  return undefined;
}

/** The x of 1 + exp(-x). */
export function argumentOfSigmoid(flow: Flow): Flow | undefined {
  const power = multiplesOf(flow).find(({ of }) => of.kind === "part" && of.part === "exp");
  if (power === undefined || power.scale !== 1 || power.offset !== 1) return undefined;
  return multiplesOf(power.of.of as Flow).find(({ scale, offset }) => scale === -1 && offset === 0)?.of;
}

/** The elu: x where x is above 0, else exp(x) - 1. */
export function choiceOf(condition: Flow, a: Flow, b: Flow, label: string): Flow | undefined {
  if (condition.kind !== "part") return undefined;
  if (condition.part !== "isPositive" && condition.part !== "isNotPositive") return undefined;
  const x = condition.of;
  const [above, below] = condition.part === "isPositive" ? [a, b] : [b, a];
  if (above !== x) return undefined;
  const power = multiplesOf(below).find(({ of }) => of.kind === "part" && of.part === "exp");
  if (power === undefined || power.scale !== 1 || power.offset !== -1) return undefined;
  const { of } = power.of;
  const isOfX = of === x || (of?.kind === "part" && of.part === "atMost0" && of.of === x);
  return isOfX ? activation(x, label, "elu") : undefined;
}
