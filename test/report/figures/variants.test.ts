import { describe, expect, it } from "vitest";
import { LabelRangeError } from "../../../src/errors.js";
import { variantsFigure } from "../../../src/report/figures/variants.js";
import { inkOf, sampleDataset } from "./sample-data.js";
import { parseSvg, texts, tilesOf } from "./svg-document.js";

describe("variantsFigure", () => {
  it("shows the first 25 examples of the class in five rows of five", () => {
    const dataset = sampleDataset(Array.from({ length: 90 }, (_, i) => i % 3));
    const tiles = tilesOf(parseSvg(variantsFigure(dataset, 2)));
    expect(tiles.length).toBe(25);
    for (const [i, { image }] of tiles.entries()) {
      expect([...(image?.data ?? [])]).toEqual(inkOf(dataset, 3 * i + 2));
    }
    expect(new Set(tiles.map(({ x }) => x)).size).toBe(5);
    expect(new Set(tiles.map(({ y }) => y)).size).toBe(5);
  });

  it("shows fewer where there are fewer", () => {
    const dataset = sampleDataset([7, 1, 7], { imageShape: [32, 32] });
    const tiles = tilesOf(parseSvg(variantsFigure(dataset, 7)));
    expect(tiles.map(({ image }) => [...(image?.data ?? [])])).toEqual([
      inkOf(dataset, 0),
      inkOf(dataset, 2),
    ]);
  });

  it("says so where the class has no example", () => {
    const document = parseSvg(
      variantsFigure(sampleDataset([1], { classes: 2, classNames: ["<a>", "b"] }), 0),
    );
    expect(tilesOf(document)).toEqual([]);
    expect(texts(document)).toEqual(["Variants of class <a>", "The data set has no example of class <a>."]);
  });

  it.each([-1, 10, 1.5, Number.NaN])("refuses the class %s of ten", (label) => {
    expect(() => variantsFigure(sampleDataset([1]), label)).toThrow(LabelRangeError);
  });
});
