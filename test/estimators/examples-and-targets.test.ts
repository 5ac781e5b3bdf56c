import { describe, expect, it } from "vitest";
import { InvalidArgumentError, NotFittedError, ShapeError } from "../../src/errors.js";
import { MLPClassifier } from "../../src/estimators/mlp-classifier.js";
import { MLPRegressor } from "../../src/estimators/mlp-regressor.js";
import { RandomState } from "../../src/random/random-state.js";
import { tensor } from "../../src/tensor/tensor.js";
import { recorded } from "./golden.js";

const flowers = recorded.datasets.flowers as { x: number[][]; y: string[] };
const houses = recorded.datasets.houses as { x: number[][]; y: number[] };
const small = { hiddenLayerSizes: 6, randomState: 4, maxIter: 6, learningRateInit: 0.02 } as const;

describe("examples and targets", () => {
  it("X may be rows, numbers with a shape or features, all the same", async () => {
    const data = Float64Array.from(flowers.x.flat());
    const width = 4;
    const forms = [
      flowers.x,
      flowers.x.map((row) => Float64Array.from(row)),
      { data, shape: [data.length / width, width] },
      tensor(data, [data.length / width, width], { dtype: "float64" }),
      { kind: "floats", data, width } as const,
    ];
    const curves = [];
    for (const X of forms) curves.push((await new MLPClassifier(small).fit(X, flowers.y)).lossCurve);
    for (const curve of curves) expect(curve).toEqual(curves[0]);
  });

  it("learns from the bytes of images as from their numbers", async () => {
    const random = new RandomState(1);
    const bytes = Uint8Array.from({ length: 40 * 9 }, () => random.randint(0, 256));
    const labels = Uint8Array.from({ length: 40 }, (_, i) => ((bytes[i * 9] as number) > 127 ? 1 : 0));
    const scale = { width: 9, scale: 2 / 255, offset: -1 };
    const images = { kind: "bytes", data: bytes, imageShape: [3, 3], ...scale } as const;
    const numbers = { data: Array.from(bytes, (byte) => (byte * 2) / 255 - 1), shape: [40, 9] };
    const [a, b] = [new MLPClassifier<number>(small), new MLPClassifier<number>(small)];
    await a.fit(images, labels);
    await b.fit(numbers, labels);
    for (const [i, loss] of a.lossCurve.entries()) expect(loss).toBeCloseTo(b.lossCurve[i] as number, 12);
    expect(await a.predict(images)).toEqual(await b.predict(numbers));
  });

  it.each<[unknown, unknown, typeof ShapeError | typeof InvalidArgumentError, string]>([
    [[], [], ShapeError, "Expected X with at least one example"],
    [[[1, 2], [3]], [0, 1], ShapeError, "Expected 2 numbers in each row of X, but row 1 has 1."],
    [[[1], [Number.NaN]], [0, 1], InvalidArgumentError, "row 1, column 0 is NaN; fill in what is missing"],
    [[[1], ["2"]], [0, 1], InvalidArgumentError, "Expected finite numbers in X, but row 1"],
    [
      [1, 2],
      [0, 1],
      InvalidArgumentError,
      "Expected a list of rows of numbers for X, such as [[5.1, 3.5]], but row 0 is 1.",
    ],
    ["table", [0, 1], InvalidArgumentError, 'or the features of a dataset for X but received "table".'],
    [
      Float64Array.of(1, 2),
      [0, 1],
      ShapeError,
      "Expected a shape beside the 2 numbers of X, as in { data: X, shape: [rows, columns] }.",
    ],
    [
      { data: [1, 2, 3], shape: [2, 2] },
      [0, 1],
      ShapeError,
      "Expected 2 x 2 numbers for X, as its shape says, but received 3.",
    ],
    [[[1], [2]], [0], InvalidArgumentError, "Expected labels of at least two classes but received 0 alone."],
    [[[1], [2]], [0, 1, 1], ShapeError, "Expected a target in y for each of 2 examples of X but received 3."],
    [
      [[1], [2]],
      [0, "1"],
      InvalidArgumentError,
      "Expected labels that are all numbers, all texts or all booleans but received numbers and strings.",
    ],
    [
      [[1], [2]],
      [[], []],
      InvalidArgumentError,
      "Expected at least one label in each row of y, but row 0 has none.",
    ],
    [
      { data: [1, 2], shape: ["2", "1"] },
      [0, 1],
      ShapeError,
      'Expected numbers with a shape of [examples, numbers of each] for X but received an array with ["2", "1"].',
    ],
    [[[1], [2]], [0.5, 1], InvalidArgumentError, "real numbers are learned by a regressor"],
    [
      [[1], [2]],
      [
        [0, 2],
        [1, 0],
      ],
      InvalidArgumentError,
      "Expected rows of zeros and ones in y",
    ],
    [[[1], [2]], [[0, 1], [1]], ShapeError, "Expected 2 zeros and ones in each row of y, but row 1 has 1."],
    [[[1], [2]], { a: 1 }, InvalidArgumentError, "Expected a list of labels, one for each example, for y"],
  ])("a classifier refuses %j and %j", async (X, y, kind, sentence) => {
    const classifier = new MLPClassifier(small);
    await expect(classifier.fit(X as never, y as never)).rejects.toThrow(kind);
    await expect(classifier.fit(X as never, y as never)).rejects.toThrow(sentence);
    expect(classifier.isFitted).toBe(false);
  });

  it.each<[unknown, string]>([
    [[1, "2"], 'Expected finite numbers in y, but row 1 has "2".'],
    [[[1, 2], [3]], "Expected 2 numbers in y for each example, but row 1 is an array."],
    ["12", 'or of rows of them for y but received "12".'],
  ])("a regressor refuses %j", async (y, sentence) => {
    await expect(new MLPRegressor(small).fit([[1], [2]], y as never)).rejects.toThrow(sentence);
  });

  it("a column of labels, or of values, is a list of them", async () => {
    const list = await new MLPRegressor(small).fit(houses.x, houses.y);
    const column = await new MLPRegressor<number[]>(small).fit(
      houses.x,
      houses.y.map((value) => [value]),
    );
    expect(column.lossCurve).toEqual(list.lossCurve);
    const labels = await new MLPClassifier<string>(small).fit(flowers.x, flowers.y);
    const columns = new MLPClassifier<never>(small);
    await columns.fit(flowers.x, flowers.y.map((label) => [label]) as never);
    expect(columns.lossCurve).toEqual(labels.lossCurve);
  });

  it("what has other features, or was not fitted, is refused by predict", async () => {
    const classifier = new MLPClassifier(small);
    await expect(classifier.predict([[1]])).rejects.toThrow(NotFittedError);
    expect(() => classifier.coefs).toThrow("This MLPClassifier has learned nothing yet; call fit first.");
    await classifier.fit(flowers.x, flowers.y);
    await expect(classifier.predict([[1]])).rejects.toThrow(
      "Expected 4 numbers for each example of X, as in the examples that were learned from, but received 1.",
    );
  });
});
