import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Backend, DType, FloatArray } from "../../../src/backend/backend.js";
import type { NormalizeBatchArguments } from "../../../src/backend/operations/normalization.js";
import { floats, GuardedMemory, randomFloats, sameBytes } from "../../support/guarded-memory.js";
import { at, expectClose, expected } from "../../support/reference.js";

interface Shape {
  readonly rows: number;
  readonly columns: number;
}

const shapes: readonly Shape[] = [2, 3, 7, 33, 200].flatMap((rows) =>
  [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 50].map((columns) => ({ rows, columns })),
);

function columnOf(x: FloatArray, j: number, { rows, columns }: Shape): number[] {
  return Array.from({ length: rows }, (_, i) => at(x, i * columns + j));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sum of squared distances from the mean. */
function scatter(values: readonly number[]): number {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0);
}

export function describeNormalization(backend: () => Backend, dtype: DType): void {
  const given = (memory: GuardedMemory, shape: Shape) => {
    const { rows, columns } = shape;
    const column = (seed: number) => randomFloats(dtype, columns, seed);
    return {
      ...shape,
      x: memory.input(randomFloats(dtype, rows * columns, rows).map((x) => 3 * x + 1)),
      gamma: memory.input(column(1)),
      beta: memory.input(column(2)),
      epsilon: 1e-5,
      momentum: 0.1,
      mean: memory.output(floats(dtype, columns).fill(Number.NaN)),
      inverseDeviation: memory.output(floats(dtype, columns).fill(Number.NaN)),
      runningMean: memory.output(column(3)),
      runningVariance: memory.output(column(4).map(Math.abs)),
      out: memory.output(floats(dtype, rows * columns).fill(Number.NaN)),
    };
  };

  describe("normalizeBatch", () => {
    it.each(shapes)("normalises $columns columns of $rows rows", (shape) => {
      const { rows, columns } = shape;
      const memory = new GuardedMemory();
      const args = given(memory, shape);
      const before = { mean: args.runningMean.slice(), variance: args.runningVariance.slice() };
      backend().normalizeBatch(args);
      const values = Array.from({ length: columns }, (_, j) => columnOf(args.x, j, shape));
      const centers = values.map(mean);
      const inverses = values.map((of) => 1 / Math.sqrt(scatter(of) / rows + args.epsilon));
      const close = (actual: FloatArray, name: string, compute: (e: number) => readonly [number, number]) =>
        expectClose(
          actual,
          expected(actual.length, dtype, 10, (e) => {
            const [value, magnitude] = compute(e);
            return { value, magnitude: magnitude + 1e-3 * Math.abs(value) };
          }),
          `${name} of ${rows} x ${columns}`,
        );
      close(args.mean, "mean", (j) => [at(centers, j), 4]);
      close(args.inverseDeviation, "inverseDeviation", (j) => [at(inverses, j), at(inverses, j)]);
      close(args.runningMean, "runningMean", (j) => [
        0.9 * at(before.mean, j) + 0.1 * at(centers, j),
        Math.abs(at(before.mean, j)) + 4,
      ]);
      close(args.runningVariance, "runningVariance", (j) => {
        const variance = scatter(values[j] as number[]) / (rows - 1);
        return [0.9 * at(before.variance, j) + 0.1 * variance, at(before.variance, j) + variance];
      });
      close(args.out, "out", (e) => {
        const j = e % columns;
        const scale = at(args.gamma, j) * at(inverses, j);
        return [(at(args.x, e) - at(centers, j)) * scale + at(args.beta, j), 8 * Math.abs(scale) + 1];
      });
      memory.expectIntact("normalizeBatch");
    });

    it("finds a small variance around a large mean", () => {
      const rows = 1000;
      const large = dtype === "float32" ? 2 ** 20 : 2 ** 30;
      const args = given(new GuardedMemory(), { rows, columns: 3 });
      for (const e of args.x.keys()) args.x[e] = large + (Math.floor(e / 3) % 2 === 0 ? 1 : -1);
      backend().normalizeBatch({ ...args, epsilon: 1e-9, momentum: 1 });
      expect([...args.mean]).toEqual([large, large, large]);
      for (const inverse of args.inverseDeviation) expect(inverse).toBeCloseTo(1, 6);
      for (const variance of args.runningVariance) expect(variance).toBeCloseTo(1000 / 999, 6);
      expect([...args.runningMean]).toEqual([...args.mean]);
    });

    it("keeps NaN in its column, and gives beta for a column of equals", () => {
      const args = given(new GuardedMemory(), { rows: 5, columns: 2 });
      for (const e of args.x.keys()) args.x[e] = e % 2 === 0 ? 3 : e;
      args.x[3] = Number.NaN;
      backend().normalizeBatch(args);
      expect(columnOf(args.out, 0, args)).toEqual(new Array(5).fill(args.beta[0]));
      expect(columnOf(args.out, 1, args)).toEqual(new Array(5).fill(Number.NaN));
      expect([args.mean[0], args.mean[1]]).toEqual([3, Number.NaN]);
    });
  });

  describe("normalizeBatchBackward", () => {
    const backwardOf = (memory: GuardedMemory, args: NormalizeBatchArguments) => {
      const { x, rows, columns, gamma, mean, inverseDeviation } = args;
      return {
        ...{ x, rows, columns, gamma, mean, inverseDeviation },
        upstream: memory.input(randomFloats(dtype, x.length, 7)),
        gammaGradient: memory.output(floats(dtype, columns).fill(Number.NaN)),
        betaGradient: memory.output(floats(dtype, columns).fill(Number.NaN)),
        out: memory.output(floats(dtype, x.length).fill(Number.NaN)),
      };
    };

    it.each(shapes)("has the gradients of $columns columns of $rows rows, and in place", (shape) => {
      const { rows, columns } = shape;
      const memory = new GuardedMemory();
      const forward = given(memory, shape);
      backend().normalizeBatch(forward);
      const args = backwardOf(memory, forward);
      backend().normalizeBatchBackward(args);
      const { x, upstream, gamma, mean: center, inverseDeviation: inverse } = args;
      const normalized = x.map((value, e) => (value - at(center, e % columns)) * at(inverse, e % columns));
      const sums = Array.from({ length: columns }, (_, j) => {
        const [above, n] = [columnOf(upstream, j, shape), columnOf(normalized, j, shape)];
        return { beta: rows * mean(above), gamma: rows * mean(above.map((u, i) => u * at(n, i))) };
      });
      const size = (j: number) => 10 * at(inverse, j); // of a normalised number before it is rounded
      const sum = (name: "beta" | "gamma") =>
        expected(columns, dtype, 8, (j) => ({
          value: sums[j]?.[name] as number,
          magnitude: rows * (1 + size(j)),
        }));
      expectClose(args.betaGradient, sum("beta"), "betaGradient");
      expectClose(args.gammaGradient, sum("gamma"), "gammaGradient");
      const gradient = expected(x.length, dtype, 20, (e) => {
        const j = e % columns;
        const { beta = Number.NaN, gamma: slope = Number.NaN } = sums[j] ?? {};
        const scale = at(gamma, j) * at(inverse, j);
        const value = scale * (at(upstream, e) - beta / rows - (at(normalized, e) * slope) / rows);
        return { value, magnitude: Math.abs(scale) * (2 + size(j)) * (1 + size(j)) };
      });
      expectClose(args.out, gradient, `normalizeBatchBackward of ${rows} x ${columns}`);
      const onto = memory.output(upstream);
      backend().normalizeBatchBackward({ ...args, upstream: onto, out: onto });
      expect(sameBytes(onto, args.out)).toBe(true);
      memory.expectIntact("normalizeBatchBackward");
    });

    if (dtype === "float64") {
      it("has the slopes of what normalizeBatch computes", () => {
        const step = 1e-5;
        const anyShape = fc.record({
          rows: fc.integer({ min: 2, max: 9 }),
          columns: fc.integer({ min: 1, max: 5 }),
        });
        fc.assert(
          fc.property(anyShape, (shape) => {
            const forward = given(new GuardedMemory(), shape);
            backend().normalizeBatch(forward);
            const args = backwardOf(new GuardedMemory(), forward);
            backend().normalizeBatchBackward(args);
            const lossAt = (name: "x" | "gamma" | "beta", e: number, by: number) => {
              const moved = forward[name].map((value, index) => (index === e ? value + by : value));
              const again = { ...given(new GuardedMemory(), shape), [name]: moved };
              backend().normalizeBatch(again);
              return [...again.out].reduce((sum, value, index) => sum + value * at(args.upstream, index), 0);
            };
            for (const [name, slopes] of [
              ["x", args.out],
              ["gamma", args.gammaGradient],
              ["beta", args.betaGradient],
            ] as const) {
              for (const [e, slope] of slopes.entries()) {
                const difference = (lossAt(name, e, step) - lossAt(name, e, -step)) / (2 * step);
                expect(Math.abs(difference - slope)).toBeLessThan(1e-4 * (1 + Math.abs(slope)));
              }
            }
          }),
          { numRuns: 20 },
        );
      });
    }
  });

  describe("scaleColumns", () => {
    it.each([{ rows: 0, columns: 3 }, { rows: 1, columns: 1 }, ...shapes])(
      "scales $columns columns of $rows rows, and in place",
      (shape) => {
        const { rows, columns } = shape;
        const memory = new GuardedMemory();
        const x = memory.input(randomFloats(dtype, rows * columns, 1));
        const [scale, offset] = [2, 3].map((seed) => memory.input(randomFloats(dtype, columns, seed)));
        const args = { ...shape, x, scale: scale as FloatArray, offset: offset as FloatArray };
        const out = memory.output(floats(dtype, x.length).fill(Number.NaN));
        backend().scaleColumns({ ...args, out });
        const scaled = expected(x.length, dtype, 4, (e) => {
          const product = at(x, e) * at(args.scale, e % columns);
          const shift = at(args.offset, e % columns);
          return { value: product + shift, magnitude: Math.abs(product) + Math.abs(shift) };
        });
        expectClose(out, scaled, "scaleColumns");
        const onto = memory.output(x);
        backend().scaleColumns({ ...args, x: onto, out: onto });
        expect(sameBytes(onto, out)).toBe(true);
        memory.expectIntact("scaleColumns");
      },
    );
  });
}
