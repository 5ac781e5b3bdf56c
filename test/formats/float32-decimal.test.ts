import fc from "fast-check";
import { expect, it } from "vitest";
import { float32Decimal } from "../../src/formats/float32-decimal.js";

it.each([
  [0.1, "0.1"],
  [1 / 3, "0.33333334"],
  [0.16976732, "0.16976732"],
  [-2.5, "-2.5"],
  [0, "0"],
  [1, "1"],
  [1e-7, "1e-7"],
  [1.5e-30, "1.5e-30"],
  [16777216, "16777216"],
  [3.4028234663852886e38, "3.4028235e+38"],
  [Math.fround(1.2e-38), "1.2e-38"],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
])("the float32 of %d is printed as %s", (number, text) => {
  expect(String(float32Decimal(Math.fround(number)))).toBe(text);
});

it("reads back as the same float32, with nine digits at most", () => {
  const numbers = fc.oneof(
    fc.float({ noNaN: true }),
    fc.float({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: -200, max: 127 }).map((exponent) => Math.fround(2 ** exponent)),
  );
  fc.assert(
    fc.property(numbers, (number) => {
      const decimal = float32Decimal(number);
      expect(Math.fround(Number(String(decimal))) === number).toBe(true); // -0 is printed as 0.
      const [digits = ""] = String(Math.abs(decimal))
        .replace(/[.]|^0[.]0*/g, "")
        .split("e");
      if (Math.abs(number) < 1e9) expect(digits.length).toBeLessThanOrEqual(9);
    }),
    { numRuns: 3000 },
  );
});
