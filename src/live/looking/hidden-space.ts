import { expectThat } from "../../system/expected.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HiddenSpace, LookedAtImage, Neighbours } from "../protocol.js";
import { type Answers, answersOf } from "./answers.js";
import { answersAmong, once, type PartView, type PartViews } from "./part-answers.js";
import type { Turns } from "./turns.js";
import type { ViewedModel } from "./viewed-model.js";

/** Images among which the nearest are searched. */
const MOST_SEARCHED = 10_000;
/** Numbers that are kept of those: 32 MB. */
const MOST_KEPT = 1 << 23;
const MOST_NEIGHBOURS = 100;
/** Images of a map. */
const MOST_MAPPED = 3000;
/** Numbers of a map, which the page gets: 8 MB. */
const MOST_SENT = 1 << 21;

/** Where images lie that a network sees alike: by the activations of its last hidden layer, or of a network that has none by its outputs. */
export interface SpaceOfImages {
  nearest(of: PartView, position: number, count: number): Promise<Neighbours>;
  hidden(part: PartView, count: number): Promise<HiddenSpace>;
}

/** Images with their places in the space. */
interface Placed {
  /** Of their part, [n_images]. */
  readonly positions: Int32Array;
  readonly answers: Answers;
  /** [n_images, width] */
  readonly activations: Float32Array;
}

export function createSpaceOfImages(model: ViewedModel, views: PartViews, turns: Turns): SpaceOfImages {
  const { network, version } = model;
  const layer = model.hiddenLayers.at(-1) ?? {
    index: network.layers.length - 1,
    name: `${network.outputs} ${network.outputs === 1 ? "output" : "outputs"}`,
    units: network.outputs,
  };
  const { units } = layer;
  const place = async (view: PartView, positions: Int32Array): Promise<Placed> => {
    const { features, rows } = view.dataset;
    const activations = new Float32Array(positions.length * units);
    const inputs = { features, rows: positions.map((position) => rows[position] as number) };
    const answers = await answersOf(model, inputs, (all, first, count) => {
      const { data } = all[layer.index] as Tensor;
      activations.set(data.subarray(0, count * units), first * units);
    });
    return { positions, answers, activations };
  };
  const { learned } = views;
  const searched = once(() => {
    const most = Math.min(MOST_SEARCHED, Math.max(1, Math.floor(MOST_KEPT / units)));
    return place(learned, evenly(learned.dataset.rows.length, most));
  });
  return {
    async nearest(of, position, count) {
      expectCount("count", count, MOST_NEIGHBOURS);
      const { activations: own } = await place(of, Int32Array.of(position));
      const { positions, answers, activations } = await searched();
      const isItself = (i: number) => of === learned && positions[i] === position;
      const found = await nearestRows(activations, own, { count, isLeftOut: isItself, turns });
      const places = Int32Array.from(found, ({ row }) => positions[row] as number);
      const rows = Int32Array.from(found, ({ row }) => row);
      const images = await learned.lookedAt(places, answersAmong(answers, rows));
      return {
        modelVersion: version,
        layer: layer.name,
        searched: positions.length,
        neighbours: images.map((image, i) => ({ ...image, distance: found[i]?.distance as number })), // One for each.
      };
    },
    async hidden(view, count) {
      expectCount("count", count, MOST_MAPPED);
      const most = Math.min(count, Math.max(1, Math.floor(MOST_SENT / units)));
      const { positions, answers, activations } = await place(view, evenly(view.dataset.rows.length, most));
      const images = await view.lookedAt(positions, answers);
      return {
        modelVersion: version,
        layer: layer.name,
        part: view.part,
        classNames: views.classNames,
        width: units,
        activations: asBase64(activations),
        images: images.map(({ part: _, ...image }: LookedAtImage) => image),
      };
    },
  };
}

/** At most so many of the numbers from 0 to `count` - 1, at even distances. */
function evenly(count: number, most: number): Int32Array {
  const chosen = Math.min(count, most);
  return Int32Array.from({ length: chosen }, (_, i) => Math.floor((i * count) / chosen));
}

/**
 * The rows that are nearest to a point by Euclidean distance, the nearest first, and of those that are as near the first first. What is
 * not a number is near to nothing.
 *
 * @param rows [n_rows, point.length]
 */
async function nearestRows(
  rows: Float32Array,
  point: Float32Array,
  options: {
    readonly count: number;
    readonly isLeftOut: (row: number) => boolean;
    readonly turns: Turns;
  },
): Promise<readonly { readonly row: number; readonly distance: number }[]> {
  const { count, isLeftOut, turns } = options;
  const width = point.length;
  const found: { row: number; distance: number }[] = [];
  await turns.next();
  for (let row = 0; row < rows.length / width; row++) {
    if (row % 64 === 0 && turns.isOver()) await turns.next();
    if (isLeftOut(row)) continue;
    let sum = 0;
    for (let i = 0; i < width; i++) {
      const difference = (rows[row * width + i] as number) - (point[i] as number); // Both have so many.
      sum += difference * difference;
    }
    const distance = Math.sqrt(sum);
    const farthest = found.length < count ? Number.POSITIVE_INFINITY : (found.at(-1)?.distance ?? 0);
    if (!(distance < farthest)) continue;
    const after = found.findIndex((other) => other.distance > distance);
    found.splice(after === -1 ? found.length : after, 0, { row, distance });
    if (found.length > count) found.pop();
  }
  return found;
}

/** Little-endian, as every processor is that Node.js runs on but those of IBM's mainframes. */
function asBase64(numbers: Float32Array): string {
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const isBigEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;
  return (isBigEndian ? Buffer.from(bytes).swap32() : bytes).toString("base64");
}

function expectCount(name: string, count: number, most: number): void {
  expectThat(
    Number.isInteger(count) && count >= 1 && count <= most,
    `a whole number from 1 to ${most}`,
    name,
    count,
  );
}
