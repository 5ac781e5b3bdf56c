import { DataFormatError } from "../../errors.js";
import type { GrayImage } from "../../formats/png.js";

/** A digit as the network's input wants it. */
export interface PreparedDigit {
  /** [height * width], ink bright on dark, as in MNIST. */
  readonly pixels: Uint8Array;
  /** Whether the picture was dark ink on light paper. */
  readonly inverted: boolean;
  /** Whether it was cropped, scaled and centred, because it had another size. */
  readonly fitted: boolean;
}

const INK_THRESHOLD = 32;
/** MNIST's digits were scaled to fit a box of 20 x 20 pixels in images of 28 x 28. */
const BOX_SHARE = 20 / 28;

/** Least difference between paper and ink, of 255, for a picture to show anything. */
const LEAST_CONTRAST = 32;
/** Ink that is at least so dark on its paper is as strong as a pen's, and left as it is. */
const FULL_CONTRAST = 200;

/** The smallest letters of any type for screens are five pixels tall; less is a dot. In pictures of few pixels a quarter will do. */
const LEAST_SIDE = 5;
const LEAST_SHARE_OF_SMALL = 1 / 4;
/** What is smaller than this share of a picture is a crumb on its paper. */
const LEAST_SHARE = 1 / 40;

/**
 * Makes a picture of a digit look like MNIST's: bright ink on a dark ground. The brightness of the paper is the median of the
 * border; what differs from it more than the paper itself does is ink, darker or brighter, whichever there is more of; and weak ink is
 * stretched to full contrast. Unless the picture has the wanted size already, the ink is scaled to fit a box of 5/7 of the image and
 * its centre of mass put in the middle, as LeCun et al. describe for MNIST (http://yann.lecun.com/exdb/mnist/).
 *
 * @param source What the message calls the picture, in the middle of a sentence.
 * @throws DataFormatError where nothing stands out from the paper, or too little for a digit.
 */
export function prepareDigit(
  image: GrayImage,
  shape: readonly [height: number, width: number],
  source = "the picture",
): PreparedDigit {
  const { paper, grain } = paperOf(image);
  let [darker, brighter] = [0, 0];
  for (const value of image.pixels) {
    darker += Math.max(0, paper - value - grain);
    brighter += Math.max(0, value - paper - grain);
  }
  const inverted = darker > brighter;
  const ink = image.pixels.map((value) => inkOf(inverted ? paper - value : value - paper, grain));
  const strongest = ink.reduce((most, value) => Math.max(most, value), 0);
  if (strongest < LEAST_CONTRAST) {
    throw new DataFormatError(
      `No digit was found in ${source}: nothing stands out from its paper; give a picture with a digit in dark ink on light paper, or bright on dark.`,
    );
  }
  const stretch = strongest < FULL_CONTRAST ? 255 / strongest : 1;
  const pixels = stretch === 1 ? ink : ink.map((value) => Math.round(value * stretch));
  const box = inkBox({ ...image, pixels });
  checkAmount(box, image, source);
  const [height, width] = shape;
  const fitted = image.height !== height || image.width !== width;
  return { pixels: fitted ? fitDigit({ ...image, pixels }, box, height, width) : pixels, inverted, fitted };
}

/** What differs from the paper by no more than its grain is paper. */
function inkOf(difference: number, grain: number): number {
  return difference > grain ? difference : 0;
}

/** The median brightness of the border, and three times its median deviation from that. */
export function paperOf({ pixels, width, height }: GrayImage): {
  readonly paper: number;
  readonly grain: number;
} {
  const border: number[] = [];
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
    for (let x = 0; x < width; x += step) border.push(pixels[y * width + x] as number);
  }
  const paper = median(border);
  return { paper, grain: 3 * median(border.map((value) => Math.abs(value - paper))) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** A digit is larger than a dot, and its strokes, though they may have gaps, run through half of what it spans. */
function checkAmount(
  { left, top, right, bottom, count }: InkBox,
  { width, height }: GrayImage,
  source: string,
): void {
  const [boxWidth, boxHeight] = [right - left, bottom - top];
  const side = Math.max(boxWidth, boxHeight);
  const whole = Math.max(width, height);
  const isSmall = side < Math.max(Math.min(LEAST_SIDE, whole * LEAST_SHARE_OF_SMALL), whole * LEAST_SHARE);
  if (!isSmall && count >= side / 2) return;
  const found = isSmall
    ? `${boxWidth} x ${boxHeight} pixels`
    : `${count} pixels in ${boxWidth} x ${boxHeight}`;
  throw new DataFormatError(
    `No digit was found in ${source}: its ink is no more than ${found}; give a picture with a larger digit, or cut out the part that has it.`,
  );
}

function fitDigit(image: GrayImage, box: InkBox, height: number, width: number): Uint8Array {
  const out = new Uint8Array(height * width);
  const boxWidth = box.right - box.left;
  const boxHeight = box.bottom - box.top;
  const scale = Math.min((width * BOX_SHARE) / boxWidth, (height * BOX_SHARE) / boxHeight);
  const centre = centreOfMass(image);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const left = (x - width / 2) / scale + centre.x;
      const top = (y - height / 2) / scale + centre.y;
      out[y * width + x] = Math.round(meanOfArea(image, left, top, 1 / scale));
    }
  }
  return out;
}

/** The mean over a square of `side` picture pixels, each weighted by the part of it inside; dark outside the picture. */
function meanOfArea({ pixels, width, height }: GrayImage, left: number, top: number, side: number): number {
  let sum = 0;
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(height, top + side); y++) {
    const rowShare = Math.min(y + 1, top + side) - Math.max(y, top);
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(width, left + side); x++) {
      const columnShare = Math.min(x + 1, left + side) - Math.max(x, left);
      sum += rowShare * columnShare * (pixels[y * width + x] as number);
    }
  }
  return sum / (side * side);
}

/** What has ink: `right` and `bottom` are not included. */
interface InkBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** How many pixels of it have ink. */
  readonly count: number;
}

/** There is ink, as its strongest has been looked at. */
function inkBox({ pixels, width, height }: GrayImage): InkBox {
  let [left, top, right, bottom, count] = [width, height, 0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((pixels[y * width + x] as number) < INK_THRESHOLD) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
      count++;
    }
  }
  return { left, top, right, bottom, count };
}

function centreOfMass({ pixels, width, height }: GrayImage): { readonly x: number; readonly y: number } {
  let [mass, xSum, ySum] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = pixels[y * width + x] as number;
      mass += value;
      xSum += value * (x + 0.5);
      ySum += value * (y + 0.5);
    }
  }
  return { x: xSum / mass, y: ySum / mass };
}
