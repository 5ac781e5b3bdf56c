import { describe, expect, it } from "vitest";
import { oneHot } from "../../src/data/targets.js";
import { InvalidArgumentError, LabelRangeError } from "../../src/errors.js";

describe("oneHot", () => {
  it("puts a one in the column of the class", () => {
    expect(oneHot(Uint8Array.of(2, 0), 3)).toEqual(Float64Array.of(0, 0, 1, 1, 0, 0));
  });

  it("refuses a label out of range and says where it is", () => {
    expect(() => oneHot(Uint8Array.of(0, 1, 10), 10)).toThrow(LabelRangeError);
    expect(() => oneHot(Uint8Array.of(0, 1, 10), 10)).toThrow(/0 to 9 .* row 2 has the label 10/);
  });

  it.each([0, -1, 2.5])("refuses %d classes", (classes) => {
    expect(() => oneHot(new Uint8Array(0), classes)).toThrow(InvalidArgumentError);
  });
});
