import { syntheticDigits } from "../../../src/data/synthetic/synthetic-digits.js";
import { InvalidArgumentError } from "../../../src/errors.js";
import type { GrayImage } from "../../../src/formats/png.js";
import type { DrawingsSet } from "../../../src/live/drawings/drawings.js";
import type { ModelView, ModelViews } from "../../../src/live/model-views.js";
import type {
  Drawings,
  HiddenActivations,
  ImagesQuery,
  LookedAtImage,
  Part,
  Recognition,
} from "../../../src/live/protocol.js";
import type { RunLibrary } from "../../../src/live/run-library.js";
import { colourImage, inkOnPaper } from "../../../src/report/figures/image.js";
import { weightsFigure } from "../../../src/report/figures/weights.js";

const COUNTS: Readonly<Record<Part, number>> = { train: 300, validation: 100, test: 200 };
const PARTS: readonly Part[] = ["train", "validation", "test"];
const CLASS_NAMES = Array.from({ length: 10 }, (_, digit) => String(digit));
const SIZE = 28;
const HIDDEN = 50;

/** Views of no network: its opinions are made up, and the same for the same picture. */
export function madeUpViews(library: RunLibrary): ModelViews {
  const digits = syntheticDigits({ count: 600 });
  const pixelsOf = (part: Part, position: number) => {
    const row = PARTS.slice(0, PARTS.indexOf(part)).reduce((sum, before) => sum + COUNTS[before], position);
    return {
      pixels: digits.features.data.subarray(row * SIZE ** 2, (row + 1) * SIZE ** 2),
      trueClass: digits.targets.labels[row] ?? 0,
    };
  };
  const lookedAt = (part: Part, position: number): LookedAtImage => {
    const { pixels, trueClass } = pixelsOf(part, position);
    const isWrong = position % 9 === 4;
    return {
      part,
      position,
      trueClass,
      predicted: isWrong ? (trueClass + 3) % 10 : trueClass,
      confidence: 0.5 + ((position * 37) % 50) / 100,
      uri: inkOnPaper(pixels, [SIZE, SIZE]).uri,
    };
  };
  const all = (part: Part) => Array.from({ length: COUNTS[part] }, (_, position) => lookedAt(part, position));
  const requirePosition = (part: Part, position: number) => {
    if (position >= COUNTS[part]) {
      throw new InvalidArgumentError(
        `Expected a number from 0 to ${COUNTS[part] - 1} for the image but received ${position}.`,
      );
    }
  };

  const viewOf = (modelVersion: number): ModelView => ({
    version: modelVersion,
    recognise: async (picture) => recognise(picture, modelVersion),
    weightsFigure: async (theme) =>
      weightsFigure(
        Float64Array.from({ length: HIDDEN * SIZE ** 2 }, (_, i) =>
          Math.sin(i / (7 + (i % 3) + modelVersion)),
        ),
        { imageShape: [SIZE, SIZE], theme },
      ),
    async confusion() {
      const counts = new Array<number>(100).fill(0);
      for (const { trueClass, predicted } of all("test")) {
        const cell = trueClass * 10 + predicted;
        counts[cell] = (counts[cell] ?? 0) + 1;
      }
      return { modelVersion, part: "test", classNames: CLASS_NAMES, counts };
    },
    async mistakes(count) {
      const wrong = all("test").filter(({ trueClass, predicted }) => trueClass !== predicted);
      const sure = wrong.sort((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0));
      return {
        modelVersion,
        part: "test",
        classNames: CLASS_NAMES,
        examples: COUNTS.test,
        total: wrong.length,
        images: sure.slice(0, count),
      };
    },
    async images(query) {
      const found = select(all(query.part), query);
      return {
        modelVersion,
        part: query.part,
        parts: PARTS.map((part) => ({ part, count: COUNTS[part] })),
        classNames: CLASS_NAMES,
        total: found.length,
        images: found.slice(query.from, query.from + query.count),
      };
    },
    async image(part, position) {
      requirePosition(part, position);
      const { pixels } = pixelsOf(part, position);
      return {
        image: lookedAt(part, position),
        recognition: recognise({ width: SIZE, height: SIZE, pixels }, modelVersion),
      };
    },
    async nearest(part, position, count) {
      requirePosition(part, position);
      const same = all("train").filter((image) => image.trueClass === pixelsOf(part, position).trueClass);
      const neighbours = same.slice(0, count).map((image, i) => ({ ...image, distance: 0.5 + i / 10 }));
      return { modelVersion, layer: `${HIDDEN} sigmoid units`, searched: COUNTS.train, neighbours };
    },
    async hidden(part, count) {
      const images = all(part).slice(0, count);
      const activations = Float32Array.from({ length: images.length * HIDDEN }, (_, i) => {
        const image = images[Math.floor(i / HIDDEN)];
        const unit = i % HIDDEN;
        return (unit % 10 === image?.trueClass ? 0.8 : 0.1) + 0.1 * Math.sin(i * 1.7);
      });
      return {
        modelVersion,
        layer: `${HIDDEN} sigmoid units`,
        part,
        classNames: CLASS_NAMES,
        width: HIDDEN,
        activations: Buffer.from(activations.buffer).toString("base64"),
        images: images.map(({ part: _, ...image }) => image),
      };
    },
  });

  return {
    async of(id) {
      const model = await library.model(id);
      return model === undefined ? undefined : viewOf(model.version);
    },
  };
}

function select(
  images: readonly LookedAtImage[],
  { trueClass, verdict, order }: ImagesQuery,
): readonly LookedAtImage[] {
  const found = images.filter(
    (image) =>
      (trueClass === undefined || image.trueClass === trueClass) &&
      (verdict === undefined || (image.trueClass === image.predicted) === (verdict === "right")),
  );
  if (order === "number") return found;
  const sign = order === "least-sure" ? 1 : -1;
  return found.sort((a, b) => sign * ((a.confidence ?? 0) - (b.confidence ?? 0)));
}

/** Takes the amount of ink for an opinion. */
function recognise({ width, height, pixels }: GrayImage, modelVersion: number): Recognition {
  const ink = pixels.reduce((sum, value) => sum + value, 0);
  const share = (digit: number) => Math.exp(-Math.abs(digit - (ink % 10)));
  const total = CLASS_NAMES.reduce((sum, _, digit) => sum + share(digit), 0);
  const classes = CLASS_NAMES.map((name, digit) => ({
    name,
    share: ink === 0 ? null : share(digit) / total,
  }));
  const common = { modelVersion, classes, kind: "probability" as const };
  if (ink === 0) {
    return {
      ...common,
      predicted: null,
      input: null,
      hidden: [],
      explanation: null,
      notes: ["There is nothing drawn yet."],
    };
  }
  // The nearest pixel of each: a real view does it better.
  const input = Uint8Array.from({ length: SIZE ** 2 }, (_, i) => {
    const row = Math.floor((Math.floor(i / SIZE) * height) / SIZE);
    return pixels[row * width + Math.floor(((i % SIZE) * width) / SIZE)] ?? 0;
  });
  const hidden: HiddenActivations = {
    name: `${HIDDEN} sigmoid units`,
    units: HIDDEN,
    activations: Array.from({ length: HIDDEN }, (_, unit) => 0.5 + 0.5 * Math.sin(ink + unit)),
    largest: 1,
  };
  const speaks = Uint8Array.from({ length: SIZE ** 2 * 3 }, (_, i) => {
    const value = input[Math.floor(i / 3)] ?? 0;
    return i % 3 === 0 ? 255 : 255 - value;
  });
  return {
    ...common,
    predicted: ink % 10,
    input: {
      width: SIZE,
      height: SIZE,
      uri: inkOnPaper(input, [SIZE, SIZE]).uri,
      pixels: Buffer.from(input).toString("base64"),
    },
    hidden: [hidden],
    explanation: { uri: colourImage(speaks, SIZE, SIZE).uri, limit: 0.4 },
    notes: [],
  };
}

/** Keeps the labels of drawings, and no drawing. */
export function madeUpDrawings(): DrawingsSet & { readonly labels: readonly number[] } {
  const labels: number[] = [];
  const tell = async (): Promise<Drawings> => ({
    folder: "drawings",
    count: labels.length,
    perClass: CLASS_NAMES.map((_, digit) => labels.filter((label) => label === digit).length),
    command: labels.length < 10 ? null : "mnist-native train --data-dir drawings",
    note: labels.length < 10 ? `A training needs 10 drawings, and there are ${labels.length}.` : null,
  });
  return {
    labels,
    get: tell,
    async add(body) {
      const { label } = (body ?? {}) as { readonly label?: unknown };
      if (typeof label !== "number" || !Number.isInteger(label) || label < 0 || label > 9) {
        throw new InvalidArgumentError("Expected a digit from 0 to 9 for label.");
      }
      labels.push(label);
      return tell();
    },
    async removeLast() {
      labels.pop();
      return tell();
    },
  };
}
