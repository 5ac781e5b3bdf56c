import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTable } from "../../src/data/create-table.js";
import { createDataset, pixelCount, requireImages, subset } from "../../src/data/dataset.js";
import { listInk } from "../../src/data/ink.js";
import { InvalidArgumentError, LabelRangeError, ShapeError } from "../../src/errors.js";

describe("createTable", () => {
  it("takes lists of rows, and labels of classes", () => {
    const table = createTable({
      features: [
        [1.5, -2],
        [1e300, 0],
        [3, 4],
      ],
      labels: [1, 0, 1],
      classNames: ["no", "yes"],
      featureNames: ["a", "b"],
      weights: [0, 1, 0.5],
    });
    expect(table).toEqual({
      features: {
        kind: "floats",
        data: Float64Array.of(1.5, -2, 1e300, 0, 3, 4),
        width: 2,
        names: ["a", "b"],
      },
      targets: { kind: "classes", labels: Uint8Array.of(1, 0, 1), classes: 2, classNames: ["no", "yes"] },
      rows: Int32Array.of(0, 1, 2),
      weights: Float64Array.of(0, 1, 0.5),
    });
    expect(pixelCount(table)).toBe(2);
  });

  it("keeps typed arrays as they are", () => {
    const features = Float32Array.of(1, 2, 3, 4);
    const values = Float32Array.of(5, 6);
    const weights = Float32Array.of(1, 2);
    const table = createTable({ features, width: 2, values, weights });
    expect(table.features.data).toBe(features);
    expect(table.targets).toEqual({ kind: "values", data: values, width: 1 });
    expect(table.targets.data).toBe(values);
    expect(table.weights).toBe(weights);
    const labels = Uint8Array.of(1, 0);
    expect(createTable({ features, labels }).targets.labels).toBe(labels);
    expect(createTable({ features, labels }).features.width).toBe(2);
  });

  it("takes several values of each example", () => {
    const features = [[1], [2]];
    const data = Float64Array.of(1, 2, 3, 4, 5, 6);
    const lists = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    for (const values of [data, lists]) {
      expect(createTable({ features, values }).targets).toEqual({ kind: "values", data, width: 3 });
    }
    const valueNames = ["x", "y", "z"];
    expect(createTable({ features, values: lists, valueNames }).targets.names).toEqual(valueNames);
  });

  it("names more classes than a byte can", () => {
    const features = new Float64Array(400);
    const labels = Array.from({ length: 400 }, (_, i) => i);
    const { targets } = createTable({ features, labels });
    expect([targets.classes, targets.labels]).toEqual([400, Int32Array.from(labels)]);
    const bytes = Uint8Array.of(0, 1);
    const wide = createTable({ features: [[1], [2]], labels: bytes, classes: 300 }).targets;
    expect([wide.classes, wide.labels]).toEqual([300, Int32Array.of(0, 1)]);
  });

  it("says which classes have no examples", () => {
    const said: string[] = [];
    const onNotice = (sentence: string) => void said.push(sentence);
    createTable({ features: [[1], [2]], labels: [0, 400], onNotice });
    createTable({ features: [[1], [2], [3], [4]], labels: [0, 2, 3, 7], onNotice });
    expect(said).toEqual([
      expect.stringContaining("make 401 classes, but classes 1-399 have no examples"),
      expect.stringContaining("make 8 classes, but classes 1, 4-6 have no examples"),
    ]);
  });

  it("refuses the first number that is not finite, wherever it is, and names row and column", () => {
    const bad = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    const cases = fc.record({
      rows: fc.integer({ min: 1, max: 9 }),
      width: fc.integer({ min: 1, max: 5 }),
      at: fc.nat(),
      bad,
      isTyped: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, ({ rows, width, at, bad: value, isTyped }) => {
        const flat = new Float64Array(rows * width);
        const place = at % flat.length;
        flat[place] = value;
        const lists = Array.from({ length: rows }, (_, i) => [...flat.subarray(i * width, (i + 1) * width)]);
        const numbers = isTyped ? flat : lists;
        const where = `row ${Math.floor(place / width)}, column ${place % width} is ${value}.`;
        const labels = new Uint8Array(rows);
        const ofFeatures = () => createTable({ features: numbers, width, labels });
        expect(ofFeatures).toThrow(InvalidArgumentError);
        expect(ofFeatures).toThrow(`Expected finite numbers as features, but ${where}`);
        const ofValues = () => createTable({ features: new Float64Array(rows), width: 1, values: numbers });
        expect(ofValues).toThrow(`Expected finite numbers as values, but ${where}`);
      }),
    );
    expect(() =>
      createTable({ features: [[1, Number.NaN]], labels: [0], featureNames: ["age", "size"] }),
    ).toThrow("row 0, column 1, size, is NaN.");
  });

  const features = [[1], [2]];
  const labels = [0, 1];
  it.each<[what: string, options: unknown, errorClass: new (message: string) => Error, fault: string]>([
    ["no targets", { features }, InvalidArgumentError, "Expected either labels or values"],
    ["two kinds of targets", { features, labels, values: [1, 2] }, InvalidArgumentError, "one of the two"],
    [
      "a label too few",
      { features, labels: [0] },
      ShapeError,
      "a label for each of 2 rows of features but received 1",
    ],
    [
      "a value too many",
      { features, values: [1, 2, 3], valueNames: ["x"] },
      ShapeError,
      "values for each of 2 rows",
    ],
    [
      "values that fill no rows",
      { features, values: Float64Array.of(1, 2, 3) },
      ShapeError,
      "received 1.5; give width",
    ],
    [
      "rows of several lengths",
      { features: [[1], [1, 2]], labels },
      ShapeError,
      "1 features in each row, but row 1 is of 2",
    ],
    ["a row that is none", { features: [[1], 2], labels }, ShapeError, "but row 1 is 2"],
    [
      "a text for a number",
      { features: [["1"], [2]], labels },
      InvalidArgumentError,
      "row 0, column 0 is NaN",
    ],
    ["features of no width", { features: new Float32Array(4), values: [1, 2] }, ShapeError, "give width"],
    [
      "features that fill no rows",
      { features: new Float32Array(5), width: 2, labels },
      ShapeError,
      "no whole number of rows",
    ],
    [
      "no rows of features",
      { features: "1 2", width: 1, labels },
      InvalidArgumentError,
      'for features but received "1 2"',
    ],
    [
      "names of other columns",
      { features, labels, featureNames: ["a", "b"], width: 1 },
      ShapeError,
      "1 names of features",
    ],
    ["a fraction as a label", { features, labels: [0, 0.5] }, LabelRangeError, "row 1 has 0.5"],
    ["a negative label", { features, labels: [0, -1] }, LabelRangeError, "row 1 has -1"],
    [
      "a label of no class",
      { features, labels: [0, 2], classes: 2 },
      LabelRangeError,
      "row 1 has the label 2",
    ],
    ["too many classes", { features, labels: [0, 1e9] }, LabelRangeError, "row 1 has the label 1000000000"],
    [
      "a negative weight",
      { features, labels, weights: [1, -1] },
      InvalidArgumentError,
      "that of row 1 is -1",
    ],
    [
      "a weight that is NaN",
      { features, labels, weights: [Number.NaN, 1] },
      InvalidArgumentError,
      "that of row 0 is NaN",
    ],
    ["weights that are all 0", { features, labels, weights: [0, 0] }, InvalidArgumentError, "not all 0"],
    [
      "a weight too few",
      { features, labels, weights: [1] },
      ShapeError,
      "a weight for each of 2 examples but received 1",
    ],
  ])("refuses %s", (_, options, errorClass, fault) => {
    const call = () => createTable(options as Parameters<typeof createTable>[0]);
    expect(call).toThrow(errorClass);
    expect(call).toThrow(fault);
  });
});

describe("a table", () => {
  const table = createTable({ features: [[1], [2], [3]], values: [1, 2, 3] });

  it("has parts as other datasets, whose rows are checked", () => {
    expect(subset(table, Int32Array.of(2, 0)).rows).toEqual(Int32Array.of(2, 0));
    expect(() => subset(table, Int32Array.of(3))).toThrow("Expected row numbers from 0 to 2 but received 3.");
  });

  it("has no ink", () => {
    expect(listInk(table)).toBeNull();
  });

  it("is no images", () => {
    expect(() => requireImages("This", table)).toThrow("This needs examples of classes");
    const classes = createTable({ features: [[1]], labels: [0] });
    expect(() => requireImages("This", classes)).toThrow(
      "This needs images, and these data are rows of numbers.",
    );
  });
});

it("createDataset takes weights of images", () => {
  const options = {
    images: new Uint8Array(2),
    labels: Uint8Array.of(0, 1),
    imageShape: [1, 1],
    classes: 2,
  } as const;
  expect(createDataset({ ...options, weights: [1, 2] }).weights).toEqual(Float64Array.of(1, 2));
  expect(() => createDataset({ ...options, weights: [0, 0] })).toThrow(InvalidArgumentError);
  expect(createDataset(options)).not.toHaveProperty("weights");
});
