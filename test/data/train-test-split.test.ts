import { describe, expect, it } from "vitest";
import { createDataset, examplesAt, InvalidArgumentError, subset, trainTestSplit } from "../../src/index.js";

const labels = Uint8Array.from({ length: 40 }, (_, i) => i % 4);
const dataset = createDataset({ images: new Uint8Array(40), labels, imageShape: [1, 1], classes: 4 });

describe("trainTestSplit", () => {
  it("splits the examples of a part, not the rows of the whole", () => {
    const part = subset(
      dataset,
      Int32Array.from({ length: 20 }, (_, i) => 39 - i),
    );
    const { train, test } = trainTestSplit(part, { testSize: 5, seed: 1 });
    expect(test.rows).toHaveLength(5);
    expect(Int32Array.of(...train.rows, ...test.rows).sort()).toEqual(part.rows.slice().sort());
    expect(train.features).toBe(dataset.features);
  });

  it("gives each class its share where that is asked for", () => {
    const { test } = trainTestSplit(dataset, { testSize: 0.2, stratify: true });
    expect(Array.from(test.rows, (row) => labels[row]).sort()).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });

  it("refuses strata of rows in their order, and of values", () => {
    expect(() => trainTestSplit(dataset, { stratify: true, shuffle: false })).toThrow(
      "Expected no stratify with shuffle: false, because rows in their order have the classes that they have; leave one out.",
    );
    const targets = { kind: "values", data: new Float64Array(40), width: 1 } as const;
    expect(() => trainTestSplit({ ...dataset, targets }, { stratify: true })).toThrow(
      "A stratified split needs examples of classes, and these data have values to be learned.",
    );
  });
});

describe("examplesAt", () => {
  it("takes places in the dataset, other than subset", () => {
    const part = subset(dataset, Int32Array.of(30, 20, 10));
    expect([...examplesAt(part, Int32Array.of(2, 0)).rows]).toEqual([10, 30]);
  });

  it.each([-1, 3])("refuses the place %d of three", (place) => {
    const part = subset(dataset, Int32Array.of(30, 20, 10));
    expect(() => examplesAt(part, Int32Array.of(0, place))).toThrow(InvalidArgumentError);
    expect(() => examplesAt(part, Int32Array.of(0, place))).toThrow(
      `Expected places from 0 to 2, of the examples of the dataset, but received ${place}.`,
    );
  });
});
