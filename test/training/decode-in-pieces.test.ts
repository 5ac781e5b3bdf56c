import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { batchNormalization, dense } from "../../src/nn/specification.js";
import { assignRows, matrix, toArray, zeros, zerosByColumns } from "../../src/tensor/tensor.js";
import { decodeModel, decodeModelInPieces, encodeModel } from "../../src/training/model-file.js";
import { describeOnEveryBackend } from "../support/backends.js";

describeOnEveryBackend((create) => {
  describe("a model that is read in pieces", () => {
    it.each(["float32", "float64"] as const)(
      "is the same as one that is read at once, in %s",
      async (dtype) => {
        const backend = create();
        const network = new MultilayerPerceptron({
          layers: [1999, dense(1501, "relu"), batchNormalization(), dense(3)],
          dtype,
          backend,
        });
        const bytes = encodeModel(network, { dataset: "mnist" });
        let rests = 0;
        const read = await decodeModelInPieces(bytes, { backend }, async () => {
          rests++;
        });
        const whole = decodeModel(bytes, { backend });
        expect(rests).toBeGreaterThan(3);
        expect(read.metadata).toEqual(whole.metadata);
        const numbers = ({ parameters, buffers }: MultilayerPerceptron) =>
          [...parameters, ...buffers].map(({ value }) => toArray(value));
        for (const [i, tensor] of numbers(read.network).entries()) {
          expect(
            Buffer.from(tensor.buffer).equals(Buffer.from(numbers(network)[i]?.buffer ?? new ArrayBuffer(0))),
          ).toBe(true);
        }
      },
    );

    it("is refused as one that is read at once", async () => {
      const damaged = Uint8Array.of(1, 2, 3);
      const expected = "net is not a safetensors file: it has only 3 bytes.";
      await expect(decodeModelInPieces(damaged, { name: "net" }, async () => {})).rejects.toThrow(expected);
      expect(() => decodeModel(damaged, { name: "net" })).toThrow(expected);
    });
  });
});

describe("rows of a matrix", () => {
  it("are written where they belong, whatever its order in memory", () => {
    const shape = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(shape, fc.nat(39), fc.nat(40), ([rows, columns], from, count) => {
        const first = from % rows;
        const numbers = Float32Array.from(
          { length: Math.min(count, rows - first) * columns },
          (_, i) => i + 1,
        );
        for (const x of [zeros([rows, columns]), zerosByColumns([rows, columns])]) {
          assignRows(x, first, numbers);
          const expected = new Float32Array(rows * columns);
          expected.set(numbers, first * columns);
          expect(toArray(x)).toEqual(expected);
          expect(matrix(x)).toEqual([rows, columns]);
        }
      }),
    );
  });

  it("are refused where they are not whole, or too many", () => {
    const x = zeros([3, 4]);
    expect(() => assignRows(x, 0, new Float32Array(5))).toThrow("Expected whole rows of 4 numbers");
    expect(() => assignRows(x, 2, new Float32Array(8))).toThrow("1 at most from row 2 on");
  });
});
