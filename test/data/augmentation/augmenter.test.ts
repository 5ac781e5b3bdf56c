import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AugmentOptions, createAugmenter } from "../../../src/data/augmentation/augmenter.js";
import { formatAugmentation, parseAugmentation } from "../../../src/data/augmentation/notation.js";
import { InvalidArgumentError, ShapeError } from "../../../src/errors.js";
import { randomIntegers } from "../../support/guarded-memory.js";

const SHAPE = [12, 10] as const;
const PIXELS = 120;
const COUNT = 40;
const images = Uint8Array.from({ length: COUNT * PIXELS }, randomIntegers(1));
const EVERYTHING = { shift: 2, rotate: 20, scale: 0.2, elastic: 2, elasticSmoothness: 3 } as const;

function augmented(
  options: AugmentOptions,
  rows: readonly number[],
  epoch = 0,
  numbers?: Int32Array,
): Uint8Array {
  const out = new Uint8Array(rows.length * PIXELS).fill(9);
  createAugmenter(options, SHAPE).augment(images, Int32Array.from(rows), out, { epoch, numbers });
  return out;
}

/** Where the ink of a picture is on the average, from its middle. */
function centreOf(picture: Uint8Array, width: number): { x: number; y: number } {
  const height = picture.length / width;
  let [ink, x, y] = [0, 0, 0];
  for (const [i, pixel] of picture.entries()) {
    ink += pixel;
    x += pixel * ((i % width) - (width - 1) / 2);
    y += pixel * (Math.floor(i / width) - (height - 1) / 2);
  }
  return { x: x / ink, y: y / ink };
}

/** A soft spot in a picture of 41 x 41 pixels, `right` and `down` of its middle, distorted in many ways. */
function spots(options: AugmentOptions, right = 0, down = 0): { x: number; y: number }[] {
  const side = 41;
  const spot = Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [(i % side) - 20 - right, Math.floor(i / side) - 20 - down];
    return 255 * Math.exp(-(x * x + y * y) / 8);
  });
  const augmenter = createAugmenter(options, [side, side]);
  const out = new Uint8Array(spot.length);
  return Array.from({ length: 400 }, (_, epoch) => {
    augmenter.augment(spot, Int32Array.of(0), out, { epoch });
    return centreOf(out, side);
  });
}

/** Bytes are rounded, so that a centre is known to a few hundredths. */
const ROUNDING = 0.05;

/** The numbers lie between the bounds and go nearly as far, evenly in both directions. */
function expectUniform(numbers: readonly number[], least: number, most: number): void {
  const slack = ROUNDING + 0.02 * (most - least);
  expect(Math.min(...numbers)).toBeGreaterThan(least - ROUNDING);
  expect(Math.min(...numbers)).toBeLessThan(least + slack);
  expect(Math.max(...numbers)).toBeLessThan(most + ROUNDING);
  expect(Math.max(...numbers)).toBeGreaterThan(most - slack);
  const below = numbers.filter((number) => number < (least + most) / 2).length / numbers.length;
  expect(Math.abs(below - 0.5)).toBeLessThan(0.1);
}

describe("an augmenter", () => {
  it.each([{}, { shift: 0, rotate: 0, scale: 0, elastic: 0 }, { elasticSmoothness: 2, seed: 5 }])(
    "copies images for which it was asked nothing: %j",
    (options) => {
      expect(augmented(options, [3, 0, 3])).toEqual(
        Uint8Array.from([3, 0, 3].flatMap((row) => [...images.subarray(row * PIXELS, (row + 1) * PIXELS)])),
      );
    },
  );

  it.each(["shift", "rotate", "scale", "elastic"] as const)("distorts by %s alone", (name) => {
    expect(augmented({ [name]: EVERYTHING[name] }, [4])).not.toEqual(augmented({}, [4]));
  });

  it("distorts each image by seed, epoch and number, and in no other way", () => {
    const usual = augmented(EVERYTHING, [5]);
    expect(augmented(EVERYTHING, [5])).toEqual(usual);
    expect(augmented({ ...EVERYTHING, seed: 123 }, [5])).toEqual(usual);
    expect(augmented({ ...EVERYTHING, seed: 124 }, [5])).not.toEqual(usual);
    expect(augmented(EVERYTHING, [5], 1)).not.toEqual(usual);
    const numbers = Int32Array.from({ length: COUNT }, (_, i) => 1000 + i);
    expect(augmented(EVERYTHING, [5], 0, numbers)).not.toEqual(usual);
    numbers[5] = 5;
    expect(augmented(EVERYTHING, [5], 0, numbers)).toEqual(usual);
  });

  it("does so however the images are divided into calls, and in whatever order", () => {
    const each = Array.from({ length: COUNT }, (_, row) => augmented(EVERYTHING, [row], 3));
    const row = fc.integer({ min: 0, max: COUNT - 1 });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const together = augmented(EVERYTHING, rows, 3);
        for (const [i, which] of rows.entries()) {
          expect(together.subarray(i * PIXELS, (i + 1) * PIXELS)).toEqual(each[which]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("writes the examples that there are, and no more", () => {
    const out = new Uint8Array(3 * PIXELS).fill(9);
    createAugmenter(EVERYTHING, SHAPE).augment(images, Int32Array.of(1, 2), out);
    expect(out.subarray(2 * PIXELS).every((byte) => byte === 9)).toBe(true);
    createAugmenter(EVERYTHING, SHAPE).augment(images, new Int32Array(0), new Uint8Array(0));
  });

  it("shifts by as much as was asked for, to each side and up and down", () => {
    const centres = spots({ shift: 3.5 });
    expectUniform(
      centres.map(({ x }) => x),
      -3.5,
      3.5,
    );
    expectUniform(
      centres.map(({ y }) => y),
      -3.5,
      3.5,
    );
    // As often together as against each other.
    const together = centres.filter(({ x, y }) => x * y > 0).length / centres.length;
    expect(Math.abs(together - 0.5)).toBeLessThan(0.1);
  });

  it("rotates about the middle by as much as was asked for, in both directions", () => {
    const centres = spots({ rotate: 30 }, 8, 0);
    for (const { x, y } of centres) expect(Math.abs(Math.hypot(x, y) - 8)).toBeLessThan(2 * ROUNDING);
    expectUniform(
      centres.map(({ x, y }) => (Math.atan2(y, x) * 180) / Math.PI),
      -30,
      30,
    );
  });

  it("makes images larger and smaller by as much as was asked for", () => {
    const centres = spots({ scale: 0.25 }, 6, 8);
    expectUniform(
      centres.map(({ x, y }) => Math.hypot(x, y)),
      7.5,
      12.5,
    );
    for (const { x, y } of centres) expect(Math.abs(Math.atan2(y, x) - Math.atan2(8, 6))).toBeLessThan(0.01);
  });

  it("moves no ink farther than elastic allows, and lets none appear", () => {
    const [height, width] = SHAPE;
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 4, noNaN: true }),
        fc.double({ min: 0.5, max: 8, noNaN: true }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (elastic, elasticSmoothness, seed) => {
          const out = augmented({ elastic, elasticSmoothness, seed }, [0]);
          const reach = Math.ceil(elastic);
          for (let i = 0; i < PIXELS; i++) {
            const [x, y] = [i % width, Math.floor(i / width)];
            let [least, most] = [255, 0];
            for (let v = y - reach; v <= y + reach; v++) {
              for (let u = x - reach; u <= x + reach; u++) {
                const isInside = u >= 0 && u < width && v >= 0 && v < height;
                const pixel = isInside ? (images[v * width + u] ?? Number.NaN) : 0;
                least = Math.min(least, pixel);
                most = Math.max(most, pixel);
              }
            }
            expect(out[i]).toBeGreaterThanOrEqual(least);
            expect(out[i]).toBeLessThanOrEqual(most);
          }
        },
      ),
      { numRuns: 50 },
    );
    for (const { x, y } of spots({ elastic: 3 })) expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThan(3);
  });
});

describe("wrong options of an augmenter", () => {
  it.each<[AugmentOptions, string]>([
    [{ shift: -1 }, "a number from 0 to 12 for shift but received -1"],
    [{ shift: 13 }, "a number from 0 to 12 for shift but received 13"],
    [{ shift: "2" } as never, 'a number from 0 to 12 for shift but received "2"'],
    [{ rotate: 181 }, "a number from 0 to 180 for rotate but received 181"],
    [{ rotate: Number.NaN }, "a number from 0 to 180 for rotate but received NaN"],
    [{ scale: 1 }, "a number from 0 to 0.9 for scale but received 1"],
    [{ elastic: Number.POSITIVE_INFINITY }, "a number from 0 to 12 for elastic but received Infinity"],
    [{ elasticSmoothness: 0 }, "a number from 0.5 to 12 for elasticSmoothness but received 0"],
    [{ seed: -1 }, "an integer from 0 to 4294967295 for seed but received -1"],
    [{ seed: 0.5 }, "an integer from 0 to 4294967295 for seed but received 0.5"],
  ])("%j", (options, sentence) => {
    expect(() => createAugmenter(options, SHAPE)).toThrow(new InvalidArgumentError(`Expected ${sentence}.`));
  });

  it.each([[[28]], [[28, 0]], [28], [undefined], [[2.5, 2]]])("a shape like %j", (shape) => {
    expect(() => createAugmenter({}, shape as never)).toThrow(
      /^Expected the height and width of an image, such as \[28, 28\], for imageShape but received .*\.$/,
    );
  });

  it.each<[string, readonly unknown[], string]>([
    ["images", [[1], Int32Array.of(0), new Uint8Array(PIXELS)], "Expected a Uint8Array for images"],
    ["rows", [images, [0], new Uint8Array(PIXELS)], "Expected an Int32Array for rows"],
    ["out", [images, Int32Array.of(0), new Uint8ClampedArray(PIXELS)], "Expected a Uint8Array for out"],
    [
      "a part of an image",
      [images.subarray(1), Int32Array.of(0), new Uint8Array(PIXELS)],
      "Expected images of 120",
    ],
    ["a small out", [images, Int32Array.of(0), new Uint8Array(119)], "Expected at least 120 bytes of out"],
    [
      "a negative row",
      [images, Int32Array.of(-1), new Uint8Array(PIXELS)],
      "Expected row numbers from 0 to 39",
    ],
    [
      "a row too large",
      [images, Int32Array.of(40), new Uint8Array(PIXELS)],
      "Expected row numbers from 0 to 39",
    ],
    [
      "memory in use",
      [images, Int32Array.of(0), images.subarray(PIXELS)],
      "Expected memory of its own for out",
    ],
    [
      "an epoch",
      [images, Int32Array.of(0), new Uint8Array(PIXELS), { epoch: -1 }],
      "Expected an integer from 0",
    ],
    [
      "numbers",
      [images, Int32Array.of(0), new Uint8Array(PIXELS), { numbers: new Int32Array(3) }],
      "Expected numbers of 40 images but received 3.",
    ],
    ["a name", [images, Int32Array.of(0), new Uint8Array(PIXELS), { epok: 1 }], "did you mean epoch?"],
  ])("%s", (_, args, sentence) => {
    const { augment } = createAugmenter(EVERYTHING, SHAPE);
    const call = () => augment(...(args as Parameters<typeof augment>));
    expect(call).toThrow(sentence);
    expect(call).toThrow(
      sentence.includes("bytes") || /\d images|images of/.test(sentence) ? ShapeError : InvalidArgumentError,
    );
  });
});

describe("distortions in a word", () => {
  it("are read, and written as they are read", () => {
    const word = "shift=2,rotate=10.5,scale=0.1,elastic=3,elastic-smoothness=4";
    const options = { shift: 2, rotate: 10.5, scale: 0.1, elastic: 3, elasticSmoothness: 4 };
    expect(parseAugmentation(word)).toEqual(options);
    expect(formatAugmentation({ ...options, seed: 3, other: 1 })).toBe(word);
    expect(parseAugmentation(" rotate = 3 , shift=0")).toEqual({ rotate: 3, shift: 0 });
  });

  it.each([[undefined], [null], ["shift=2"], [{}], [{ shift: "2" }], [[1]]])("%j has none", (value) => {
    expect(formatAugmentation(value)).toBeNull();
  });

  it.each(["", "shift", "shift=", "shift=x", "shift=1=2", "shift=1,", "shift=Infinity", "=3"])(
    "%j is refused",
    (word) => {
      expect(() => parseAugmentation(word)).toThrow(InvalidArgumentError);
    },
  );
});
