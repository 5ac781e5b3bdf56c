import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FloatArray } from "../../src/backend/backend.js";
import { createBatchMemory } from "../../src/data/batch-memory.js";
import { createTable } from "../../src/data/create-table.js";
import { createDataset, type Dataset } from "../../src/data/dataset.js";
import { batches, minibatches } from "../../src/data/minibatches.js";
import { InvalidArgumentError, ShapeError } from "../../src/errors.js";
import { RandomState } from "../../src/random/random-state.js";
import type { ImageRows } from "../../src/tensor/layer-input.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";

const rows = Int32Array.of(50, 40, 30, 20, 10);
const reverse = { shuffle: (array: Int32Array) => void array.reverse() };

function collect(...args: Parameters<typeof minibatches>): number[][] {
  return Array.from(minibatches(...args), (batch) => [...batch]);
}

describe("minibatches", () => {
  it("keep the order of the rows where no shuffle is given, with a short rest", () => {
    expect(collect(rows, { batchSize: 2 })).toEqual([[50, 40], [30, 20], [10]]);
  });

  it("drop the short rest where asked", () => {
    expect(collect(rows, { batchSize: 2, dropLast: true })).toEqual([
      [50, 40],
      [30, 20],
    ]);
  });

  it.each([true, false])(
    "leave out as many as are skipped, with the draws of all of them (dropLast %s)",
    (dropLast) => {
      const all = (random: RandomState) => collect(rows, { batchSize: 2, shuffle: random, dropLast });
      for (let skip = 0; skip <= 5; skip++) {
        const [whole, rest] = [new RandomState(4), new RandomState(4)];
        const expected = all(whole).slice(skip);
        expect(collect(rows, { batchSize: 2, shuffle: rest, dropLast, skip })).toEqual(expected);
        expect(rest.nextUint32()).toBe(whole.nextUint32());
      }
    },
  );

  it.each([-1, 0.5, Number.NaN])("refuse to skip %s", (skip) => {
    expect(() => minibatches(rows, { batchSize: 2, skip })).toThrow(InvalidArgumentError);
  });

  it("drop nothing where the rows divide evenly", () => {
    expect(collect(rows, { batchSize: 5, dropLast: true })).toEqual([[50, 40, 30, 20, 10]]);
  });

  it("give one short minibatch where the batch size is larger than the rows, and none with dropLast", () => {
    expect(collect(rows, { batchSize: 9 })).toEqual([[50, 40, 30, 20, 10]]);
    expect(collect(rows, { batchSize: 9, dropLast: true })).toEqual([]);
  });

  it("are none for no rows", () => {
    expect(collect(new Int32Array(0), { batchSize: 2 })).toEqual([]);
  });

  it("shuffle positions, not rows, and afresh in every epoch", () => {
    const scratch = new Int32Array(5);
    const options = { batchSize: 3, shuffle: reverse, scratch };
    const expected = [
      [10, 20, 30],
      [40, 50],
    ];
    expect(collect(rows, options)).toEqual(expected);
    // The second reversal starts from 0, 1, 2, … again: it does not undo the first.
    expect(collect(rows, options)).toEqual(expected);
    expect([...rows]).toEqual([50, 40, 30, 20, 10]);
  });

  it("draw as NumPy does", () => {
    // np.random.seed(123); order = np.arange(5); np.random.shuffle(order) gives [1, 3, 4, 0, 2].
    expect(collect(rows, { batchSize: 5, shuffle: new RandomState(123) })).toEqual([[40, 20, 10, 50, 30]]);
  });

  it("draw when iteration starts", () => {
    let draws = 0;
    const batches = minibatches(rows, { batchSize: 2, shuffle: { shuffle: () => void draws++ } });
    expect(draws).toBe(0);
    batches.next();
    expect(draws).toBe(1);
  });

  it("are views of the scratch array, which may be longer than the rows", () => {
    const scratch = new Int32Array(8);
    for (const batch of minibatches(rows, { batchSize: 2, shuffle: reverse, scratch })) {
      expect(batch.buffer).toBe(scratch.buffer);
    }
    expect([...scratch]).toEqual([10, 20, 30, 40, 50, 0, 0, 0]);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuse the batch size %d at once", (batchSize) => {
    expect(() => minibatches(rows, { batchSize })).toThrow(InvalidArgumentError);
  });

  it("refuse a scratch array that is too short", () => {
    const scratch = new Int32Array(4);
    expect(() => minibatches(rows, { batchSize: 2, shuffle: reverse, scratch })).toThrow(ShapeError);
  });
});

describe("batches", () => {
  const dataset = createDataset({
    images: Uint8Array.from({ length: 7 * 4 }, (_, i) => 9 * i),
    labels: Uint8Array.of(0, 1, 2, 0, 1, 2, 0),
    imageShape: [2, 2],
    classes: 3,
  });

  it("bring the rows of minibatches with their classes, scaled from -1 to 1", () => {
    const expected = [...minibatches(dataset.rows, { batchSize: 3, shuffle: new RandomState(5) })].map(
      (rows) => [...rows],
    );
    const shuffle = new RandomState(5);
    const seen: (readonly number[])[] = [];
    for (const { x, values } of batches(dataset, { batchSize: 3, shuffle })) {
      const { rows, images, width, scale, offset, shape } = x as ImageRows;
      seen.push([...rows]);
      expect([shape, width, images]).toEqual([[rows.length, 4], 4, dataset.features.data]);
      expect([0 * scale + offset, 255 * scale + offset]).toEqual([-1, 1]);
      expect([...(values as Uint8Array)]).toEqual([...rows].map((row) => row % 3));
    }
    expect(seen).toEqual(expected);
    expect(seen.map(({ length }) => length)).toEqual([3, 3, 1]);
  });

  it("can be made in memory that is used again, and refuse memory that is too small", () => {
    const memory = createBatchMemory(7, 3);
    const buffers = [
      ...batches(dataset, { batchSize: 3, memory }),
      ...batches(dataset, { batchSize: 2, memory }),
    ].map(({ values }) => (values as Uint8Array).buffer);
    expect(new Set(buffers).size).toBe(1);
    expect(() =>
      batches(dataset, { batchSize: 3, memory: createBatchMemory(5, 3), shuffle: new RandomState(1) }),
    ).toThrow(ShapeError);
    expect(() => [...batches(dataset, { batchSize: 5, memory })]).toThrow(ShapeError);
    expect(() => batches(dataset, { batchsize: 5 } as never)).toThrow("did you mean batchSize?");
  });
});

describeOnEveryBackend((create) => {
  describe("batches of rows of numbers", () => {
    const backend = create();
    const round = (data: FloatArray, dtype: string) =>
      dtype === "float32" ? Float32Array.from(data) : Float64Array.from(data);
    /** A matrix's row of each number, in the type of the minibatch. */
    const rowsOf = (data: FloatArray, width: number, rows: readonly number[], dtype: string) =>
      round(
        Float64Array.from(rows.flatMap((row) => [...data.subarray(row * width, (row + 1) * width)])),
        dtype,
      );

    const cases = fc.record({
      count: fc.integer({ min: 1, max: 20 }),
      width: fc.integer({ min: 1, max: 4 }),
      outputs: fc.integer({ min: 1, max: 3 }),
      batchSize: fc.integer({ min: 1, max: 25 }),
      dtype: fc.constantFrom("float32" as const, "float64" as const),
      source: fc.constantFrom("float32" as const, "float64" as const),
      isWeighted: fc.boolean(),
      seed: fc.nat(1000),
    });

    it("bring features, values and weights of the shuffled rows, in the network's type", () => {
      fc.assert(
        fc.property(cases, ({ count, width, outputs, batchSize, dtype, source, isWeighted, seed }) => {
          const draw = (size: number) => round(new RandomState(seed).normal(0, 10, size), source);
          const [features, values] = [draw(count * width), draw(count * outputs)];
          const weights = draw(count).map(Math.abs);
          const dataset = createTable({ features, width, values, ...(isWeighted && { weights }) });
          const memory = createBatchMemory(count, batchSize, { dtype, backend, dataset });
          const shuffle = () => new RandomState(seed);
          const order = [...minibatches(dataset.rows, { batchSize, shuffle: shuffle() })].map((rows) => [
            ...rows,
          ]);
          let i = 0;
          for (const batch of batches(dataset, { batchSize, shuffle: shuffle(), memory })) {
            const rows = order[i++] as number[];
            const [x, y] = [batch.x as Tensor, batch.values as Tensor];
            expect([x.shape, x.dtype, x.backend]).toEqual([[rows.length, width], dtype, backend]);
            expect(x.data).toEqual(rowsOf(features, width, rows, dtype));
            expect([y.shape, y.dtype]).toEqual([[rows.length, outputs], dtype]);
            expect(y.data).toEqual(rowsOf(values, outputs, rows, dtype));
            expect(batch.weights).toEqual(isWeighted ? rowsOf(weights, 1, rows, dtype) : undefined);
          }
          expect(i).toBe(order.length);
        }),
        { numRuns: 60 },
      );
    });

    it("are made in one memory, of which views are made once", () => {
      const dataset = createTable({ features: new Float64Array(20), width: 2, values: new Float64Array(10) });
      const memory = createBatchMemory(10, 4, { dtype: "float64", backend, dataset });
      const epoch = () => [...batches(dataset, { batchSize: 4, memory })];
      const [first, second] = [epoch(), epoch()];
      expect(first.map(({ x }) => x.shape[0])).toEqual([4, 4, 2]);
      for (const [i, { x, values }] of first.entries()) {
        expect([second[i]?.x, second[i]?.values]).toEqual([x, values]);
        expect(second[i]?.x).toBe(x);
        expect(second[i]?.values).toBe(values);
      }
      expect(first[0]?.x).toBe(first[1]?.x);
    });
  });
});

it("a thousand minibatches of numbers take no memory of array buffers", () => {
  const count = 3232;
  const features = new Float64Array(count * 64);
  const dataset = createTable({
    features,
    width: 64,
    values: new Float64Array(count),
    weights: new Float64Array(count).fill(1),
  });
  const memory = createBatchMemory(count, 32, { dataset });
  const shuffle = new RandomState(1);
  const epoch = () => {
    let sum = 0;
    for (const { x } of batches(dataset, { batchSize: 32, shuffle, memory }))
      sum += (x as Tensor).data[0] ?? 0;
    return sum;
  };
  epoch(); // Makes the views.
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 10; i++) epoch();
  expect(process.memoryUsage().arrayBuffers).toBeLessThanOrEqual(before); // A copy of each would take 8 MB.
});

describe("memory for batches", () => {
  const features = new Float32Array(12);
  const table = createTable({ features, width: 3, labels: [0, 1, 0, 1] });
  const others: readonly [what: string, dataset: Dataset | undefined][] = [
    ["images", undefined],
    ["another width", createTable({ features, width: 4, labels: [0, 1, 2] })],
    ["values", createTable({ features, width: 3, values: [1, 2, 3, 4] })],
    ["wider labels", createTable({ features, width: 3, labels: [0, 1, 2, 3], classes: 300 })],
    ["weights", createTable({ features, width: 3, labels: [0, 1, 0, 1], weights: [1, 1, 1, 1] })],
  ];

  it.each(others)("for %s is refused for a table without them", (_, dataset) => {
    const memory = createBatchMemory(4, 2, { dataset });
    expect(() => batches(table, { batchSize: 2, memory })).toThrow(
      "Expected memory that was made for data of this kind; pass createBatchMemory the dataset.",
    );
  });

  it("need not be given", () => {
    const sizes = Array.from(batches(table, { batchSize: 3 }), ({ x, values }) => [
      (x as Tensor).dtype,
      ...(values as Uint8Array),
    ]);
    expect(sizes).toEqual([
      ["float32", 0, 1, 0],
      ["float32", 1],
    ]);
  });

  it("takes more classes than a byte can name", () => {
    const labels = [300, 7, 299];
    const many = createTable({ features: [[1], [2], [3]], labels, classes: 301 });
    const [batch] = batches(many, { batchSize: 3 });
    expect(batch?.values).toEqual(Int32Array.from(labels));
  });

  it("refuses lists of ink for a table", () => {
    const ink = { images: new Uint8Array(12), width: 3 } as never;
    expect(() => batches(table, { batchSize: 2, ink })).toThrow(InvalidArgumentError);
  });
});
