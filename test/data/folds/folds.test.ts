import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Fold,
  groupKFold,
  InvalidArgumentError,
  kFold,
  leaveOneGroupOut,
  repeatedKFold,
  repeatedStratifiedKFold,
  shuffleSplit,
  stratifiedKFold,
  stratifiedShuffleSplit,
} from "../../../src/index.js";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const splits = fc.integer({ min: 2, max: 9 });
const silent = { onNotice: () => {} };

/** Up to 120 rows of up to 6 classes, at least one of which has a row for each of nSplits folds. */
const labelled = splits.chain((nSplits) =>
  fc.record({
    nSplits: fc.constant(nSplits),
    seed: seeds,
    labels: fc
      .array(fc.integer({ min: -3, max: 2 }), { minLength: 6 * (nSplits - 1) + 1, maxLength: 120 })
      .map((labels) => Int32Array.from(labels)),
  }),
);

/** Each fold has every row once, and every row is tested `times` times. */
function expectPartition(folds: readonly Fold[], count: number, times = 1): void {
  const tested = new Int32Array(count);
  for (const { train, test } of folds) {
    expect(Int32Array.of(...train, ...test).sort()).toEqual(Int32Array.from({ length: count }, (_, i) => i));
    for (const row of test) tested[row] = (tested[row] ?? 0) + 1;
  }
  expect(tested.every((n) => n === times)).toBe(true);
}

function spread(sizes: readonly number[]): number {
  return Math.max(...sizes) - Math.min(...sizes);
}

describe("kFold", () => {
  it("tests every row once, in folds whose sizes differ by at most one", () => {
    fc.assert(
      fc.property(splits, fc.nat(100), fc.boolean(), seeds, (nSplits, more, shuffle, seed) => {
        const count = nSplits + more;
        const folds = kFold(count, { nSplits, ...(shuffle && { shuffle, seed }) });
        expect(folds).toHaveLength(nSplits);
        expectPartition(folds, count);
        expect(spread(folds.map(({ test }) => test.length))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("repeated, tests every row each time, in other folds", () => {
    const folds = repeatedKFold(50, { nSplits: 5, nRepeats: 3, seed: 1 });
    expect(folds).toHaveLength(15);
    expectPartition(folds, 50, 3);
    expect(folds.slice(0, 5)).toEqual(kFold(50, { nSplits: 5, shuffle: true, seed: 1 }));
    expect(folds[5]).not.toEqual(folds[0]);
  });
});

describe("stratifiedKFold", () => {
  it("tests every row once, and of each class the same number in each fold within one", () => {
    fc.assert(
      fc.property(labelled, fc.boolean(), ({ labels, nSplits, seed }, shuffle) => {
        const folds = stratifiedKFold(labels, { nSplits, ...(shuffle && { shuffle, seed }), ...silent });
        expectPartition(folds, labels.length);
        expect(spread(folds.map(({ test }) => test.length))).toBeLessThanOrEqual(1);
        for (const label of new Set(labels)) {
          const shares = folds.map(({ test }) => test.filter((row) => labels[row] === label).length);
          expect(spread(shares)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("does not depend on what the classes are called", () => {
    fc.assert(
      fc.property(labelled, ({ labels, nSplits, seed }) => {
        const options = { nSplits, shuffle: true, seed, ...silent };
        const renamed = labels.map((label) => 100 - 7 * label);
        expect(stratifiedKFold(renamed, options)).toEqual(stratifiedKFold(labels, options));
      }),
    );
  });

  it("says that a class has fewer rows than there are folds", () => {
    const notices: string[] = [];
    const onNotice = (sentence: string) => notices.push(sentence);
    const labels = Uint8Array.of(0, 0, 0, 0, 5, 0);
    stratifiedKFold(labels, { nSplits: 3, onNotice });
    repeatedStratifiedKFold(Uint8Array.of(0, 0, 0, 0, 5, 5), { nSplits: 3, nRepeats: 2, onNotice });
    expect(notices).toEqual([
      "Class 5 has only one row for 3 folds, so that some folds test none of it.",
      "Class 5 has only 2 rows for 3 folds, so that some folds test none of it.",
    ]);
  });

  it("refuses more folds than any class has rows", () => {
    expect(() => stratifiedKFold(Uint8Array.of(0, 0, 1, 1, 2), { nSplits: 3 })).toThrow(
      "Expected at most 2 folds, the rows of the largest class, so that each fold can test some of it, but received 3 for nSplits; choose fewer folds.",
    );
  });

  it("refuses labels of another kind", () => {
    expect(() => stratifiedKFold([0, 1] as never)).toThrow(
      "Expected a Uint8Array or an Int32Array for the class of each row but received an array.",
    );
  });
});

describe("groupKFold", () => {
  const grouped = splits.chain((nSplits) =>
    fc.record({
      nSplits: fc.constant(nSplits),
      groups: fc
        .array(fc.integer({ min: 0, max: 40 }), { maxLength: 150 })
        .map((groups) => [...groups, ...Array.from({ length: nSplits }, (_, i) => i)]),
    }),
  );

  it("tests every row once, and never splits a group", () => {
    fc.assert(
      fc.property(grouped, ({ groups, nSplits }) => {
        const folds = groupKFold(groups, { nSplits });
        expect(folds).toHaveLength(nSplits);
        expectPartition(folds, groups.length);
        for (const { train, test } of folds) {
          const tested = new Set(Array.from(test, (row) => groups[row]));
          expect(train.some((row) => tested.has(groups[row]))).toBe(false);
        }
      }),
    );
  });

  it("gives no fold more than a largest group above another", () => {
    fc.assert(
      fc.property(grouped, ({ groups, nSplits }) => {
        const sizes = groupKFold(groups, { nSplits }).map(({ test }) => test.length);
        const largest = Math.max(...groups.map((group) => groups.filter((other) => other === group).length));
        expect(spread(sizes)).toBeLessThanOrEqual(largest);
      }),
    );
  });

  it("takes texts, and typed arrays", () => {
    const groups = [3, 1, 3, 2, 1];
    const folds = groupKFold(groups, { nSplits: 2 });
    expect(groupKFold(Float64Array.from(groups), { nSplits: 2 })).toEqual(folds);
    expect(groupKFold(groups.map(String), { nSplits: 2 })).toEqual(folds);
  });

  it("refuses more folds than groups, and what are no groups", () => {
    expect(() => groupKFold(["a", "b", "a"], { nSplits: 3 })).toThrow(
      "Expected at most as many folds as there are groups, 2, but received 3 for nSplits; choose fewer folds.",
    );
    for (const groups of [undefined, [], ["a", 1], [Number.NaN, 1], [{}]]) {
      expect(() => groupKFold(groups as never)).toThrow(
        "Expected a number for each row, or a text for each, for groups but received ",
      );
    }
  });
});

describe("leaveOneGroupOut", () => {
  it("has a fold for each group", () => {
    const folds = leaveOneGroupOut(["b", "a", "b", "c"]);
    expect(folds.map(({ test }) => [...test])).toEqual([[1], [0, 2], [3]]);
    expectPartition(folds, 4);
  });

  it("refuses a single group", () => {
    expect(() => leaveOneGroupOut([7, 7])).toThrow(
      "Expected rows of at least two groups, so that one can be left out, but received one group.",
    );
  });
});

describe("shuffleSplit", () => {
  it("draws parts of the sizes asked for, without a row in both", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 90 }), fc.nat(), fc.nat(), seeds, (count, a, b, seed) => {
        const testSize = 1 + (a % (count - 1));
        const trainSize = 1 + (b % (count - testSize));
        for (const { train, test } of shuffleSplit(count, { nSplits: 3, testSize, trainSize, seed })) {
          expect([train.length, test.length]).toEqual([trainSize, testSize]);
          expect(new Set([...train, ...test]).size).toBe(trainSize + testSize);
        }
      }),
    );
  });

  it("gives each class its share, within one row", () => {
    const labels = Uint8Array.from({ length: 90 }, (_, i) => (i % 9 === 0 ? 0 : i % 2 === 0 ? 1 : 2));
    for (const { test } of stratifiedShuffleSplit(labels, { testSize: 0.3, nSplits: 20, seed: 5 })) {
      for (const label of [0, 1, 2]) {
        const total = labels.filter((other) => other === label).length;
        const taken = test.filter((row) => labels[row] === label).length;
        expect(Math.abs(taken - total * 0.3)).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe("folds that cannot be had", () => {
  const shares = (testSize: unknown) =>
    `Expected a share between 0 and 1, or a whole number from 1 to one below the number of rows, 10, for the size of the part to split off but received ${testSize}.`;
  const noSplits = (received: string) =>
    `Expected a whole number of at least 2 for nSplits, so that each fold leaves others to train on, but received ${received}.`;

  it.each<[string, () => unknown, string]>([
    ["one fold", () => kFold(10, { nSplits: 1 }), noSplits("1")],
    ["half a fold", () => kFold(10, { nSplits: 2.5 }), noSplits("2.5")],
    ["a text", () => groupKFold([1, 2], { nSplits: "2" as never }), noSplits('"2"')],
    [
      "more folds than rows",
      () => kFold(4, { nSplits: 5 }),
      "Expected at most as many folds as there are rows, 4, but received 5 for nSplits; choose fewer folds.",
    ],
    [
      "no rows",
      () => kFold(0),
      "Expected a whole number of at least 1 for the number of rows but received 0.",
    ],
    [
      "a seed that changes nothing",
      () => kFold(10, { seed: 3 }),
      "Expected no seed without shuffle: true, because nothing is drawn, but received 3; leave it out, or shuffle.",
    ],
    [
      "another shuffle",
      () => kFold(10, { shuffle: 1 as never }),
      "Expected true or false for shuffle but received 1.",
    ],
    [
      "no repeats",
      () => repeatedKFold(10, { nRepeats: 0 }),
      "Expected a whole number of at least 1 for nRepeats but received 0.",
    ],
    ["no test", () => shuffleSplit(10, { testSize: 0 }), shares(0)],
    ["all for the test", () => shuffleSplit(10, { testSize: 10 }), shares(10)],
    ["a count with a fraction", () => shuffleSplit(10, { testSize: 1.5 }), shares(1.5)],
    ["a size in words", () => shuffleSplit(10, { testSize: "2" as never }), shares('"2"')],
    [
      "more than there is",
      () => shuffleSplit(10, { testSize: 6, trainSize: 5 }),
      "Expected a testSize and a trainSize of together at most 10 rows, as many as there are, but received 6 and 5.",
    ],
    [
      "shares above 1",
      () => shuffleSplit(3, { testSize: 0.6, trainSize: 0.5 }),
      "Expected a testSize and a trainSize of together at most 3 rows, as many as there are, but received 0.6 and 0.5.",
    ],
    [
      "nothing to train on",
      () => shuffleSplit(10, { testSize: 0.95 }),
      "Expected sizes that leave at least one of 10 rows to train on, but a testSize of 0.95 leaves none.",
    ],
  ])("%s", (_, call, sentence) => {
    expect(call).toThrow(InvalidArgumentError);
    expect(call).toThrow(sentence);
  });
});
