import { describe, expect, it } from "vitest";
import { subset } from "../../../src/data/dataset.js";
import { loadMnist } from "../../../src/data/readers/mnist.js";
import { digitsFigure } from "../../../src/report/figures/digits.js";
import { mnistDirectory } from "../../support/mnist.js";
import { inkOf, sampleDataset } from "./sample-data.js";
import { parseSvg, tilesOf } from "./svg-document.js";

const labels = [3, 3, 1, 0, 2, 5, 4, 9, 8, 7, 6, 0, 1, 2];
const firstRows = [3, 2, 4, 0, 6, 5, 10, 9, 8, 7];

describe("digitsFigure", () => {
  it("shows the first example of each of ten classes in two rows of five", () => {
    const dataset = sampleDataset(labels);
    const tiles = tilesOf(parseSvg(digitsFigure(dataset)));
    expect(tiles.length).toBe(10);
    for (const [label, { text, tooltip, image }] of tiles.entries()) {
      expect(text).toEqual([String(label)]);
      expect(tooltip).toBe(String(label));
      expect([image?.width, image?.height, image?.channels]).toEqual([28, 28, 1]);
      expect([...(image?.data ?? [])]).toEqual(inkOf(dataset, firstRows[label] ?? -1));
    }
    expect(new Set(tiles.map(({ x }) => x)).size).toBe(5);
    expect(new Set(tiles.map(({ y }) => y)).size).toBe(2);
  });

  it("looks at the rows of the subset only, in their order", () => {
    const dataset = sampleDataset(labels);
    const tiles = tilesOf(parseSvg(digitsFigure(subset(dataset, Int32Array.of(12, 1, 0)))));
    expect([...(tiles[1]?.image?.data ?? [])]).toEqual(inkOf(dataset, 12));
    expect([...(tiles[3]?.image?.data ?? [])]).toEqual(inkOf(dataset, 1));
    expect(tiles.filter(({ image }) => image === null).length).toBe(8);
    expect(tiles[0]?.text).toEqual(["none", "0"]);
  });

  it("shows two classes of images that are not square, with their names escaped", () => {
    const dataset = sampleDataset([1, 0], {
      classes: 2,
      imageShape: [3, 5],
      classNames: ['<b>"cat"</b>', "dogs & co"],
    });
    const tiles = tilesOf(parseSvg(digitsFigure(dataset)));
    expect(tiles.map(({ text }) => text)).toEqual([['<b>"cat"</b>'], ["dogs & co"]]);
    expect(tiles.map(({ image }) => [image?.width, image?.height])).toEqual([
      [5, 3],
      [5, 3],
    ]);
    expect([...(tiles[0]?.image?.data ?? [])]).toEqual(inkOf(dataset, 1));
  });

  it("shows 62 classes of 32 x 32 images in rows of ten", () => {
    const dataset = sampleDataset([...Array(62).keys()], { classes: 62, imageShape: [32, 32] });
    const tiles = tilesOf(parseSvg(digitsFigure(dataset)));
    expect(tiles.length).toBe(62);
    expect(new Set(tiles.map(({ y }) => y)).size).toBe(7);
    expect([...(tiles[61]?.image?.data ?? [])]).toEqual(inkOf(dataset, 61));
  });

  it("shortens a name that is too long, and keeps it whole in the tooltip", () => {
    const name = "a class-with-a-very-long-name of many more words than a caption has room for";
    const dataset = sampleDataset([0], { classes: 1, classNames: [name] });
    const [tile] = tilesOf(parseSvg(digitsFigure(dataset)));
    expect(tile?.text[0]).toMatch(/^a class-with.+….*…$/);
    expect(tile?.text[0]?.length).toBeLessThan(name.length);
    expect(tile?.tooltip).toBe(name);
  });

  it.skipIf(mnistDirectory === null)("shows MNIST", async () => {
    const { train } = await loadMnist({ directory: mnistDirectory ?? "" });
    const tiles = tilesOf(parseSvg(digitsFigure(train)));
    for (const [label, { image }] of tiles.entries()) {
      const row = train.rows.find((candidate) => train.targets.labels[candidate] === label) ?? -1;
      expect([...(image?.data ?? [])]).toEqual(inkOf(train, row));
    }
  });
});
