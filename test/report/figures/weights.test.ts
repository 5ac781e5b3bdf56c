import type { DecodedPng } from "fast-png";
import { describe, expect, it } from "vitest";
import { ShapeError } from "../../../src/errors.js";
import { weightsFigure } from "../../../src/report/figures/weights.js";
import { decodeImage, elements, parseSvg, texts, tilesOf } from "./svg-document.js";

const BLUE_END = [0, 56, 104];
const MIDDLE = [247, 247, 245];
const RED_END = [112, 40, 0];
const GRAY = [128, 128, 128];

function pixel(image: DecodedPng | null | undefined, i: number): number[] {
  return [...(image?.data.slice(3 * i, 3 * i + 3) ?? [])];
}

describe("weightsFigure", () => {
  it("shows the weights of each unit in their places, on one scale around 0", () => {
    const weights = Float64Array.of(-0.5, 0, 0.5, 0.25, -0.25, 0, 0, 0, 0, 0, 0, 0.5);
    const tiles = tilesOf(parseSvg(weightsFigure(weights, { imageShape: [2, 3] })));
    expect(tiles.map(({ text }) => text)).toEqual([["1"], ["2"]]);
    const [first, second] = tiles.map(({ image }) => image);
    expect([first?.width, first?.height, first?.channels]).toEqual([3, 2, 3]);
    expect([0, 1, 2, 5].map((i) => pixel(first, i))).toEqual([BLUE_END, MIDDLE, RED_END, MIDDLE]);
    expect([0, 5].map((i) => pixel(second, i))).toEqual([MIDDLE, RED_END]);
    // Half the scale lies between the middle and the ends, red on one side and blue on the other.
    const [red = 0, , blue = 0] = pixel(first, 3);
    const [otherRed = 0, , otherBlue = 0] = pixel(first, 4);
    expect(red).toBeGreaterThan(blue);
    expect(otherBlue).toBeGreaterThan(otherRed);
  });

  it("has a colour bar with the ends of the scale, from the colour of the least to that of the largest", () => {
    const weights = Float32Array.from({ length: 4 * 50 }, (_, i) => ((i % 21) - 10) / 20);
    const document = parseSvg(weightsFigure(weights, { imageShape: [2, 2] }));
    expect(texts(document).slice(-4)).toEqual(["≤ −0.5", "0", "≥ 0.5", "Weight"]);
    const images = elements(document, "image");
    expect(images.length).toBe(50 + 1);
    const bar = images.at(-1);
    const image = bar === undefined ? null : decodeImage(bar);
    expect([0, 50, 100].map((i) => pixel(image, i))).toEqual([BLUE_END, MIDDLE, RED_END]);
  });

  it("does not let a single outlier make all others pale", () => {
    const weights = Float32Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 0.1 : -0.1));
    weights[0] = 1000;
    const document = parseSvg(weightsFigure(weights, { imageShape: [20, 20] }));
    expect(texts(document)).toContain("≥ 0.1");
    const [tile] = tilesOf(document);
    expect([0, 1, 2].map((i) => pixel(tile?.image, i))).toEqual([RED_END, BLUE_END, RED_END]);
  });

  it("draws what is not finite gray, and all zeros plain", () => {
    const broken = Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, 1, 0);
    const [tile] = tilesOf(parseSvg(weightsFigure(broken, { imageShape: [2, 2] })));
    expect([0, 1, 2, 3].map((i) => pixel(tile?.image, i))).toEqual([GRAY, GRAY, RED_END, MIDDLE]);
    const [zeros] = tilesOf(parseSvg(weightsFigure(new Float64Array(4), { imageShape: [2, 2] })));
    expect([0, 1, 2, 3].map((i) => pixel(zeros?.image, i))).toEqual([MIDDLE, MIDDLE, MIDDLE, MIDDLE]);
  });

  it("shows 500 units of 32 x 32 weights", () => {
    const tiles = tilesOf(parseSvg(weightsFigure(new Float32Array(500 * 1024), { imageShape: [32, 32] })));
    expect(tiles.length).toBe(500);
    expect(tiles[499]?.text).toEqual(["500"]);
  });

  it("says so where there is no hidden unit", () => {
    const document = parseSvg(weightsFigure(new Float64Array(0), { imageShape: [28, 28] }));
    expect(texts(document)).toEqual(["Weights of each hidden unit", "The network has no hidden unit."]);
  });

  it.each<[length: number, shape: [number, number]]>([
    [785, [28, 28]],
    [784, [0, 28]],
    [784, [Number.NaN, 28]],
  ])("refuses %i weights for images of %s", (length, imageShape) => {
    expect(() => weightsFigure(new Float32Array(length), { imageShape })).toThrow(ShapeError);
  });
});
