import { describe, expect, it } from "vitest";
import { prepareDigit } from "../../../src/data/readers/digit-image.js";
import { loadMnist } from "../../../src/data/readers/mnist.js";
import { syntheticDigits } from "../../../src/data/synthetic/synthetic-digits.js";
import { DataFormatError } from "../../../src/errors.js";
import type { GrayImage } from "../../../src/formats/png.js";
import { RandomState } from "../../../src/random/random-state.js";
import { mnistDirectory } from "../../support/mnist.js";

type Area = readonly [left: number, top: number, right: number, bottom: number];

/** Of ground and ink. */
type Colours = readonly [dark: number, bright: number];

/** A picture with one rectangle of ink, `right` and `bottom` not included. */
function picture(width: number, height: number, ink: Area, colours: Colours = [0, 255]): GrayImage {
  const [dark, bright] = colours;
  const [left, top, right, bottom] = ink;
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x >= left && x < right && y >= top && y < bottom ? bright : dark;
  });
  return { width, height, pixels };
}

/** Where the ink of an image lies, its edges by how much ink their pixels hold, and its centre of mass. */
function measure(pixels: Uint8Array, width: number) {
  const height = pixels.length / width;
  let [mass, x, y] = [0, 0, 0];
  const columns = new Float64Array(width);
  const rows = new Float64Array(height);
  for (const [i, value] of pixels.entries()) {
    const [column, row] = [i % width, Math.floor(i / width)];
    mass += value;
    x += value * (column + 0.5);
    y += value * (row + 0.5);
    columns[column] = Math.max(columns[column] ?? 0, value / 255);
    rows[row] = Math.max(rows[row] ?? 0, value / 255);
  }
  const extent = (shares: Float64Array) => shares.reduce((sum, share) => sum + share, 0);
  return { x: x / mass, y: y / mass, width: extent(columns), height: extent(rows), mass };
}

describe("a picture of the wanted size", () => {
  it("is taken as it is when its ground is dark", () => {
    const image = picture(28, 28, [3, 4, 9, 20]);
    expect(prepareDigit(image, [28, 28])).toEqual({ pixels: image.pixels, inverted: false, fitted: false });
  });

  it("is inverted when its ground is light", () => {
    const paper = picture(28, 28, [3, 4, 9, 20], [250, 10]);
    const prepared = prepareDigit(paper, [28, 28]);
    expect(prepared).toMatchObject({ inverted: true, fitted: false });
    expect(prepared.pixels).toEqual(picture(28, 28, [3, 4, 9, 20], [0, 240]).pixels);
    expect(paper.pixels[0]).toBe(250);
  });

  it("is not inverted when its ink fills most of it but the border", () => {
    expect(prepareDigit(picture(28, 28, [1, 1, 27, 27]), [28, 28]).inverted).toBe(false);
  });

  it("is told from one with height and width exchanged", () => {
    expect(prepareDigit(picture(20, 30, [5, 5, 9, 20]), [30, 20]).fitted).toBe(false);
    expect(prepareDigit(picture(30, 20, [5, 5, 9, 19]), [30, 20]).fitted).toBe(true);
  });
});

describe("a picture of another size", () => {
  it.each<[string, number, number, Area, [number, number]]>([
    ["a square in a corner", 200, 100, [140, 10, 180, 50], [20, 20]],
    ["a square that fills the picture but for its border", 64, 64, [1, 1, 63, 63], [20, 20]],
    ["a small square", 100, 100, [7, 60, 17, 70], [20, 20]],
    ["a vertical line", 120, 160, [20, 30, 32, 150], [2, 20]],
    ["a horizontal line", 300, 90, [10, 5, 290, 33], [20, 2]],
    ["a picture smaller than the image", 14, 14, [2, 3, 12, 8], [20, 10]],
  ])(
    "has its ink in a box of 20 pixels and its centre of mass in the middle: %s",
    (_, width, height, ink, size) => {
      for (const colours of [
        [0, 255],
        [255, 0],
      ] as const) {
        const prepared = prepareDigit(picture(width, height, ink, colours), [28, 28]);
        expect(prepared).toMatchObject({ inverted: colours[0] === 255, fitted: true });
        expect(prepared.pixels.length).toBe(28 * 28);
        const found = measure(prepared.pixels, 28);
        expect(found.x).toBeCloseTo(14, 1);
        expect(found.y).toBeCloseTo(14, 1);
        expect([found.width, found.height]).toEqual([expect.closeTo(size[0], 1), expect.closeTo(size[1], 1)]);
        expect(found.mass / 255).toBeCloseTo(size[0] * size[1], 0);
      }
    },
  );

  it("is centred by mass, not by the box of its ink", () => {
    // An L: a line on the left, and another at the bottom.
    const { pixels } = picture(100, 100, [20, 20, 30, 80]);
    const foot = picture(100, 100, [20, 70, 60, 80]).pixels;
    const image = {
      width: 100,
      height: 100,
      pixels: pixels.map((value, i) => Math.max(value, foot[i] ?? 0)),
    };
    const found = measure(prepareDigit(image, [28, 28]).pixels, 28);
    expect(found.x).toBeCloseTo(14, 1);
    expect(found.y).toBeCloseTo(14, 1);
    expect(found.height).toBeCloseTo(20, 1);
  });

  it("becomes an image of any shape", () => {
    const { pixels } = prepareDigit(picture(90, 90, [30, 30, 60, 60]), [14, 42]);
    expect(pixels.length).toBe(14 * 42);
    const found = measure(pixels, 42);
    expect([found.x, found.y]).toEqual([expect.closeTo(21, 1), expect.closeTo(7, 1)]);
    expect([found.width, found.height]).toEqual([expect.closeTo(10, 1), expect.closeTo(10, 1)]);
  });

  it.each([0, 255, 20, 235])("shows no digit when it is blank, and of brightness %i", (brightness) => {
    const blank = { width: 50, height: 40, pixels: new Uint8Array(2000).fill(brightness) };
    expect(() => prepareDigit(blank, [28, 28])).toThrow("No digit was found in the picture");
    expect(() =>
      prepareDigit({ width: 28, height: 28, pixels: blank.pixels.slice(0, 784) }, [28, 28]),
    ).toThrow(DataFormatError);
  });

  it("shows no digit where it is but a row or a column, all of it border", () => {
    for (const [width, height] of [
      [1, 1],
      [9, 1],
      [1, 9],
    ] as const) {
      const image = { width, height, pixels: new Uint8Array(width * height) };
      expect(() => prepareDigit(image, [28, 28])).toThrow(DataFormatError);
    }
  });
});

describe("too little ink for a digit", () => {
  const specks = (image: GrayImage, ...places: readonly number[]): GrayImage => {
    const pixels = image.pixels.slice();
    for (const place of places) pixels[place] = 0;
    return { ...image, pixels };
  };
  const white = picture(28, 28, [0, 0, 0, 0], [255, 255]);
  it.each<[string, GrayImage, string]>([
    ["a single pixel", picture(28, 28, [13, 9, 14, 10], [255, 0]), "1 x 1"],
    ["a single pixel of a larger picture", picture(200, 200, [90, 60, 91, 61], [230, 0]), "1 x 1"],
    ["a single bright pixel", picture(200, 200, [90, 60, 91, 61]), "1 x 1"],
    ["a dot", picture(28, 28, [10, 10, 14, 13], [255, 0]), "4 x 3"],
    ["a crumb on a large sheet", picture(1000, 800, [300, 300, 312, 309], [230, 40]), "12 x 9"],
    ["specks far apart", specks(white, 60, 400, 700), "3 pixels in 9 x 24"],
  ])("is refused: %s", (_, image, found) => {
    const prepare = () => prepareDigit(image, [28, 28]);
    expect(prepare).toThrow(DataFormatError);
    expect(prepare).toThrow(`its ink is no more than ${found}`);
  });

  it.each<[string, GrayImage]>([
    ["a one of five pixels", picture(28, 28, [12, 10, 13, 15], [255, 0])],
    ["a fine line", picture(200, 200, [100, 20, 101, 180], [230, 0])],
    ["a small one on a large sheet", picture(1000, 800, [300, 300, 303, 326], [230, 40])],
    ["a line of an image of 8 x 8", picture(8, 8, [3, 2, 4, 6])],
  ])("is not found in %s", (_, image) => {
    expect(prepareDigit(image, [28, 28]).pixels.some((value) => value > 0)).toBe(true);
  });

  it.skipIf(mnistDirectory === null)(
    "is not found in MNIST's digits, though drawn small or thin",
    async () => {
      const { test } = await loadMnist({ directory: mnistDirectory as string });
      const side = 28;
      for (let row = 0; row < 250; row++) {
        const digit = test.features.data.slice(row * side * side, (row + 1) * side * side) as Uint8Array;
        const at = (x: number, y: number) => (x < 0 || y < 0 ? 0 : (digit[y * side + x] ?? 0));
        const paper = (width: number, ink: (x: number, y: number) => number): GrayImage => ({
          width,
          height: width,
          pixels: Uint8Array.from({ length: width * width }, (_, i) =>
            Math.round(230 - 0.9 * ink(i % width, Math.floor(i / width))),
          ),
        });
        // The mean of 3 x 3 pixels: digits of 7 pixels. And of each stroke in each row its first pixel alone.
        const small = (x: number, y: number) => {
          let sum = 0;
          if (x < 10 && y < 10)
            for (let k = 0; k < 9; k++) sum += at(3 * x + (k % 3), 3 * y + Math.floor(k / 3));
          return sum / 9;
        };
        const thin = (x: number, y: number) => (at(x, y) >= 128 && (x === 0 || at(x - 1, y) < 128) ? 255 : 0);
        for (const [width, ink] of [
          [side, (x: number, y: number) => at(x, y)],
          [side, (x: number, y: number) => (x < 9 || y < 9 ? 0 : small(x - 9, y - 9))],
          [100, (x: number, y: number) => (x < 30 || y < 60 ? 0 : small(x - 30, y - 60))],
          [side, thin],
          [
            200,
            (x: number, y: number) => (x < 196 && y < 196 ? thin(Math.floor(x / 7), Math.floor(y / 7)) : 0),
          ],
        ] as const) {
          const found = prepareDigit(paper(width, ink), [side, side]);
          expect(found).toMatchObject({ inverted: true, fitted: width !== side });
        }
      }
    },
  );
});

describe("a digit on paper that is neither black nor white", () => {
  const digits = syntheticDigits({ count: 20, seed: 4 });
  const digit = (row: number) => digits.features.data.subarray(row * 784, (row + 1) * 784);
  const strong = [...digits.rows].filter((row) => Math.max(...digit(row)) === 255);
  const largestDifference = (a: Uint8Array, b: Uint8Array) =>
    Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? 0))));

  it.each([
    ["grey", 235, 20],
    ["dark grey, in black ink", 110, 0],
    ["dark grey, in white ink", 60, 255],
    ["white, in pale ink", 255, 150],
  ])("comes out as on black: %s", (_, paper, ink) => {
    expect(strong.length).toBeGreaterThan(5);
    for (const row of strong) {
      const pixels = digit(row).map((value) => Math.round(paper + ((ink - paper) * value) / 255));
      const prepared = prepareDigit({ width: 28, height: 28, pixels }, [28, 28]);
      expect(prepared).toMatchObject({ inverted: ink < paper, fitted: false });
      const scale = Math.abs(ink - paper) < 200 ? 1 : 255 / Math.abs(ink - paper);
      const expected = digit(row).map((value) => Math.round(value / scale));
      expect(largestDifference(prepared.pixels, expected)).toBeLessThanOrEqual(3);
    }
  });

  it("loses the grain of the paper", () => {
    const random = new RandomState(3);
    for (const row of strong) {
      const pixels = digit(row).map((value) => Math.round(225 - (value * 200) / 255 + random.randint(-6, 7)));
      const { pixels: found } = prepareDigit({ width: 28, height: 28, pixels }, [28, 28]);
      const blank = [...found.keys()].filter((i) => digit(row)[i] === 0);
      expect(blank.filter((i) => found[i] !== 0).length).toBeLessThan(0.1 * blank.length);
    }
  });
});
