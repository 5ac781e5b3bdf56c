import { describe, expect, it } from "vitest";
import { nearestName, requireKnownOptions } from "../../src/system/known-options.js";

describe("nearestName", () => {
  it("does not look for what a text of any length may have meant", () => {
    expect(nearestName("a".repeat(1e8), ["epochs", "batchSize"])).toBeUndefined();
  });

  it.each([
    ["epoch", "epochs"],
    ["batchsize", "batchSize"],
    ["learning_rate", "learningRate"],
    ["lr", undefined],
    ["momentum", undefined],
  ])("of %s is %s", (name, expected) => {
    expect(nearestName(name, ["epochs", "batchSize", "learningRate", "shuffle"])).toBe(expected);
  });
});

describe("requireKnownOptions", () => {
  it("takes no inherited name for a known one", () => {
    const options = JSON.parse('{ "constructor": 1 }');
    expect(() => requireKnownOptions("fit", options, { epochs: true }, "{}")).toThrow(
      'fit: there is no option "constructor"; its options are epochs.',
    );
  });

  it.each([
    [[1], "an array"],
    [new Float32Array(1), "a Float32Array"],
    [null, "null"],
    ["text", "a string"],
  ])("refuses %j", (value, words) => {
    expect(() => requireKnownOptions("fit", value as never, { epochs: true }, "{}")).toThrow(
      `expected an object of options, such as {}, but received ${words}.`,
    );
  });
});
