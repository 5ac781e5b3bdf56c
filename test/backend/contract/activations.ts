import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACTIVATIONS, type Activation } from "../../../src/backend/activation.js";
import type { Backend, DType, FloatArray } from "../../../src/backend/backend.js";
import {
  floats,
  GuardedMemory,
  randomFloats,
  randomIntegers,
  sameBytes,
} from "../../support/guarded-memory.js";
import { expectClose } from "../../support/reference.js";
import {
  expectedActivations,
  expectedDerivatives,
  referenceActivations,
  referenceDerivatives,
} from "../../support/reference-activations.js";
import { lengths, special } from "./elementwise.js";

type Unary = keyof typeof referenceActivations;
type Binary = keyof typeof referenceDerivatives;

const others = Object.keys(referenceActivations) as Unary[];
const derivatives = Object.keys(referenceDerivatives) as Binary[];

interface Golden {
  readonly inputs: readonly number[];
  readonly [activation: string]:
    | readonly number[]
    | { readonly values: readonly number[]; readonly derivatives: readonly number[] };
}

const golden = JSON.parse(readFileSync("test/golden/activations.json", "utf8")) as Golden;

function goldenOf(activation: Activation) {
  const { values, derivatives } = golden[activation] as Exclude<Golden[string], readonly number[]>;
  return { values: Float64Array.from(values), derivatives: Float64Array.from(derivatives) };
}

export function describeActivations(backend: () => Backend, dtype: DType): void {
  const unit = dtype === "float32" ? 2 ** -24 : 2 ** -53;
  const smallest = dtype === "float32" ? 2 ** -126 : 2 ** -1022;

  describe.each(others)("%s", (name) => {
    const check = (x: FloatArray) => {
      const expected = expectedActivations(x, referenceActivations[name]);
      const memory = new GuardedMemory();
      const input = memory.input(x);
      const out = memory.output(x.map(() => Number.NaN));
      const onto = memory.output(x);
      backend()[name](input, out);
      backend()[name](onto, onto);
      expectClose(out, expected, `${name} of ${x.length} elements`);
      expect(sameBytes(onto, out), `${name} of ${x.length} elements, in place`).toBe(true);
      memory.expectIntact(name);
    };

    it("is right for every length, and in place", () => {
      for (const length of lengths) check(randomFloats(dtype, length, length).map((x) => 8 * x));
    });

    it("is right from end to end: NaN stays NaN, and nothing overflows", () => {
      check(floats(dtype, special));
      for (const [i, x] of special.entries()) check(floats(dtype, i + 1).fill(x));
    });

    it("is as accurate as it says for any number", () => {
      const wide =
        dtype === "float32" ? fc.float32Array({ minLength: 1 }) : fc.float64Array({ minLength: 1 });
      fc.assert(fc.property(wide, check));
      const bound = dtype === "float32" ? 110 : 750;
      check(floats(dtype, 4001).map((_, i) => (bound * (i - 2000)) / 2000));
    });
  });

  describe.each(derivatives)("%s", (name) => {
    const reference = referenceDerivatives[name];
    const check = (upstream: FloatArray, saved: FloatArray) => {
      const expected = expectedDerivatives(upstream, saved, reference);
      const memory = new GuardedMemory();
      const run = (target: "out" | "upstream" | "saved") => {
        const given = target === "upstream" ? memory.output(upstream) : memory.input(upstream);
        const value = target === "saved" ? memory.output(saved) : memory.input(saved);
        const out = { out: memory.output(saved.map(() => Number.NaN)), upstream: given, saved: value }[
          target
        ];
        backend()[name](given, value, out);
        expectClose(out, expected, `${name} of ${saved.length} elements onto ${target}`);
      };
      run("out");
      run("upstream");
      run("saved");
      memory.expectIntact(name);
    };

    it("is right for every length, and onto either input", () => {
      const spread = reference.from === "a" ? 1 : 8;
      for (const length of lengths) {
        check(
          randomFloats(dtype, length, 1),
          randomFloats(dtype, length, 2).map((x) => spread * x),
        );
      }
    });

    it("is right at kinks and at the ends, and keeps NaN", () => {
      const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
      check(
        floats(dtype, [3, 3, -3, nan, nan, 1, infinity, -2]),
        floats(dtype, [0, -0, 1, 1, -1, nan, 1, -1]),
      );
      if (reference.from === "z") {
        check(floats(dtype, special.length).fill(-3), floats(dtype, special));
      }
    });
  });

  describe("add", () => {
    it("adds every length, and onto either input", () => {
      for (const length of lengths) {
        const [a, b] = [randomFloats(dtype, length, 1), randomFloats(dtype, length, 2)];
        const sums = a.map((value, i) => value + (b[i] as number));
        const memory = new GuardedMemory();
        const [x, y, out] = [memory.output(a), memory.output(b), memory.output(a.map(() => Number.NaN))];
        backend().add(x, y, out);
        expect(sameBytes(out, sums)).toBe(true);
        backend().add(x, y, y);
        expect(sameBytes(y, sums)).toBe(true);
        backend().add(x, memory.input(b), x);
        expect(sameBytes(x, sums)).toBe(true);
        memory.expectIntact("add");
      }
    });

    it("keeps NaN and infinities", () => {
      const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
      const out = floats(dtype, 4);
      backend().add(floats(dtype, [nan, 1, infinity, -infinity]), floats(dtype, [1, nan, -infinity, 1]), out);
      expect([...out]).toEqual([nan, nan, nan, -infinity]);
    });
  });

  describe.each(ACTIVATIONS.slice(1) as Exclude<Activation, "identity">[])("golden values of %s", (name) => {
    const ulps = name === "sigmoid" ? 4 : referenceActivations[name].ulps;
    const inputs = floats(dtype, golden.inputs);
    const { values, derivatives: slopes } = goldenOf(name);

    it("agree within the stated ulp", () => {
      const out = inputs.slice();
      backend()[name](inputs, out);
      const tolerances = values.map((value) => 2 * (ulps + 0.5) * unit * Math.abs(value) + 16 * smallest);
      expectClose(out, { values, tolerances }, name);
    });

    it("agree in the derivative, absolutely", () => {
      const saved = inputs.slice();
      if (name !== "gelu" && name !== "silu") backend()[name](inputs, saved);
      const out = inputs.slice();
      backend()[`${name}Backward`](inputs.slice().fill(1), saved, out);
      expectClose(out, { values: slopes, tolerances: slopes.map(() => 6 * unit) }, `${name}Backward`);
    });
  });

  describe("a product's last pass", () => {
    // Small, read where they lie, packed, by dots, with columns left over, and summed in several blocks.
    const shapes = [
      [1, 1, 1],
      [3, 5, 0],
      [7, 19, 11],
      [33, 50, 70],
      [100, 50, 784],
      [2, 300, 640],
      [40, 17, 1100],
      [130, 131, 40],
    ] as const;

    const expectApplied = (activation: Activation, a: FloatArray, z: FloatArray, context: string) => {
      const alone = z.slice();
      if (activation !== "identity") backend()[activation](z, alone);
      if (backend().name === "native") {
        expect(sameBytes(a, alone), context).toBe(true); // The same function, of the same number.
        return;
      }
      const tolerances = Float64Array.from(
        z,
        (value, i) => 4 * unit * (Math.abs(value) + Math.abs(alone[i] as number)) + smallest,
      );
      expectClose(a, { values: Float64Array.from(alone), tolerances }, context);
    };

    it.each(ACTIVATIONS)("applies %s in gemm", (activation) => {
      for (const [m, n, k] of shapes) {
        for (const transposeB of [false, true]) {
          for (const beta of [0, 0.7]) {
            const memory = new GuardedMemory();
            const ldc = n + 3;
            const args = {
              ...{ transposeA: false, transposeB, m, n, k, lda: k, ldb: transposeB ? k : n, ldc },
              a: memory.input(randomFloats(dtype, m * k, 1)),
              b: memory.input(randomFloats(dtype, n * k, 2)),
              bias: memory.input(randomFloats(dtype, n, 3)),
              ...{ alpha: 1, beta },
            };
            const [z, a] = [1, 2].map(() => memory.output(randomFloats(dtype, m * ldc, 4))) as [
              FloatArray,
              FloatArray,
            ];
            backend().gemm({ ...args, activation: "identity", c: z });
            backend().gemm({ ...args, activation, c: a });
            const rows = (c: FloatArray) => c.filter((_, i) => i % ldc < n);
            const rests = (c: FloatArray) => c.filter((_, i) => i % ldc >= n);
            expectApplied(activation, rows(a), rows(z), `${activation} of ${m} x ${n} x ${k}`);
            expect(sameBytes(rests(a), rests(z)), "what lies behind the rows").toBe(true);
            memory.expectIntact("gemm");
          }
        }
      }
    });

    it.each(ACTIVATIONS)("applies %s in imageLinear", (activation) => {
      const next = randomIntegers(5);
      for (const [count, units, isDark] of [
        [1, 3, true],
        [70, 50, true],
        [70, 50, false],
        [300, 130, true],
      ] as const) {
        const width = 40;
        const images = Uint8Array.from({ length: count * width }, () => (isDark && next() % 4 ? 0 : next()));
        const ldw = Math.ceil(units / 16) * 16;
        for (const ink of new Set([null, backend().listInk(images, width)])) {
          const args = {
            ...{
              images,
              rows: Int32Array.from({ length: count }, () => next() % count),
              width,
              scale: 0.01,
              offset: -0.3,
            },
            ...{
              ink,
              units,
              weight: randomFloats(dtype, width * ldw, 1),
              ldw,
              bias: randomFloats(dtype, units, 2),
            },
          };
          const [z, a] = [floats(dtype, count * units), floats(dtype, count * units)];
          backend().imageLinear({ ...args, activation: "identity", out: z });
          backend().imageLinear({ ...args, activation, out: a });
          expectApplied(activation, a, z, `${activation} of ${count} images`);
        }
      }
    });
  });
}
