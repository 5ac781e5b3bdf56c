import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { choosePictures } from "../../../src/report/page/pictures.js";
import { cellsOf, type TestedImage } from "../../../src/report/page/tested-images.js";
import { inkOf } from "../figures/sample-data.js";
import { type SampleOptions, sampleRun } from "./sample-run.js";

function choose(options: SampleOptions) {
  const { test, dataset } = sampleRun(options);
  if (test === null) throw new Error("The sample has test images.");
  const cells = cellsOf(test);
  const pictures = choosePictures(test, cells);
  const [, base64 = ""] = /url\(data:image\/png;base64,([^)]+)\)/.exec(pictures.style) ?? [];
  const sheet = decode(Buffer.from(base64, "base64"));
  const [height, width] = dataset.features.imageShape;
  /** The pixels that the page shows for an image. */
  const shownPixels = (image: TestedImage) => {
    const [, x, y] = /--x:(\d+);--y:(\d+)/.exec(pictures.show(image).markup) ?? [];
    const corner = Number(y) * height * sheet.width + Number(x) * width;
    return Array.from({ length: height * width }, (_, i) => {
      return sheet.data[corner + Math.floor(i / width) * sheet.width + (i % width)];
    });
  };
  return { cells, pictures, dataset, sheet, shownPixels };
}

describe("choosePictures", () => {
  it.each([
    { imageShape: [28, 28], images: 120 },
    { imageShape: [32, 20], images: 300, classes: 3 },
    { imageShape: [5, 5], images: 1, mistakeEvery: 0, classes: 1 },
  ] as const)("shows each image from its own place of the sheet: %o", (options) => {
    const { cells, pictures, dataset, shownPixels } = choose(options);
    for (const cell of cells) {
      for (const image of cell.images.slice(0, pictures.perCell(cell))) {
        expect(shownPixels(image)).toEqual(inkOf(dataset, image.position));
      }
    }
    for (const image of pictures.mistakes) {
      expect(shownPixels(image)).toEqual(inkOf(dataset, image.position));
    }
  });

  it("shows fewer images of each cell where there are too many for a page, and at least one", () => {
    const { cells, pictures, sheet } = choose({ images: 4000, mistakeEvery: 2, imageShape: [28, 28] });
    expect(sheet.width * sheet.height).toBeLessThan(1_350_000);
    expect(cells.every((cell) => pictures.perCell(cell) >= 1)).toBe(true);
    expect(cells.some((cell) => pictures.perCell(cell) < cell.images.length)).toBe(true);
    expect(pictures.mistakes).toHaveLength(40);
  });
});

describe("cellsOf", () => {
  it("puts the most confident mistakes first, and the least confident of the correct images", () => {
    const { test } = sampleRun();
    if (test === null) throw new Error("The sample has test images.");
    const cells = cellsOf(test);
    expect(cells.reduce((sum, { images }) => sum + images.length, 0)).toBe(120);
    for (const { trueClass, predicted, images } of cells) {
      const confidences = images.map(({ confidence }) => confidence);
      const sign = trueClass === predicted ? 1 : -1;
      expect(confidences).toEqual(confidences.toSorted((a, b) => sign * (a - b)));
      for (const image of images) {
        expect(test.dataset.targets.labels[image.position]).toBe(trueClass);
        expect(test.predictions[image.position]).toBe(predicted);
      }
    }
  });

  it("puts images whose output is not a number last among mistakes", () => {
    const { test } = sampleRun({ mistakeEvery: 1, classes: 2, images: 6 });
    if (test === null) throw new Error("The sample has test images.");
    const confidences = Float64Array.of(0.2, 0.1, Number.NaN, 0.3, 0.4, 0.5);
    const [first] = cellsOf({ ...test, confidences });
    expect(first?.images.map(({ position }) => position)).toEqual([4, 0, 2]);
  });
});
