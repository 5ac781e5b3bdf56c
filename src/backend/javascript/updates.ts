import type { FloatArray } from "../float-array.js";
import type {
  AddPenaltyArguments,
  LimitNormsArguments,
  SumOfSquaresArguments,
  UpdateArguments,
  UpdateOperations,
  UpdateRule,
} from "../operations/updates.js";

type Rule = (p: FloatArray, m: FloatArray, v: FloatArray, c: Float64Array, step: StepTerms) => void;

interface StepTerms {
  readonly gradient: FloatArray;
  readonly gradientScale: number;
  readonly clip: number;
  readonly decay: number;
}

/** The formulas of `UPDATE_RULES`. A slot that a rule does not keep is empty. */
const rules: Readonly<Record<UpdateRule, Rule>> = {
  descent(p, _m, _v, c, step) {
    const [rate] = c as unknown as Coefficients;
    for (let i = 0; i < p.length; i++) {
      p[i] = kept(p, i, step) - rate * limited(step, i);
    }
  },
  momentum(p, m, _v, c, step) {
    const [rate, share] = c as unknown as Coefficients;
    for (let i = 0; i < p.length; i++) {
      const velocity = share * (m[i] as number) + limited(step, i);
      m[i] = velocity;
      p[i] = kept(p, i, step) - rate * velocity;
    }
  },
  nesterov(p, m, _v, c, step) {
    const [rate, share] = c as unknown as Coefficients;
    for (let i = 0; i < p.length; i++) {
      const g = limited(step, i);
      const velocity = share * (m[i] as number) + g;
      m[i] = velocity;
      p[i] = kept(p, i, step) - rate * (g + share * velocity);
    }
  },
  rmsprop(p, _m, v, c, step) {
    const [rate, , secondShare, , epsilon] = c as unknown as Coefficients;
    for (let i = 0; i < p.length; i++) {
      const g = limited(step, i);
      const square = moved(v[i] as number, g * g, secondShare);
      v[i] = square;
      p[i] = kept(p, i, step) - (rate * g) / (Math.sqrt(square) + epsilon);
    }
  },
  adagrad(p, _m, v, c, step) {
    const [rate, , , , epsilon] = c as unknown as Coefficients;
    for (let i = 0; i < p.length; i++) {
      const g = limited(step, i);
      const square = (v[i] as number) + g * g;
      v[i] = square;
      p[i] = kept(p, i, step) - (rate * g) / (Math.sqrt(square) + epsilon);
    }
  },
  adam(p, m, v, c, step) {
    const [rate, firstShare, secondShare, rootScale, epsilon] = c as unknown as Coefficients;
    for (let i = 0; i < p.length; i++) {
      const g = limited(step, i);
      const mean = moved(m[i] as number, g, firstShare);
      const square = moved(v[i] as number, g * g, secondShare);
      m[i] = mean;
      v[i] = square;
      p[i] = kept(p, i, step) - (rate * mean) / (rootScale * Math.sqrt(square) + epsilon);
    }
  },
  nadam(p, m, v, c, step) {
    const [rate, firstShare, secondShare, rootScale, epsilon, firstWeight] = c as unknown as Coefficients;
    for (let i = 0; i < p.length; i++) {
      const g = limited(step, i);
      const mean = moved(m[i] as number, g, firstShare);
      const square = moved(v[i] as number, g * g, secondShare);
      m[i] = mean;
      v[i] = square;
      const direction = g + firstWeight * mean;
      p[i] = kept(p, i, step) - (rate * direction) / (rootScale * Math.sqrt(square) + epsilon);
    }
  },
  lion(p, m, _v, c, step) {
    const [rate, firstShare, secondShare] = c as unknown as Coefficients;
    for (let i = 0; i < p.length; i++) {
      const g = limited(step, i);
      const mean = m[i] as number;
      p[i] = kept(p, i, step) - rate * Math.sign(moved(mean, g, firstShare));
      m[i] = moved(mean, g, secondShare);
    }
  },
};

/** In the order of `UPDATE_COEFFICIENTS`. */
type Coefficients = readonly [
  step: number,
  firstShare: number,
  secondShare: number,
  rootScale: number,
  epsilon: number,
  firstWeight: number,
];

/** The running mean of which x becomes this share. */
function moved(mean: number, x: number, share: number): number {
  return mean + (x - mean) * share;
}

/** What weight decay leaves of a parameter. */
function kept(p: FloatArray, i: number, { decay }: StepTerms): number {
  return (p[i] as number) - decay * (p[i] as number);
}

/** The gradient, scaled and limited; NaN stays NaN. */
function limited({ gradient, gradientScale, clip }: StepTerms, i: number): number {
  const g = gradientScale * (gradient[i] as number);
  return g > clip ? clip : g < -clip ? -clip : g;
}

const none = new Float64Array(0);

function update(args: UpdateArguments): void {
  const { rule, parameter, first, second, coefficients } = args;
  rules[rule](parameter, first ?? none, second ?? none, coefficients, args);
}

function addPenalty({ parameter, gradient, l2, l1 }: AddPenaltyArguments): void {
  for (let i = 0; i < parameter.length; i++) {
    const p = parameter[i] as number;
    gradient[i] = (gradient[i] as number) + l2 * p + l1 * Math.sign(p);
  }
}

function sumOfSquares({ x, totals }: SumOfSquaresArguments): void {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    sum += (x[i] as number) * (x[i] as number);
  }
  totals[0] = (totals[0] as number) + sum;
}

function limitNorms({ weight, inputs, ldw, units, most }: LimitNormsArguments): void {
  for (let j = 0; j < units; j++) {
    let sum = 0;
    for (let p = 0; p < inputs; p++) sum += (weight[p * ldw + j] as number) ** 2;
    const norm = Math.sqrt(sum);
    if (!(norm > most)) continue;
    const factor = most / norm;
    for (let p = 0; p < inputs; p++) weight[p * ldw + j] = (weight[p * ldw + j] as number) * factor;
  }
}

export const updates: UpdateOperations = { update, addPenalty, sumOfSquares, limitNorms };
