import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "vitest";
import * as library from "../../../src/index.js";
import { agreementWith } from "../../support/agreement.js";

interface GoldenFolds {
  readonly values: Readonly<Record<string, readonly number[] | readonly string[]>>;
  readonly drawn: Readonly<
    Record<string, { readonly seed: number; readonly classes: number; readonly count: number }>
  >;
  readonly cases: readonly {
    readonly call: string;
    readonly count?: number;
    /** The name of labels or groups. */
    readonly values?: string;
    readonly options: object;
    /** Rows, or the sum of many. */
    readonly folds: readonly Readonly<Record<"train" | "test", readonly number[] | string>>[];
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL("../../golden/folds.json", import.meta.url), "utf8"),
) as GoldenFolds;

function valuesOf(name: string): Int32Array | readonly string[] {
  const given = golden.values[name];
  if (given !== undefined) {
    return typeof given[0] === "string" ? (given as readonly string[]) : Int32Array.from(given as number[]);
  }
  const { seed, classes, count } = golden.drawn[name] as GoldenFolds["drawn"][string];
  const random = new library.RandomState(seed);
  return Int32Array.from({ length: count }, () => random.randint(0, classes));
}

const silent = { onNotice: () => {} };

type Call = (count: number, values: Int32Array, options: object) => readonly library.Fold[];

const CALLS: Readonly<Record<string, Call>> = {
  kFold: (count, _, options) => library.kFold(count, options),
  repeatedKFold: (count, _, options) => library.repeatedKFold(count, options),
  stratifiedKFold: (_, labels, options) => library.stratifiedKFold(labels, { ...options, ...silent }),
  repeatedStratifiedKFold: (_, labels, options) => library.repeatedStratifiedKFold(labels, options),
  groupKFold: (_, groups, options) => library.groupKFold(groups, options),
  leaveOneGroupOut: (_, groups) => library.leaveOneGroupOut(groups),
  shuffleSplit: (count, _, options) => library.shuffleSplit(count, options),
  stratifiedShuffleSplit: (_, labels, options) => library.stratifiedShuffleSplit(labels, options),
  trainTestSplit: (count, labels, options) => {
    const classes = Math.max(...labels, 0) + 1;
    const dataset = library.createDataset({
      images: new Uint8Array(count),
      labels: labels.length === count ? labels : new Uint8Array(count),
      imageShape: [1, 1],
      classes,
    });
    const { train, test } = library.trainTestSplit(dataset, options);
    return [{ train: train.rows, test: test.rows }];
  },
};

const sklearn = agreementWith("scikit-learn", "folds and splits: the rows of each");

describe("the folds of scikit-learn", () => {
  it.each(
    golden.cases.map((one) => [one.call, one.values ?? one.count, JSON.stringify(one.options), one] as const),
  )("%s of %s, %s", (_, __, ___, { call, count, values: name, options, folds }) => {
    const values = name === undefined ? new Int32Array(0) : valuesOf(name);
    const ours = CALLS[call]?.(count ?? values.length, values as Int32Array, options) ?? [];
    const isSum = typeof folds[0]?.train === "string";
    const write = (rows: Int32Array) => (isSum ? sha256(rows) : [...rows]);
    sklearn.expectSame(
      ours.map(({ train, test }) => ({ train: write(train), test: write(test) })),
      folds,
    );
  });
});

/** Of the values as 64-bit integers, little-endian: the form that the recorded sums were taken of. */
function sha256(values: Int32Array): string {
  return createHash("sha256").update(BigInt64Array.from(values, BigInt)).digest("hex");
}
