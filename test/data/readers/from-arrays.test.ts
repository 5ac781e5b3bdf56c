import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DatasetFromArraysOptions, datasetFromArrays } from "../../../src/data/readers/from-arrays.js";
import { InvalidArgumentError, LabelRangeError, ShapeError } from "../../../src/errors.js";
import { flat } from "../../support/flat.js";

const options: DatasetFromArraysOptions = {
  images: Uint8Array.of(1, 2, 3, 4, 5, 6),
  labels: [0, 2],
  imageShape: [1, 3],
};

describe("datasetFromArrays", () => {
  it("keeps bytes as they are, and counts the classes", () => {
    const dataset = datasetFromArrays(options);
    expect(flat(dataset)).toEqual({
      images: options.images,
      labels: Uint8Array.of(0, 2),
      rows: Int32Array.of(0, 1),
      imageShape: [1, 3],
      classes: 3,
    });
    expect(dataset.features.data).toBe(options.images);
  });

  it("counts as many classes as there are names, or as it is told", () => {
    expect(datasetFromArrays({ ...options, classNames: ["a", "b", "c", "d"] }).targets.classes).toBe(4);
    expect(datasetFromArrays({ ...options, classes: 5 }).targets.classes).toBe(5);
  });

  it("brings bytes back exactly that were divided by 255", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const images = Float32Array.from(bytes, (byte) => byte / 255);
    expect(datasetFromArrays({ images, labels: [0], imageShape: [16, 16] }).features.data).toEqual(bytes);
  });

  it("changes a fraction by half a step at most", () => {
    const fraction = fc.float({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fraction, (value) => {
        const {
          features: { data: images },
        } = datasetFromArrays({
          images: Float32Array.of(value),
          labels: [0],
          imageShape: [1, 1],
        });
        expect(Math.abs((images[0] ?? -1) / 255 - value)).toBeLessThanOrEqual(0.5 / 255 + Number.EPSILON);
      }),
    );
  });

  it.each([-0.01, 1.01, 255, Number.NaN, Number.POSITIVE_INFINITY])("refuses the fraction %d", (value) => {
    const images = Float32Array.of(0, 1, value);
    const make = () => datasetFromArrays({ images, labels: [0], imageShape: [1, 3] });
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(/from 0 to 1 in a Float32Array, but element 2 is/);
  });

  it.each([-1, 256, 0.5, Number.NaN])("refuses the label %d", (label) => {
    expect(() => datasetFromArrays({ ...options, labels: [0, label] })).toThrow(LabelRangeError);
  });

  it("refuses sizes that do not fit, and labels without a class", () => {
    expect(() => datasetFromArrays({ ...options, labels: [0] })).toThrow(ShapeError);
    expect(() => datasetFromArrays({ ...options, classes: 2 })).toThrow(LabelRangeError);
    expect(() => datasetFromArrays({ ...options, classes: 257 })).toThrow(InvalidArgumentError);
  });
});
