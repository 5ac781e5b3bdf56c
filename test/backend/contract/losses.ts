import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Backend, DType, FloatArray } from "../../../src/backend/backend.js";
import type { LossArguments, LossKind, LossOutput } from "../../../src/backend/operations/losses.js";
import {
  floats,
  GuardedMemory,
  randomFloats,
  randomIntegers,
  sameBytes,
} from "../../support/guarded-memory.js";
import {
  at,
  doubleUnit,
  type Expected,
  expectClose,
  expected,
  referenceArgmax,
  roundingUnits,
} from "../../support/reference.js";

type Pair = readonly [kind: LossKind, output: LossOutput];

const pairs: readonly Pair[] = [
  ["squaredError", "identity"],
  ["squaredError", "sigmoid"],
  ["absoluteError", "identity"],
  ["huber", "identity"],
  ["binaryCrossEntropy", "sigmoid"],
  ["crossEntropy", "softmax"],
];

interface Case {
  readonly pair: Pair;
  readonly rows: number;
  readonly outputs: number;
  readonly targets: "bytes" | "numbers" | "values";
  readonly isWeighted: boolean;
  readonly smoothing: number;
  readonly threshold: number;
  readonly seed: number;
}

const targetKinds = ["bytes", "numbers", "values"] as const;

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    pair: fc.constantFrom(...pairs),
    rows: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(255, 256, 257, 600)),
    outputs: fc.oneof(fc.integer({ min: 1, max: 35 }), fc.constantFrom(300, 1000)),
    targets: fc.constantFrom(...targetKinds),
    isWeighted: fc.boolean(),
    smoothing: fc.constantFrom(0, 0.1, 0.75),
    threshold: fc.constantFrom(0.3, 1, 5),
    seed: fc.nat({ max: 1000 }),
  })
  .map(possible);

/** The nearest case that can be. */
function possible(shape: Case): Case {
  const [kind] = shape.pair;
  const outputs = kind === "crossEntropy" ? Math.max(2, shape.outputs) : shape.outputs;
  return {
    ...shape,
    outputs,
    rows: Math.min(shape.rows, Math.ceil(1e6 / outputs ** 2)), // The references take the square of the outputs for each row.
    targets: kind === "crossEntropy" && shape.targets === "values" ? "numbers" : shape.targets,
    smoothing: isFromZ(kind) ? shape.smoothing : 0,
  };
}

function isFromZ(kind: LossKind): boolean {
  return kind === "crossEntropy" || kind === "binaryCrossEntropy";
}

/** Each row's outputs for its z. */
function activate(output: LossOutput, z: ArrayLike<number>, outputs: number): number[] {
  return Array.from({ length: z.length }, (_, e) => {
    if (output === "identity") return at(z, e);
    if (output === "sigmoid") return 1 / (1 + Math.exp(-at(z, e)));
    const row = Math.floor(e / outputs) * outputs;
    let sum = 0; // of all outputs, in units of this one
    for (let k = row; k < row + outputs; k++) sum += Math.exp(at(z, k) - at(z, e));
    return 1 / sum;
  });
}

function argumentsOf(dtype: DType, shape: Case): LossArguments & { readonly delta: FloatArray } {
  const { pair, rows, outputs, targets, isWeighted, smoothing, threshold, seed } = shape;
  const [kind, output] = pair;
  const next = randomIntegers(seed);
  const z = randomFloats(dtype, rows * outputs, seed).map((x) => 12 * x);
  const classes = outputs === 1 ? 2 : outputs;
  const drawn = () => Array.from({ length: rows }, () => next() % Math.min(classes, 256));
  const share = (x: number) => (kind === "binaryCrossEntropy" || output === "sigmoid" ? (x + 1) / 2 : 3 * x);
  return {
    kind,
    output,
    rows,
    outputs,
    a: floats(dtype, activate(output, z, outputs)),
    z: isFromZ(kind) ? z : null,
    labels:
      targets === "values" ? null : targets === "bytes" ? Uint8Array.from(drawn()) : Int32Array.from(drawn()),
    values: targets === "values" ? randomFloats(dtype, rows * outputs, seed + 1).map(share) : null,
    weights: isWeighted ? randomFloats(dtype, rows, seed + 2).map((x) => Math.max(0, x)) : null,
    smoothing,
    threshold,
    scale: 0.37,
    totals: new Float64Array(3),
    delta: floats(dtype, rows * outputs).fill(Number.NaN),
  };
}

function weightOf({ weights }: LossArguments, row: number): number {
  return weights === null ? 1 : at(weights, row);
}

/** y before smoothing. */
function plainTarget({ labels, values, outputs }: LossArguments, row: number, j: number): number {
  if (values !== null) return at(values, row * outputs + j);
  const label = at(labels ?? [], row);
  if (outputs === 1) return label;
  return label === j ? 1 : 0;
}

function target(args: LossArguments, row: number, j: number): number {
  const { kind, smoothing, outputs } = args;
  const y = plainTarget(args, row, j);
  return (1 - smoothing) * y + smoothing / (kind === "crossEntropy" ? outputs : 2);
}

/** What one output costs, by the definition of its loss; that of the cross-entropies from logarithms of probabilities. */
function costOf(args: LossArguments, row: number, j: number): number {
  const { kind, outputs, threshold, a } = args;
  const e = row * outputs + j;
  const y = target(args, row, j);
  const error = at(a, e) - y;
  switch (kind) {
    case "squaredError":
      return error ** 2;
    case "absoluteError":
      return Math.abs(error);
    case "huber":
      return Math.abs(error) <= threshold ? error ** 2 / 2 : threshold * (Math.abs(error) - threshold / 2);
    case "binaryCrossEntropy": {
      const z = at(args.z ?? [], e);
      return y * Math.log1p(Math.exp(-z)) + (1 - y) * Math.log1p(Math.exp(z));
    }
    case "crossEntropy": {
      if (y === 0) return 0;
      const z = at(args.z ?? [], e);
      let sum = 0;
      for (let k = row * outputs; k < (row + 1) * outputs; k++) sum += Math.exp(at(args.z ?? [], k) - z);
      return y * Math.log(sum);
    }
  }
}

function referenceTotals(args: LossArguments, dtype: DType): Expected {
  const { kind, rows, outputs, a, labels, values } = args;
  const unit = roundingUnits[dtype];
  const winners = outputs > 1 ? referenceArgmax({ x: a, rows, columns: outputs }) : [];
  let [sum, correct, weights, tolerance] = [0, 0, 0, 0];
  for (let i = 0; i < rows; i++) {
    const weight = weightOf(args, i);
    for (let j = 0; j < outputs; j++) {
      const cost = costOf(args, i, j);
      sum += weight * cost;
      // What z is rounded to is exact; an exponential of at most 1 may be off by some units, and a difference of z by a unit.
      const share = kind === "crossEntropy" ? target(args, i, j) : 1;
      tolerance += weight * 8 * unit * (cost + (isFromZ(kind) ? share * 25 : 0));
    }
    const halves = Array.from({ length: outputs }, (_, j) => j).every(
      (j) => at(a, i * outputs + j) >= 0.5 === plainTarget(args, i, j) >= 0.5,
    );
    const isCorrect =
      values === null && outputs > 1
        ? at(winners, i) === at(labels ?? [], i)
        : (values === null || kind === "binaryCrossEntropy") && halves;
    correct += isCorrect ? weight : 0;
    weights += weight;
  }
  const ofSums = rows * outputs * 4 * doubleUnit;
  return {
    values: Float64Array.of(sum, correct, weights),
    tolerances: Float64Array.of(tolerance + ofSums * sum, ofSums * correct, ofSums * weights),
  };
}

function referenceDelta(args: LossArguments, dtype: DType): Expected {
  const { kind, output, outputs, threshold, scale, a } = args;
  return expected(a.length, dtype, 10, (e) => {
    const [row, j] = [Math.floor(e / outputs), e % outputs];
    const factor = scale * weightOf(args, row);
    const value = at(a, e);
    const y = target(args, row, j);
    const size = Math.abs(value) + Math.abs(y);
    const error = value - y;
    if (kind === "squaredError") {
      const slope = output === "sigmoid" ? value * (1 - value) : 1;
      return { value: factor * 2 * error * slope, magnitude: factor * 2 * Math.abs(error) * slope };
    }
    if (kind === "absoluteError") return { value: factor * Math.sign(error), magnitude: factor };
    const bounded = kind === "huber" ? Math.max(-threshold, Math.min(threshold, error)) : error;
    return { value: factor * bounded, magnitude: factor * size };
  });
}

export function describeLosses(backend: () => Backend, dtype: DType): void {
  describe("loss", () => {
    const check = (shape: Case) => {
      const context = `the loss of ${JSON.stringify(shape)}`;
      const given = argumentsOf(dtype, shape);
      const memory = new GuardedMemory();
      const inputs = {
        z: given.z && memory.input(given.z),
        labels: given.labels && memory.input(given.labels),
        values: given.values && memory.input(given.values),
        weights: given.weights && memory.input(given.weights),
      };
      const args = { ...given, ...inputs, a: memory.input(given.a), delta: memory.output(given.delta) };
      const totals = memory.output(args.totals);
      backend().loss({ ...args, totals });
      expectClose(totals, referenceTotals(args, dtype), `totals of ${context}`);
      expectClose(args.delta, referenceDelta(args, dtype), context);

      const alone = memory.output(new Float64Array(3));
      backend().loss({ ...args, totals: alone, delta: null });
      expect([...alone], "totals without a delta").toEqual([...totals]);

      const [onto, again] = [memory.output(given.a), memory.output(new Float64Array(3))];
      backend().loss({ ...args, a: onto, delta: onto, totals: again });
      expect(sameBytes(onto, args.delta), `${context}, delta written onto a`).toBe(true);
      expect([...again], "totals with delta written onto a").toEqual([...totals]);
      memory.expectIntact(context);
    };

    it.each(pairs)("%s of %s is right for every kind of target, with weights and without", (...pair) => {
      for (const targets of targetKinds) {
        for (const isWeighted of [false, true]) {
          for (const [rows, outputs] of [
            [0, 3],
            [1, 1],
            [9, 1],
            [100, 10],
            [257, 17],
            [3, 300],
          ] as const) {
            const rest = { smoothing: 0.1, threshold: 1, seed: rows + outputs };
            check(possible({ pair, rows, outputs, targets, isWeighted, ...rest }));
          }
        }
      }
    });

    it("is right for every shape", () => {
      fc.assert(fc.property(anyCase, check), { numRuns: 100 });
    });

    if (dtype === "float64") {
      it("has the slope of its sums as delta", () => {
        const step = 1e-5;
        const smooth = (args: LossArguments, e: number) => {
          const distance = Math.abs(
            at(args.a, e) - target(args, Math.floor(e / args.outputs), e % args.outputs),
          );
          const kinks = { absoluteError: 0, huber: args.threshold } as Readonly<Record<string, number>>;
          return Math.abs(distance - (kinks[args.kind] ?? -1)) > 2 * step;
        };
        fc.assert(
          fc.property(anyCase, (any) => {
            const shape = { ...any, rows: Math.min(any.rows, 3), outputs: Math.min(any.outputs, 5) };
            const args = argumentsOf(dtype, shape);
            const z = args.z ?? args.a.map((a) => (args.output === "sigmoid" ? Math.log(a / (1 - a)) : a));
            const sumAt = (e: number, by: number) => {
              const moved = z.map((value, index) => (index === e ? value + by : value));
              const a = floats(dtype, activate(args.output, moved, args.outputs));
              const totals = new Float64Array(3);
              backend().loss({ ...args, a, z: args.z && moved, totals, delta: null });
              return at(totals, 0);
            };
            backend().loss({ ...args, scale: 1 });
            for (const [e, slope] of args.delta.entries()) {
              if (!smooth(args, e)) continue;
              const difference = (sumAt(e, step) - sumAt(e, -step)) / (2 * step);
              expect(Math.abs(difference - slope)).toBeLessThan(1e-6);
            }
          }),
          { numRuns: 60 },
        );
      });
    }

    const common = {
      weights: null,
      values: null,
      smoothing: 0,
      threshold: 1,
      scale: 1,
      delta: null,
    } as const;
    const squares = { ...common, kind: "squaredError", output: "sigmoid", z: null } as const;

    it("is finite and right for inputs of 10,000", () => {
      const z = floats(dtype, [1e4, -1e4, 1e4, -1e4]);
      const totals = new Float64Array(3);
      const delta = floats(dtype, 4);
      const a = floats(dtype, [1, 0, 1, 0]);
      const of = { ...common, rows: 2, outputs: 2, a, z, labels: Uint8Array.of(0, 1), totals, delta };
      backend().loss({ ...of, kind: "crossEntropy", output: "softmax" });
      expect([...totals]).toEqual([2e4, 1, 2]);
      expect([...delta]).toEqual([0, 0, 1, -1]);
      const values = floats(dtype, [1, 0, 0, 1]);
      totals.fill(0);
      backend().loss({ ...of, kind: "binaryCrossEntropy", output: "sigmoid", labels: null, values });
      expect([...totals]).toEqual([2e4, 1, 2]);
      expect([...delta]).toEqual([0, 0, 1, -1]);
      totals.fill(0);
      backend().loss({ ...of, kind: "crossEntropy", output: "softmax", smoothing: 0.5 });
      expect(at(totals, 0)).toBeCloseTo(2e4, 8); // A quarter and three quarters of 20,000.
    });

    it("adds to the totals", () => {
      const totals = Float64Array.of(100, 7, 8);
      const of = { ...squares, rows: 1, outputs: 2, labels: Uint8Array.of(0), totals };
      backend().loss({ ...of, a: floats(dtype, [0.5, 0.25]) });
      expect([...totals]).toEqual([100 + 0.25 + 0.0625, 8, 9]);
      backend().loss({ ...of, a: floats(dtype, [0.5, 0.25]), weights: floats(dtype, [3]) });
      expect([...totals]).toEqual([100 + 4 * (0.25 + 0.0625), 11, 12]);
    });

    it("counts the first of equals, and the first NaN before any number", () => {
      const { NaN: nan } = Number;
      const correct = (rows: readonly number[][], labels: Uint8Array) => {
        const totals = new Float64Array(3);
        const a = floats(dtype, rows.flat());
        backend().loss({ ...squares, rows: rows.length, outputs: a.length / rows.length, a, labels, totals });
        return at(totals, 1);
      };
      const equals = [
        [0.5, 0.5],
        [0.5, 0.5],
      ];
      expect(correct(equals, Uint8Array.of(0, 1))).toBe(1);
      const spoilt = [
        [0.1, nan, 0.9],
        [0.1, nan, 0.9],
        [nan, nan, 1],
      ];
      expect(correct(spoilt, Uint8Array.of(1, 2, 0))).toBe(2);
    });

    it("has two classes for one output, parted at a half", () => {
      const totals = new Float64Array(3);
      const delta = floats(dtype, 4);
      const [a, labels] = [floats(dtype, [0.5, 0.25, 0.5, 0.25]), Int32Array.of(1, 1, 0, 0)];
      backend().loss({ ...squares, rows: 4, outputs: 1, a, labels, totals, scale: 8, delta });
      expect([...totals]).toEqual([0.25 + 0.5625 + 0.25 + 0.0625, 2, 4]);
      expect([...delta]).toEqual([-2, -2.25, 2, 0.75]);
    });

    it("is at rest where an absolute error is 0, and gives NaN for NaN", () => {
      const [totals, delta] = [new Float64Array(3), floats(dtype, 4)];
      const [a, values] = [floats(dtype, [1, 2, 3, Number.NaN]), floats(dtype, [1, 3, 2, 1])];
      const of = { ...common, output: "identity", z: null, labels: null, rows: 1, outputs: 4 } as const;
      for (const kind of ["absoluteError", "huber"] as const) {
        backend().loss({ ...of, kind, a, values, totals, delta });
        expect([...delta]).toEqual([0, -1, 1, Number.NaN]);
        expect([...totals]).toEqual([Number.NaN, 0, kind === "huber" ? 2 : 1]);
      }
      for (const [kind, output] of pairs) {
        const labels = Uint8Array.of(0);
        const z = isFromZ(kind) ? a : null;
        totals.fill(0);
        backend().loss({ ...common, kind, output, rows: 1, outputs: 4, a, z, labels, totals, delta });
        expect([totals[0], delta[3]]).toEqual([Number.NaN, Number.NaN]);
      }
    });

    it("sums in double", () => {
      const rows = 20_000;
      const totals = new Float64Array(3);
      const a = floats(dtype, rows).fill(0.5);
      a[0] = 4096; // In float32, adding 0.25 to the square of 4095 would change nothing.
      backend().loss({ ...squares, rows, outputs: 1, a, labels: new Uint8Array(rows).fill(1), totals });
      expect([...totals]).toEqual([4095 ** 2 + (rows - 1) / 4, rows, rows]);
    });
  });
}
