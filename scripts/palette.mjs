// A picture of a page, of few colours but for the blurred edges of its letters, in a third of the bytes.

/** A PNG's palette has no more. */
const MOST_COLOURS = 256;
const WIDEST = 64;

/**
 * The same picture by a palette. Where it has more than 256 colours, those that are rare become one that is frequent and near.
 *
 * @param {{ width: number, height: number, data: Uint8Array }} picture Its data are [height, width, 3].
 * @returns {import("fast-png").ImageData} For `encode`.
 */
export function withPalette({ width, height, data }) {
  const counts = new Map();
  for (let i = 0; i < data.length; i += 3) {
    const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const frequentFirst = [...counts].toSorted((a, b) => b[1] - a[1]).map(([colour]) => channels(colour));
  const palette = choose(frequentFirst);
  const places = new Map([...counts.keys()].map((colour) => [colour, nearest(palette, channels(colour))]));
  const indices = new Uint8Array(width * height);
  for (let i = 0; i < indices.length; i++) {
    indices[i] = places.get((data[3 * i] << 16) | (data[3 * i + 1] << 8) | data[3 * i + 2]);
  }
  return { width, height, data: indices, palette, channels: 1, depth: 8 };
}

/** The most frequent colours that differ from each other by as little as leaves few enough. */
function choose(colours) {
  for (let least = 0; least < WIDEST; least++) {
    const chosen = [];
    for (const colour of colours) {
      if (chosen.every((other) => distance(colour, other) > least)) chosen.push(colour);
      if (chosen.length > MOST_COLOURS) break;
    }
    if (chosen.length <= MOST_COLOURS) return chosen;
  }
  throw new Error("The picture has too many colours for a palette.");
}

function nearest(palette, colour) {
  let best = 0;
  for (let i = 1; i < palette.length; i++) {
    if (distance(palette[i], colour) < distance(palette[best], colour)) best = i;
  }
  return best;
}

function channels(colour) {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

/** The largest difference of a channel. */
function distance(a, b) {
  return Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]), Math.abs(a[2] - b[2]));
}
