import { describe, expect, it } from "vitest";
import { subset } from "../../../src/data/dataset.js";
import { LabelRangeError, ShapeError } from "../../../src/errors.js";
import { misclassifiedFigure } from "../../../src/report/figures/misclassified.js";
import { inkOf, sampleDataset } from "./sample-data.js";
import { elements, parseSvg, texts, tilesOf } from "./svg-document.js";

describe("misclassifiedFigure", () => {
  const labels = Array.from({ length: 80 }, (_, i) => i % 10);

  it("shows the first 25 mistakes, each with its number, its class and what it was taken for", () => {
    const dataset = sampleDataset(labels);
    // Every other image is taken for the next class.
    const predictions = Int32Array.from(labels, (label, i) => (i % 2 === 1 ? (label + 1) % 10 : label));
    const document = parseSvg(misclassifiedFigure(dataset, predictions));
    const tiles = tilesOf(document);
    expect(tiles.length).toBe(25);
    expect(new Set(tiles.map(({ y }) => y)).size).toBe(5);
    for (const [n, { text, tooltip, image }] of tiles.entries()) {
      const row = 2 * n + 1;
      const title = `${n + 1}) True: ${row % 10} / Predicted: ${(row + 1) % 10}`;
      expect(text).toEqual([title]);
      expect(tooltip).toBe(title);
      expect([...(image?.data ?? [])]).toEqual(inkOf(dataset, row));
    }
    expect(elements(document, "desc")[0]?.textContent).toContain(
      "The first 25 of 40 mistakes among 80 images",
    );
  });

  it("takes predictions in the order of the dataset's rows", () => {
    const whole = sampleDataset(labels);
    const dataset = subset(whole, Int32Array.of(44, 7, 13));
    const tiles = tilesOf(parseSvg(misclassifiedFigure(dataset, [4, 1, 2])));
    expect(tiles.map(({ text }) => text[0])).toEqual([
      "1) True: 7 / Predicted: 1",
      "2) True: 3 / Predicted: 2",
    ]);
    expect([...(tiles[0]?.image?.data ?? [])]).toEqual(inkOf(whole, 7));
    expect([...(tiles[1]?.image?.data ?? [])]).toEqual(inkOf(whole, 13));
  });

  it("breaks long class names between words, in one title", () => {
    const classNames = ["T-shirt/top", "Ankle boot"];
    const dataset = sampleDataset([0], { classes: 2, classNames });
    const document = parseSvg(misclassifiedFigure(dataset, [1]));
    expect(tilesOf(document)[0]?.text).toEqual(["1) True: T-shirt/top / Predicted: Ankle boot"]);
    expect(elements(document, "tspan").map(({ textContent }) => textContent)).toEqual([
      "1) True:",
      "T-shirt/top /",
      "Predicted:",
      "Ankle boot",
    ]);
  });

  it("says that there is no mistake where there is none", () => {
    const document = parseSvg(misclassifiedFigure(sampleDataset(labels), labels));
    expect(tilesOf(document)).toEqual([]);
    expect(texts(document)).toEqual([
      "Misclassified images",
      "No mistakes: all 80 images are classified correctly.",
    ]);
  });

  it("refuses predictions for another number of images", () => {
    expect(() => misclassifiedFigure(sampleDataset(labels), [1, 2])).toThrow(ShapeError);
  });

  it.each([10, -1, 0.5])("refuses the prediction %s of ten classes", (wrong) => {
    expect(() => misclassifiedFigure(sampleDataset([1]), [wrong])).toThrow(LabelRangeError);
  });
});
