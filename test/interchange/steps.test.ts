import { describe, expect, it } from "vitest";
import { networkOf, stepsOf } from "../../src/interchange/steps.js";
import { tensor, toArray } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { INPUTS, SAMPLE_NETWORKS, sampleRows } from "./sample-networks.js";

describe("the steps of a network", () => {
  it.each(SAMPLE_NETWORKS)("have no dropout and no auxiliary output: $name", ({ create }) => {
    const text = JSON.stringify(stepsOf(create("float32")).steps);
    expect(text).not.toMatch(/dropout|auxiliary/);
  });

  describeOnEveryBackend((createBackend) => {
    it.each(SAMPLE_NETWORKS)("make a network that computes the same: $name", ({ create }) => {
      for (const dtype of ["float32", "float64"] as const) {
        const backend = createBackend();
        const network = create(dtype);
        const copy = networkOf(stepsOf(network), { backend });
        const again = networkOf(stepsOf(copy), { backend });
        const x = tensor(sampleRows(9, dtype), [9, INPUTS], { dtype, backend });
        const ofCopy = copy.forward(x).at(-1);
        const ofAgain = again.forward(x).at(-1);
        const own = network.forward(
          tensor(sampleRows(9, dtype), [9, INPUTS], { dtype, backend: network.backend }),
        );
        const expected = toArray(own.at(-1) as NonNullable<typeof ofCopy>);
        const found = toArray(ofCopy as NonNullable<typeof ofCopy>);
        const tolerance = dtype === "float32" ? 1e-5 : 1e-12;
        for (const [i, value] of found.entries())
          expect(Math.abs(value - (expected[i] as number))).toBeLessThan(tolerance);
        expect(toArray(ofAgain as NonNullable<typeof ofAgain>)).toEqual(found);
      }
    });
  });

  it("that do not meet are refused", () => {
    const linear = (units: number, inputs: number) =>
      ({
        kind: "linear",
        weight: new Float32Array(units * inputs),
        bias: new Float32Array(units),
        units,
        inputs,
      }) as const;
    expect(() => networkOf({ inputs: 4, dtype: "float32", steps: [linear(3, 4), linear(2, 5)] })).toThrow(
      "Expected layer 1 to take the 3 numbers that the one before it gives, but it takes 5.",
    );
  });
});
