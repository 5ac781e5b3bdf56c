import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Backend, DType, FloatArray } from "../../../src/backend/backend.js";
import {
  UPDATE_RULES,
  type UpdateArguments,
  type UpdateRule,
} from "../../../src/backend/operations/updates.js";
import { wholeLines } from "../../../src/tensor/tensor.js";
import { floats, GuardedMemory, randomFloats, sameBytes } from "../../support/guarded-memory.js";
import { expectClose } from "../../support/reference.js";

const RULES = Object.keys(UPDATE_RULES) as UpdateRule[];
// Every remainder of any vector's width, and sizes that are split among threads.
const lengths = [...Array(70).keys(), 255, 1000, 16_384, 40_007];
const units = { float32: 2 ** -24, float64: 2 ** -53 } as const;

/** step, firstShare, secondShare, rootScale, epsilon, firstWeight; all exact in float32. */
const COEFFICIENTS = Float64Array.of(0.125, 0.25, 0.0625, 1.5, 2 ** -20, 0.75);
const TERMS = { gradientScale: 0.5, clip: 0.375, decay: 0.03125 } as const;

interface State {
  readonly parameter: FloatArray;
  readonly gradient: FloatArray;
  readonly first: FloatArray | null;
  readonly second: FloatArray | null;
}

/** Numbers for each array that a rule has. */
export function updateState(rule: UpdateRule, dtype: DType, length: number): State {
  const { first, second } = UPDATE_RULES[rule];
  return {
    parameter: randomFloats(dtype, length, 1),
    gradient: randomFloats(dtype, length, 2),
    first: first ? randomFloats(dtype, length, 3) : null,
    second: second ? randomFloats(dtype, length, 4).map(Math.abs) : null,
  };
}

/** What the rules say, for one element, in double. */
function referenceUpdate(
  rule: UpdateRule,
  p0: number,
  g0: number,
  m: number,
  v: number,
  terms: typeof TERMS,
) {
  const [step = 0, firstShare = 0, secondShare = 0, rootScale = 0, epsilon = 0, firstWeight = 0] =
    COEFFICIENTS;
  const scaled = terms.gradientScale * g0;
  const g = Number.isNaN(scaled) ? scaled : Math.min(Math.max(scaled, -terms.clip), terms.clip);
  const p = (1 - terms.decay) * p0;
  const movedM = (1 - firstShare) * m + firstShare * g;
  const movedV = (1 - secondShare) * v + secondShare * g ** 2;
  const velocity = firstShare * m + g;
  switch (rule) {
    case "descent":
      return [p - step * g, m, v];
    case "momentum":
      return [p - step * velocity, velocity, v];
    case "nesterov":
      return [p - step * (g + firstShare * velocity), velocity, v];
    case "rmsprop":
      return [p - (step * g) / (Math.sqrt(movedV) + epsilon), m, movedV];
    case "adagrad":
      return [p - (step * g) / (Math.sqrt(v + g ** 2) + epsilon), m, v + g ** 2];
    case "adam":
      return [p - (step * movedM) / (rootScale * Math.sqrt(movedV) + epsilon), movedM, movedV];
    case "nadam": {
      const direction = g + firstWeight * movedM;
      return [p - (step * direction) / (rootScale * Math.sqrt(movedV) + epsilon), movedM, movedV];
    }
    case "lion":
      return [p - step * Math.sign(movedM), (1 - secondShare) * m + secondShare * g, v];
  }
}

export function describeUpdates(backend: () => Backend, dtype: DType): void {
  /** A few roundings of what each result is the sum of. Divisors are at least `epsilon`. */
  const check = (rule: UpdateRule, length: number, terms = TERMS) => {
    const { parameter, gradient, first, second } = updateState(rule, dtype, length);
    const expected = Array.from(parameter, (p, i) =>
      referenceUpdate(rule, p, gradient[i] as number, first?.[i] ?? 0, second?.[i] ?? 0, terms),
    );
    const memory = new GuardedMemory();
    const args: UpdateArguments = {
      ...{ rule, ...terms, coefficients: memory.input(COEFFICIENTS) },
      ...{ parameter: memory.output(parameter), gradient: memory.input(gradient) },
      first: first && memory.output(first),
      second: second && memory.output(second),
    };
    backend().update(args);
    for (const [k, actual] of [args.parameter, args.first, args.second].entries()) {
      if (actual === null) continue;
      const values = Float64Array.from(expected, (results) => results[k] as number);
      const largest = rule === "lion" || !UPDATE_RULES[rule].second ? 2 : 2 + 2 / Math.sqrt(1 / 64);
      const tolerances = values.map((value) => 12 * units[dtype] * (largest + Math.abs(value)));
      expectClose(actual, { values, tolerances }, `${rule} of ${length} elements, array ${k}`);
    }
    memory.expectIntact("update");
  };

  describe("update", () => {
    it.each(RULES)("takes the step of %s for every length", (rule) => {
      for (const length of lengths) check(rule, length);
    });

    it.each(RULES)("%s without clipping and decay", (rule) => {
      check(rule, 39, { gradientScale: 1, clip: Number.POSITIVE_INFINITY, decay: 0 } as never);
    });

    it.each(RULES)("%s has the same bits in parts of any length", (rule) => {
      const run = ({ parameter, gradient, first, second }: State, start: number, end: number) => {
        const part = (array: FloatArray) => array.subarray(start, end);
        backend().update({
          ...{
            rule,
            ...TERMS,
            coefficients: COEFFICIENTS,
            parameter: part(parameter),
            gradient: part(gradient),
          },
          ...{ first: first && part(first), second: second && part(second) },
        });
      };
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 }), (a, b) => {
          const [whole, parts] = [updateState(rule, dtype, a + b), updateState(rule, dtype, a + b)];
          run(whole, 0, a + b);
          run(parts, 0, a);
          run(parts, a, a + b);
          for (const name of ["parameter", "first", "second"] as const) {
            const [expected, actual] = [whole[name], parts[name]];
            if (expected !== null && actual !== null) expect(sameBytes(actual, expected)).toBe(true);
          }
        }),
        { numRuns: 50 },
      );
    });

    it.each(RULES)("%s leaves zeros where everything is 0", (rule) => {
      const { first, second } = updateState(rule, dtype, 21);
      const zeros = () => floats(dtype, 21);
      const [parameter, gradient] = [zeros(), zeros()];
      const coefficients = Float64Array.of(0.1, 0.1, 0.001, 1.5, 1e-30, 0.9);
      const slots = { first: first && zeros(), second: second && zeros() };
      backend().update({ rule, ...TERMS, coefficients, parameter, gradient, ...slots });
      for (const array of [parameter, slots.first, slots.second]) {
        expect((array ?? []).every((x) => x === 0)).toBe(true);
      }
    });

    it.each(RULES)("%s passes NaN on, and touches no neighbour with it", (rule) => {
      const places = { parameter: 1, gradient: 3, first: 20, second: 22 } as const;
      const state = updateState(rule, dtype, 23);
      const poisoned = Object.entries(places).filter(([name]) => state[name as keyof State] !== null);
      for (const [name, i] of poisoned) (state[name as keyof State] as FloatArray)[i] = Number.NaN;
      backend().update({ rule, ...TERMS, coefficients: COEFFICIENTS, ...state });
      const wrong = Array.from(state.parameter.keys()).filter((i) => Number.isNaN(state.parameter[i]));
      expect(wrong).toEqual(poisoned.map(([, i]) => i));
    });
  });

  describe("addPenalty", () => {
    it("adds l2 * parameter + l1 * sign(parameter) for every length", () => {
      for (const length of lengths) {
        const memory = new GuardedMemory();
        const parameter = memory.input(randomFloats(dtype, length, 1).map((x, i) => (i % 5 === 0 ? 0 : x)));
        const gradient = memory.output(randomFloats(dtype, length, 2));
        const values = Float64Array.from(
          gradient,
          (g, i) => g + 0.25 * (parameter[i] as number) + 0.125 * Math.sign(parameter[i] as number),
        );
        backend().addPenalty({ parameter, gradient, l2: 0.25, l1: 0.125 });
        const tolerances = values.map(() => 6 * units[dtype]);
        expectClose(gradient, { values, tolerances }, `addPenalty of ${length} elements`);
        memory.expectIntact("addPenalty");
      }
    });

    it("keeps NaN", () => {
      const gradient = floats(dtype, [1, Number.NaN, 3]);
      backend().addPenalty({ parameter: floats(dtype, [Number.NaN, 1, -1]), gradient, l2: 0, l1: 0.5 });
      expect([...gradient]).toEqual([Number.NaN, Number.NaN, 2.5]);
    });
  });

  describe("sumOfSquares", () => {
    it("adds the sum for every length", () => {
      for (const length of [...lengths, 100_003]) {
        const memory = new GuardedMemory();
        const x = memory.input(randomFloats(dtype, length, 1));
        const totals = memory.output(Float64Array.of(0.5));
        const sum = Float64Array.from(x).reduce((total, value) => total + value * value, 0.5);
        backend().sumOfSquares({ x, totals });
        const tolerances = Float64Array.of(2 * (length + 1) * units.float64 * sum);
        expectClose(
          totals,
          { values: Float64Array.of(sum), tolerances },
          `sumOfSquares of ${length} elements`,
        );
        memory.expectIntact("sumOfSquares");
      }
    });

    it("squares and sums in double, and passes NaN on", () => {
      const totals = new Float64Array(1);
      const large = dtype === "float32" ? 2 ** 100 : 2 ** 500;
      backend().sumOfSquares({ x: floats(dtype, [large, large]), totals });
      expect(totals[0]).toBe(2 * large ** 2);
      backend().sumOfSquares({ x: floats(dtype, [1, Number.NaN]), totals });
      expect(totals[0]).toBeNaN();
    });
  });

  describe("limitNorms", () => {
    const check = (inputs: number, columns: number, most: number) => {
      const memory = new GuardedMemory();
      const ldw = wholeLines(columns, dtype);
      // Unit j has a norm of about j / 4; behind the units stands what must stay.
      const before = randomFloats(dtype, inputs * ldw, 1).map((x, e) =>
        e % ldw < columns ? (x * (e % ldw)) / Math.sqrt(inputs) / 2 : 1000,
      );
      const weight = memory.output(before);
      backend().limitNorms({ weight, inputs, ldw, units: columns, most });
      const norms = Array.from({ length: ldw }, (_, j) =>
        Math.hypot(...Array.from({ length: inputs }, (_, p) => before[p * ldw + j] as number)),
      );
      const values = Float64Array.from(before, (x, e) => {
        const norm = norms[e % ldw] as number;
        return e % ldw < columns && norm > most ? (x * most) / norm : x;
      });
      const tolerances = values.map((x) => (8 * units[dtype] + 2 * inputs * units.float64) * Math.abs(x));
      expectClose(weight, { values, tolerances }, `limitNorms of ${inputs} x ${columns} to ${most}`);
      memory.expectIntact("limitNorms");
      return norms.slice(0, columns).filter((norm) => norm > most).length;
    };

    it("scales the units above the limit, and leaves the others", () => {
      expect(check(9, 20, 2)).toBeGreaterThan(5);
      expect(check(300, 70, 3)).toBeLessThan(70);
      expect(check(4, 5, 1000)).toBe(0);
      check(0, 3, 1);
      check(5, 0, 1);
      check(1, 1, 0.5);
      check(2000, 130, 1);
    });

    it("does not touch a unit without a norm, and keeps NaN", () => {
      const ldw = wholeLines(2, dtype);
      const weight = floats(dtype, 2 * ldw);
      weight.set([Number.NaN, 3], 0);
      weight.set([5, 4], ldw);
      backend().limitNorms({ weight, inputs: 2, ldw, units: 2, most: 2.5 });
      expect([weight[0], weight[1], weight[ldw], weight[ldw + 1]]).toEqual([Number.NaN, 1.5, 5, 2]);
    });
  });
}
