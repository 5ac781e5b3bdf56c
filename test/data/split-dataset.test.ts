import { describe, expect, it } from "vitest";
import { createTable } from "../../src/data/create-table.js";
import { createDataset, subset } from "../../src/data/dataset.js";
import { shuffledSplit, trainValidTestSplit } from "../../src/data/split.js";
import { type SplitDatasetOptions, splitDataset } from "../../src/data/split-dataset.js";
import { exampleCount } from "../../src/data/stream.js";
import { InvalidArgumentError } from "../../src/errors.js";

const labels = Uint8Array.from({ length: 280 }, (_, i) => i % 10);
const dataset = createDataset({ images: new Uint8Array(280), labels, imageShape: [1, 1], classes: 10 });

describe("splitDataset on values", () => {
  const values = Float64Array.from({ length: 100 }, (_, i) => i / 3);
  const weights = Float64Array.from({ length: 100 }, (_, i) => i);
  const table = createTable({ features: values, width: 1, values, weights });

  it("shuffles, in the chapter's proportions, and shares features, targets and weights", () => {
    const { train, validation, test } = splitDataset(table, { seed: 5 });
    const first = shuffledSplit(100, { testSize: 14, seed: 5 });
    const second = shuffledSplit(86, { testSize: 7, seed: 5 });
    const rowsOf = (positions: Int32Array) => positions.map((position) => first.train[position] as number);
    expect(test.rows).toEqual(first.test);
    expect([train.rows, validation.rows]).toEqual([rowsOf(second.train), rowsOf(second.test)]);
    for (const part of [train, validation, test]) {
      expect(part.weights).toBe(weights);
      expect([part.features, part.targets]).toEqual([table.features, table.targets]);
    }
  });

  it("keeps the official test rows", () => {
    const { train, validation, test } = splitDataset(table, { split: "official", trainCount: 84 });
    expect([...test.rows]).toEqual(Array.from({ length: 16 }, (_, i) => 84 + i));
    expect([train, validation].map(exampleCount)).toEqual([77, 7]);
  });

  it("refuses too few rows", () => {
    const few = createTable({ features: [[1], [2], [3]], values: [1, 2, 3] });
    expect(() => splitDataset(few)).toThrow(/3 rows are too few to split: .* and it needs a row/);
  });
});

describe("splitDataset", () => {
  it("splits in the chapter's proportions, as trainValidTestSplit does", () => {
    const { train, validation, test } = splitDataset(dataset);
    const rows = trainValidTestSplit(labels, { testSize: 40, validSize: 20, seed: 123 });
    expect([train.rows, validation.rows, test.rows]).toEqual([rows.train, rows.valid, rows.test]);
    expect(train.features.data).toBe(dataset.features.data);
  });

  it("splits the rows of a part, and no others", () => {
    const even = subset(
      dataset,
      Int32Array.from({ length: 140 }, (_, i) => 2 * i),
    );
    const { train, validation, test } = splitDataset(even, { seed: 4 });
    expect([train, validation, test].map(exampleCount)).toEqual([110, 10, 20]);
    const rows = [...train.rows, ...validation.rows, ...test.rows].sort((a, b) => a - b);
    expect(rows).toEqual([...even.rows]);
  });

  it("keeps the rows after the training rows as the official test set", () => {
    const { train, validation, test } = splitDataset(dataset, { split: "official", trainCount: 240 });
    expect([...test.rows]).toEqual(Array.from({ length: 40 }, (_, i) => 240 + i));
    expect([train, validation].map(exampleCount)).toEqual([220, 20]);
  });

  it.each<[what: string, options: SplitDatasetOptions, fault: RegExp]>([
    ["an official split of data that have none", { split: "official" }, /no test set of their own/],
    ["an unknown split", { split: "half" as "chapter" }, /chapter or official for split but received half/],
    ["a seed out of range", { seed: -1 }, /seed/],
  ])("refuses %s", (_, options, fault) => {
    expect(() => splitDataset(dataset, options)).toThrow(InvalidArgumentError);
    expect(() => splitDataset(dataset, options)).toThrow(fault);
  });

  it("refuses too few rows", () => {
    const few = subset(
      dataset,
      Int32Array.from({ length: 70 }, (_, i) => i),
    );
    expect(() => splitDataset(few)).toThrow(/70 rows are too few to split/);
  });
});
