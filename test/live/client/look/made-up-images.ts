import { seededRandom } from "../../../../src/live/client/look/map/layout.js";
import type {
  HiddenSpace,
  ImageInDetail,
  ImagesPage,
  ImagesQuery,
  LookedAtImage,
  Neighbours,
  Part,
} from "../../../../src/live/protocol.js";
import { colourImage, inkOnPaper } from "../../../../src/report/figures/image.js";

/** Strokes of each digit on a display of seven bars: above, above left and right, middle, below left and right, below. */
const BARS = [
  "1110111",
  "0010010",
  "1011101",
  "1011011",
  "0111010",
  "1101011",
  "1101111",
  "1010010",
  "1111111",
  "1111011",
];
const PLACES = [
  [8, 5, 12, 2],
  [7, 6, 2, 8],
  [19, 6, 2, 8],
  [8, 13, 12, 2],
  [7, 14, 2, 8],
  [19, 14, 2, 8],
  [8, 21, 12, 2],
] as const;

export const CLASS_NAMES = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
export const PART_COUNTS: Readonly<Record<Part, number>> = { train: 5000, validation: 1000, test: 1000 };
const PARTS: readonly Part[] = ["train", "validation", "test"];
const WIDTH = 30;

/** A made-up image: its class follows from its number, and so do the network's mistakes, of which no 7 has any. */
export function madeUpImage(part: Part, position: number): LookedAtImage {
  const random = seededRandom(position * 3 + PARTS.indexOf(part));
  const trueClass = position % 10;
  const isWrong = position % 13 === 4 && trueClass !== 7;
  const predicted = isWrong ? (trueClass + 5) % 10 : trueClass;
  const confidence = isWrong ? 0.4 + 0.5 * random() : 1 - 0.3 * random() ** 3;
  return { part, position, trueClass, predicted, confidence, uri: drawDigit(trueClass, random) };
}

function drawDigit(digit: number, random: () => number): string {
  const pixels = new Uint8Array(28 * 28);
  const [dx, dy, slant] = [Math.round(4 * random() - 2), Math.round(4 * random() - 2), 0.4 * random() - 0.1];
  PLACES.forEach(([left, top, width, height], bar) => {
    if (BARS[digit]?.[bar] !== "1") return;
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++) {
        const column = Math.round(x + dx + slant * (14 - y));
        if (column >= 0 && column < 28) pixels[(y + dy) * 28 + column] = 190 + Math.floor(65 * random());
      }
    }
  });
  return inkOnPaper(pixels, [28, 28]).uri;
}

export function madeUpPage(query: ImagesQuery, modelVersion: number): ImagesPage {
  const { part, trueClass, verdict, order, from, count } = query;
  const all = Array.from({ length: PART_COUNTS[part] }, (_, position) => position)
    .filter((position) => trueClass === undefined || position % 10 === trueClass)
    .map((position) => madeUpImage(part, position))
    .filter(
      (image) => verdict === undefined || (image.trueClass === image.predicted) === (verdict === "right"),
    );
  const sign = order === "least-sure" ? 1 : -1;
  if (order !== "number") all.sort((a, b) => sign * ((a.confidence ?? 0) - (b.confidence ?? 0)));
  return {
    modelVersion,
    part,
    parts: PARTS.map((known) => ({ part: known, count: PART_COUNTS[known] })),
    classNames: CLASS_NAMES,
    total: all.length,
    images: all.slice(from, from + count),
  };
}

export function madeUpDetail(part: Part, position: number, modelVersion: number): ImageInDetail {
  const image = madeUpImage(part, position);
  const random = seededRandom(position + 1);
  const sure = image.confidence ?? 0;
  const shares = CLASS_NAMES.map((_, k) => (k === image.predicted ? sure : (1 - sure) / 9));
  const heat = new Uint8Array(28 * 28 * 3).fill(247);
  for (let i = 0; i < 160; i++) {
    const at = 3 * (Math.floor(6 + 16 * random()) * 28 + Math.floor(6 + 16 * random()));
    heat.set(random() < 0.6 ? [213, 94, 0] : [0, 114, 178], at);
  }
  return {
    image,
    recognition: {
      modelVersion,
      predicted: image.predicted,
      classes: CLASS_NAMES.map((name, k) => ({ name, share: shares[k] ?? null })),
      kind: "probability",
      input: null,
      hidden: [
        { name: "100 sigmoid units", units: 100, activations: strengths(100, random), largest: 1 },
        {
          name: "30 tanh units",
          units: 30,
          activations: strengths(30, random).map((value) => 2 * value - 1),
          largest: 1,
        },
      ],
      explanation: { uri: colourImage(heat, 28, 28).uri, limit: 0.5 },
      notes: [],
    },
  };
}

function strengths(units: number, random: () => number): number[] {
  return Array.from({ length: units }, () => random() ** 3);
}

export function madeUpNeighbours(
  part: Part,
  position: number,
  count: number,
  modelVersion: number,
): Neighbours {
  const { predicted } = madeUpImage(part, position);
  const neighbours = Array.from({ length: count }, (_, i) => ({
    ...madeUpImage("train", predicted + 10 * (i + 7) + (i === 5 ? 3 : 0)),
    distance: 0.4 + 0.07 * i,
  }));
  return { modelVersion, layer: "30 tanh units", searched: PART_COUNTS.train, neighbours };
}

/** Each class has a middle of its own in the hidden space; 4 and 9 lie close to each other. */
export function madeUpHidden(part: Part, count: number, modelVersion: number): HiddenSpace {
  const middles = CLASS_NAMES.map((_, k) => strengths(WIDTH, seededRandom(k === 9 ? 104 : 100 + k)));
  const images = Array.from({ length: count }, (_, position) => madeUpImage(part, position));
  const activations = new Float32Array(count * WIDTH);
  images.forEach(({ trueClass, predicted }, i) => {
    const random = seededRandom(i + 1);
    for (let unit = 0; unit < WIDTH; unit++) {
      const own = middles[trueClass]?.[unit] ?? 0;
      const other = middles[predicted]?.[unit] ?? 0;
      const apart = trueClass === 9 && unit < 5 ? 0.25 : 0;
      activations[i * WIDTH + unit] = (own + other) / 2 + apart + 0.45 * (random() + random() - 1);
    }
  });
  return {
    modelVersion,
    layer: "30 tanh units",
    part,
    classNames: CLASS_NAMES,
    width: WIDTH,
    activations: Buffer.from(activations.buffer).toString("base64"),
    images: images.map(({ part: _, ...image }) => image),
  };
}
