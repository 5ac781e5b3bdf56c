import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnFormat, formatOf } from "../../../src/report/figures/describe.js";

describe("formatOf and columnFormat", () => {
  it("write neighbours that differ differently, whatever float32 losses there are", () => {
    const loss = fc.float({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.array(loss, { minLength: 2, maxLength: 30 }), (values) => {
        for (const format of [formatOf(values), columnFormat(values)]) {
          for (const [i, value] of values.slice(1).entries()) {
            const before = values[i] ?? Number.NaN;
            if (value !== before) expect(format(value)).not.toBe(format(before));
          }
        }
      }),
    );
  });

  it.each([
    [[0.0499, 0.0311], "0.0499", "0.04990"],
    [[0.0886543, 0.0886512, 0.0886501], "0.088654", "0.088654"],
    [[Number.NaN, 0.5], "not a number", "not a number"],
  ])("of %j write the first as %s and, in a column, as %s", (values, short, inColumn) => {
    expect(formatOf(values)(values[0] as number)).toBe(short);
    expect(columnFormat(values)(values[0] as number)).toBe(inColumn);
  });

  it("look at each series by itself", () => {
    expect(formatOf([0.08865, 0.0887], [0.08865001, 0.0887001])(0.08865001)).toBe("0.08865");
  });
});
