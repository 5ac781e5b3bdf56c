import { describe, expect, it } from "vitest";
import { createDataset } from "../../src/data/dataset.js";
import { batches, createBatchMemory, minibatches } from "../../src/data/minibatches.js";
import { InvalidArgumentError, ShapeError } from "../../src/errors.js";
import { RandomState } from "../../src/random/random-state.js";
import type { ImageRows } from "../../src/tensor/layer-input.js";

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
    const [first] = batches(dataset, { batchSize: 3, memory });
    const values = first?.values as Uint8Array;
    expect(values.buffer).toBe(memory.labels.buffer);
    expect(() =>
      batches(dataset, { batchSize: 3, memory: createBatchMemory(5, 3), shuffle: new RandomState(1) }),
    ).toThrow(ShapeError);
    expect(() => [...batches(dataset, { batchSize: 5, memory })]).toThrow(ShapeError);
    expect(() => batches(dataset, { batchsize: 5 } as never)).toThrow("did you mean batchSize?");
  });
});
