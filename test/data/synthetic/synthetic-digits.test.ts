import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ImageDataset } from "../../../src/data/dataset.js";
import { trainValidTestSplit } from "../../../src/data/split.js";
import { exampleCount } from "../../../src/data/stream.js";
import { loadSynthetic, syntheticDigits } from "../../../src/data/synthetic/synthetic-digits.js";
import { InvalidArgumentError } from "../../../src/errors.js";

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe("syntheticDigits", () => {
  const digits = syntheticDigits({ count: 4000 });

  it("gives the recorded bytes: the data set is the same on every machine", () => {
    const {
      features: { data: images },
      targets: { labels },
    } = syntheticDigits({ count: 1000, seed: 123 });
    expect({ images: sha256(images), labels: sha256(Uint8Array.from(labels)) }).toEqual({
      images: "a15263251b67192d8d61bd5eebc474f43d6bf75602501fee2c8e3ff1ff731b15",
      labels: "620d7594ae9f86506c447b6a8ea7c37492bcec66e2aec5e926179c6c2a02ff57",
    });
  });

  it("gives a dataset of 28 x 28 bytes and ten classes", () => {
    const {
      features: { data: images, imageShape },
      targets: { labels, classes },
      rows,
    } = digits;
    expect([images.length, labels.length, rows.length]).toEqual([4000 * PIXELS, 4000, 4000]);
    expect([imageShape, classes]).toEqual([[SIDE, SIDE], 10]);
  });

  it("has seed 123 where none is given", () => {
    expect(syntheticDigits({ count: 30, seed: 123 })).toEqual(syntheticDigits({ count: 30 }));
  });

  it("gives no image twice, under one seed or two", () => {
    const sets = [digits, syntheticDigits({ count: 4000, seed: 124 })];
    const distinct = new Set(sets.flatMap((set) => imagesOf(set).map(sha256)));
    expect(distinct.size).toBe(8000);
  });

  it("begins with the images of any smaller set of the same seed", () => {
    const counts = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(seeds, counts, counts, (seed, a, b) => {
        const count = Math.min(a, b);
        const small = syntheticDigits({ count, seed });
        const large = syntheticDigits({ count: Math.max(a, b), seed });
        expect(sha256(large.features.data.subarray(0, count * PIXELS))).toBe(sha256(small.features.data));
        expect(large.targets.labels.subarray(0, count)).toEqual(small.targets.labels);
      }),
      { numRuns: 25 },
    );
  });

  it("has each digit once in every ten rows, in an order that changes", () => {
    const tens = Array.from({ length: 400 }, (_, i) => [
      ...digits.targets.labels.subarray(10 * i, 10 * i + 10),
    ]);
    for (const ten of tens) {
      expect(ten.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    expect(new Set(tens.map(String)).size).toBeGreaterThan(390);
  });

  it("draws every digit with full ink, and leaves most of the paper empty", () => {
    for (const image of imagesOf(digits)) {
      expect(Math.max(...image)).toBeGreaterThan(200);
      expect(image.filter((ink) => ink === 0).length).toBeGreaterThan(PIXELS / 2);
    }
  });

  it("fits every digit into 20 x 20 pixels, off the border, with its centre of mass in the middle", () => {
    for (const { top, bottom, left, right, centreX, centreY } of imagesOf(digits).map(extent)) {
      const longerSide = Math.max(bottom - top, right - left) + 1;
      expect(longerSide).toBeGreaterThan(16);
      expect(longerSide).toBeLessThanOrEqual(20);
      expect(Math.min(top, left)).toBeGreaterThanOrEqual(1);
      expect(Math.max(bottom, right)).toBeLessThanOrEqual(SIDE - 2);
      expect(Math.abs(centreX - SIDE / 2)).toBeLessThan(2);
      expect(Math.abs(centreY - SIDE / 2)).toBeLessThan(2);
    }
  });

  it("can be learned, but not by the mean image of each digit alone", () => {
    const recall = nearestCentroidRecall(digits, syntheticDigits({ count: 2000, seed: 5 }));
    const accuracy = recall.reduce((sum, share) => sum + share, 0) / recall.length;
    expect(accuracy).toBeGreaterThan(0.6);
    expect(accuracy).toBeLessThan(0.95);
    expect(Math.min(...recall)).toBeGreaterThan(0.5);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 50])("refuses %s images", (count) => {
    expect(() => syntheticDigits({ count })).toThrow(InvalidArgumentError);
    expect(() => syntheticDigits({ count })).toThrow(`for count but received ${count}.`);
  });

  it.each([-1, 0.5, 2 ** 32])("refuses the seed %s", (seed) => {
    expect(() => syntheticDigits({ count: 10, seed })).toThrow(InvalidArgumentError);
  });
});

describe("loadSynthetic", () => {
  it("splits the images of syntheticDigits as the chapter does, in MNIST's proportions", async () => {
    const parts = await loadSynthetic({ count: 700, seed: 9 });
    const {
      features: { data: images },
      targets: { labels },
    } = syntheticDigits({ count: 700, seed: 9 });
    const { train, valid, test } = trainValidTestSplit(labels, { testSize: 100, validSize: 50, seed: 9 });
    expect(sha256(parts.train.features.data)).toBe(sha256(images));
    expect(parts.train.targets.labels).toEqual(labels);
    expect(parts.train.rows).toEqual(train);
    expect(parts.validation.rows).toEqual(valid);
    expect(parts.test.rows).toEqual(test);
  });

  it("keeps the last images for the test by the official split, as many as by the other", async () => {
    const { train, validation, test } = await loadSynthetic({ count: 700, seed: 9, split: "official" });
    expect([train, validation, test].map(exampleCount)).toEqual([550, 50, 100]);
    expect([...test.rows]).toEqual(Array.from({ length: 100 }, (_, i) => 600 + i));
    expect(Math.max(...train.rows, ...validation.rows)).toBe(599);
    expect(test.features.data).toEqual(syntheticDigits({ count: 700, seed: 9 }).features.data);
  });

  it("gives parts that share their pixels", async () => {
    const { train, validation, test } = await loadSynthetic({ count: 140 });
    expect(validation.features.data).toBe(train.features.data);
    expect(test.features.data).toBe(train.features.data);
  });

  it("is as large as MNIST where no count is given", async () => {
    const { train, validation, test } = await loadSynthetic();
    expect([train, validation, test].map(exampleCount)).toEqual([55_000, 5_000, 10_000]);
  });

  it("lets other work go on meanwhile", async () => {
    let turns = 0;
    let done = false;
    const otherWork = () => {
      turns++;
      if (!done) {
        setImmediate(otherWork);
      }
    };
    setImmediate(otherWork);
    await loadSynthetic({ count: 2000 });
    done = true;
    expect(turns).toBeGreaterThan(10);
  });

  it("splits 133 images, and refuses fewer", async () => {
    const { train, validation, test } = await loadSynthetic({ count: 133 });
    expect([train, validation, test].map(exampleCount)).toEqual([104, 10, 19]);
    await expect(loadSynthetic({ count: 132 })).rejects.toThrow(InvalidArgumentError);
    await expect(loadSynthetic({ count: 132 })).rejects.toThrow(/whole number from 133 to .* received 132/);
  });

  it("refuses a seed out of range", async () => {
    await expect(loadSynthetic({ count: 200, seed: -1 })).rejects.toThrow(InvalidArgumentError);
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function imagesOf({ features: { data: images }, rows }: ImageDataset): Uint8Array[] {
  return Array.from(rows, (row) => images.subarray(row * PIXELS, (row + 1) * PIXELS));
}

/** The first and last rows and columns that have ink, and the centre of its mass; pixel 0 is centred at 0.5. */
function extent(image: Uint8Array) {
  const inked = [...image.keys()].filter((pixel) => image[pixel] !== 0);
  const rows = inked.map((pixel) => Math.floor(pixel / SIDE));
  const columns = inked.map((pixel) => pixel % SIDE);
  const ink = inked.map((pixel) => image[pixel] ?? 0);
  const mass = ink.reduce((sum, value) => sum + value, 0);
  const centre = (places: readonly number[]) =>
    places.reduce((sum, place, i) => sum + (place + 0.5) * (ink[i] ?? 0), 0) / mass;
  return {
    top: Math.min(...rows),
    bottom: Math.max(...rows),
    left: Math.min(...columns),
    right: Math.max(...columns),
    centreX: centre(columns),
    centreY: centre(rows),
  };
}

/** For each class, the share of its images in `test` that are nearest to the mean image of the class in `train`. */
function nearestCentroidRecall(train: ImageDataset, test: ImageDataset): number[] {
  const centroids = Array.from({ length: 10 }, () => new Float64Array(PIXELS));
  for (const [i, image] of imagesOf(train).entries()) {
    const centroid = centroids[train.targets.labels[i] ?? 0] as Float64Array;
    image.forEach((ink, pixel) => {
      centroid[pixel] = (centroid[pixel] ?? 0) + (10 * ink) / exampleCount(train);
    });
  }
  const correct = new Array<number>(10).fill(0);
  for (const [i, image] of imagesOf(test).entries()) {
    const distances = centroids.map((centroid) =>
      centroid.reduce((sum, value, pixel) => sum + (value - (image[pixel] ?? 0)) ** 2, 0),
    );
    const nearest = distances.indexOf(Math.min(...distances));
    if (nearest === test.targets.labels[i]) {
      correct[nearest] = (correct[nearest] ?? 0) + 1;
    }
  }
  return correct.map((count) => count / (exampleCount(test) / 10));
}
