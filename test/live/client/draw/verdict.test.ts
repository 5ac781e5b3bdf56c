import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isForDigits, knowsDigits, verdictOf } from "../../../../src/live/client/draw/verdict.js";
import type { Recognition } from "../../../../src/live/protocol.js";

function recognition(
  shares: readonly (number | null)[],
  rest: Partial<Recognition> & { readonly names?: readonly string[] } = {},
): Recognition {
  const { names, ...others } = rest;
  const largest = shares.reduce<number>(
    (best, share, i) => ((share ?? -9) > (shares[best] ?? -9) ? i : best),
    0,
  );
  return {
    modelVersion: 1,
    predicted: largest,
    classes: shares.map((share, i) => ({ name: names?.[i] ?? String(i), share })),
    kind: "probability",
    input: null,
    hidden: [],
    explanation: null,
    notes: [],
    ...others,
  };
}

const digits = (shares: Readonly<Record<number, number>>) =>
  Array.from({ length: 10 }, (_, i) => shares[i] ?? 0);

describe("what a network has found, in words", () => {
  it("is a digit and how sure the network is of it", () => {
    const cases: [Record<number, number>, string][] = [
      [{ 7: 0.999, 1: 0.001 }, "It is a 7, very sure (over 99\u00a0%)."],
      [{ 7: 0.93, 1: 0.07 }, "It is a 7, quite sure (93\u00a0%)."],
      [{ 7: 0.7, 1: 0.3 }, "It is a 7, fairly sure (70\u00a0%), though it might be a 1."],
      [{ 7: 0.41, 1: 0.4, 9: 0.19 }, "It is a 7, not sure (41\u00a0%): it might be a 1."],
      [{ 8: 0.55, 3: 0.45 }, "It is an 8, not sure (55\u00a0%): it might be a 3."],
      [{ 3: 0.55, 8: 0.45 }, "It is a 3, not sure (55\u00a0%): it might be an 8."],
      [{ 0: 1 }, "It is a 0, very sure (100\u00a0%)."],
    ];
    for (const [shares, spoken] of cases) expect(verdictOf(recognition(digits(shares))).spoken).toBe(spoken);
  });

  it("names letters and articles of clothing", () => {
    const names = ["A", "B"];
    expect(verdictOf(recognition([0.9, 0.1], { names })).headline).toBe("It is an A");
    expect(verdictOf(recognition([0.1, 0.9], { names })).headline).toBe("It is a B");
    const clothes = recognition([0.5, 0.4], { names: ["T-shirt/top", "Ankle boot"] });
    expect(verdictOf(clothes).spoken).toBe(
      "It is: T-shirt/top, not sure (50\u00a0%): it might be Ankle boot.",
    );
  });

  it("is not sure where sigmoids are high for two, or for none", () => {
    const activation = (shares: Record<number, number>) =>
      verdictOf(recognition(digits(shares), { kind: "activation" })).certainty;
    expect(activation({ 7: 0.98, 1: 0.01 })).toBe("very sure (0.98)");
    expect(activation({ 7: 0.98, 1: 0.97 })).toBe("not sure (0.98): it might be a 1");
    expect(activation({ 7: 0.08, 1: 0.01 })).toBe("not sure (0.08): it might be a 1");
    expect(activation({})).toBe("not sure (0.00)");
  });

  it("says no share where the outputs are just numbers, or none", () => {
    expect(verdictOf(recognition([-3, 4.5], { kind: "output" })).certainty).toBe(
      "its output for it is the largest: 4.50",
    );
    expect(verdictOf(recognition([null, null])).certainty).toMatch(/not all numbers/);
  });

  it("says why there is nothing to recognise", () => {
    const blank = recognition(digits({}), { predicted: null, notes: ["The picture is blank."] });
    expect(verdictOf(blank).spoken).toBe("Nothing to recognise. The picture is blank.");
    const input = { width: 28, height: 28, uri: "data:,", pixels: "" };
    const diverged = { ...blank, input, notes: ["The outputs are not numbers."] };
    expect(verdictOf(diverged).spoken).toBe("No answer. The outputs are not numbers.");
  });

  it("is surer the larger the share is", () => {
    const levels = ["not", "fairly", "quite", "very"];
    const level = (share: number) =>
      levels.indexOf(verdictOf(recognition([share, 1 - share])).certainty.split(" ")[0] ?? "");
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 1, noNaN: true }),
        fc.double({ min: 0.5, max: 1, noNaN: true }),
        (a, b) => {
          expect(level(a)).toBeGreaterThanOrEqual(0);
          if (a < b) expect(level(a)).toBeLessThanOrEqual(level(b));
        },
      ),
    );
  });
});

describe("digits", () => {
  it("are known by ten classes of their names", () => {
    expect(knowsDigits(recognition(digits({})).classes)).toBe(true);
    expect(knowsDigits(recognition([1, 0]).classes)).toBe(false);
    expect(knowsDigits(recognition(digits({}), { names: ["o", "ki"] }).classes)).toBe(false);
  });

  it.each<[string | null, readonly string[], boolean]>([
    ["your drawings", ["0", "1", "2"], true],
    ["mnist", ["3", "8"], true],
    [null, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], true],
    ["csv", ["0", "1"], false],
    ["fashion-mnist", ["Coat", "Bag"], false],
  ])("are what a network is for, by its data and classes: %s, %j", (dataset, names, expected) => {
    expect(
      isForDigits(
        dataset,
        names.map((name) => ({ name })),
      ),
    ).toBe(expected);
  });
});
