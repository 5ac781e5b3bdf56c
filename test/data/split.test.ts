import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shuffledSplit, stratifiedSplit, trainValidTestSplit } from "../../src/data/split.js";
import { InvalidArgumentError } from "../../src/errors.js";
import { RandomState } from "../../src/random/random-state.js";

interface GoldenSplits {
  readonly small: readonly {
    readonly name: string;
    readonly labels: readonly number[];
    readonly splits: readonly {
      readonly testSize: number;
      readonly seed: number;
      readonly train: readonly number[];
      readonly test: readonly number[];
    }[];
  }[];
  readonly large: readonly {
    readonly labelSeed: number;
    readonly classes: number;
    readonly count: number;
    readonly testSize: number;
    readonly validSize: number;
    readonly seed: number;
    readonly sha256OfInt64: Readonly<Record<"labels" | "train" | "valid" | "test", string>>;
  }[];
  readonly shuffled: readonly {
    readonly count: number;
    readonly testSize: number;
    readonly seed: number;
    readonly train: readonly number[];
    readonly test: readonly number[];
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL("../golden/split.json", import.meta.url), "utf8"),
) as GoldenSplits;

describe("stratifiedSplit gives the rows of scikit-learn", () => {
  describe.each(golden.small)("for $name", ({ labels, splits }) => {
    it.each(splits)("with $testSize test rows and seed $seed", ({ testSize, seed, train, test }) => {
      const areBytes = labels.every((label) => label < 256);
      const array = areBytes ? Uint8Array.from(labels) : Int32Array.from(labels);
      const split = stratifiedSplit(array, { testSize, seed });
      expect([...split.train]).toEqual(train);
      expect([...split.test]).toEqual(test);
    });
  });
});

it("stratifiedSplit takes any whole numbers as labels", () => {
  const bytes = Uint8Array.from({ length: 40 }, (_, i) => i % 4);
  const labels = Int32Array.from(bytes, (byte) => [-(2 ** 31), -1, 5, 2 ** 31 - 1][byte] as number);
  const options = { testSize: 10, seed: 3 };
  expect(stratifiedSplit(labels, options)).toEqual(stratifiedSplit(bytes, options));
});

describe("shuffledSplit", () => {
  it.each(golden.shuffled)(
    "gives the rows of scikit-learn, for $testSize of $count rows and seed $seed",
    ({ count, testSize, seed, train, test }) => {
      const split = shuffledSplit(count, { testSize, seed });
      expect([...split.train]).toEqual(train);
      expect([...split.test]).toEqual(test);
    },
  );

  it.each([0, 7, 1.5])("refuses %d of 7 rows", (testSize) => {
    expect(() => shuffledSplit(7, { testSize, seed: 1 })).toThrow(
      `Expected a share between 0 and 1, or a whole number from 1 to one below the number of rows, 7, for the size of the part to split off but received ${testSize}.`,
    );
  });
});

describe("trainValidTestSplit gives the rows of two calls of scikit-learn", () => {
  it.each(golden.large)("for $count rows of $classes classes and seed $seed", (expected) => {
    const random = new RandomState(expected.labelSeed);
    const labels = Uint8Array.from({ length: expected.count }, () => random.randint(0, expected.classes));
    const { testSize, validSize, seed } = expected;
    const { train, valid, test } = trainValidTestSplit(labels, { testSize, validSize, seed });
    const sums = { labels: sha256(labels), train: sha256(train), valid: sha256(valid), test: sha256(test) };
    expect(sums).toEqual(expected.sha256OfInt64);
  });
});

describe("stratifiedSplit", () => {
  /** Labels of 1 to 12 classes with 2 to 40 rows each, in any order, with a seed and a test size that can be had. */
  const cases = fc.array(fc.integer({ min: 2, max: 40 }), { minLength: 1, maxLength: 12 }).chain((counts) => {
    const labels = counts.flatMap((count, i) => new Array<number>(count).fill(i * 20));
    return fc.record({
      labels: fc
        .shuffledSubarray(labels, { minLength: labels.length })
        .map((order) => Uint8Array.from(order)),
      testSize: fc.integer({ min: counts.length, max: labels.length - counts.length }),
      seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    });
  });

  it("puts every row into exactly one part, and testSize rows into test", () => {
    fc.assert(
      fc.property(cases, ({ labels, testSize, seed }) => {
        const { train, test } = stratifiedSplit(labels, { testSize, seed });
        expect(test.length).toBe(testSize);
        const rows = Int32Array.of(...train, ...test).sort();
        expect(rows).toEqual(Int32Array.from(labels.keys()));
      }),
    );
  });

  it("gives each class its share of the test part, within one row", () => {
    fc.assert(
      fc.property(cases, ({ labels, testSize, seed }) => {
        const { test } = stratifiedSplit(labels, { testSize, seed });
        for (const label of new Set(labels)) {
          const total = labels.filter((other) => other === label).length;
          const taken = test.filter((row) => labels[row] === label).length;
          expect(Math.abs(taken - (total * testSize) / labels.length)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it.each([0, -1, 2.5, 20, 21, Number.NaN])("refuses a test size of %s among 20 rows", (testSize) => {
    const labels = Uint8Array.from({ length: 20 }, (_, i) => i % 2);
    const split = () => stratifiedSplit(labels, { testSize, seed: 0 });
    expect(split).toThrow(InvalidArgumentError);
    expect(split).toThrow(`but received ${testSize}.`);
  });

  it("refuses a class with a single row, and names it", () => {
    const split = () => stratifiedSplit(Uint8Array.of(0, 0, 0, 7, 0), { testSize: 2, seed: 0 });
    expect(split).toThrow(InvalidArgumentError);
    expect(split).toThrow("class 7 has only one");
  });

  it.each([2, 10])("refuses to split 12 rows of 3 classes at %s: a part would lack a class", (testSize) => {
    const labels = Uint8Array.from({ length: 12 }, (_, i) => i % 3);
    expect(() => stratifiedSplit(labels, { testSize, seed: 0 })).toThrow(InvalidArgumentError);
  });

  it("refuses to split nothing", () => {
    expect(() => stratifiedSplit(new Uint8Array(0), { testSize: 1, seed: 0 })).toThrow(InvalidArgumentError);
  });

  it("refuses a seed that NumPy refuses", () => {
    expect(() => stratifiedSplit(Uint8Array.of(0, 0, 1, 1), { testSize: 2, seed: -1 })).toThrow(
      InvalidArgumentError,
    );
  });
});

/** Of the values as 64-bit integers, little-endian: the form that the recorded sums were taken of. */
function sha256(values: Uint8Array | Int32Array): string {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [i, value] of values.entries()) {
    bytes.writeBigInt64LE(BigInt(value), i * 8);
  }
  return createHash("sha256").update(bytes).digest("hex");
}
