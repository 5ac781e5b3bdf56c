import {
  GRID,
  MOST_STROKES,
  type PenPoint,
  PRESSURES,
  type Stroke,
  USUAL_PRESSURE,
  weighPoints,
} from "./stroke.js";

// A drawing as a short text for the page's address: base64url of bytes. First the version, then each stroke: twice its number of points,
// and one more where it has pressures; the first point; then what each point differs by from the one before it. All are
// variable-length integers, those with a sign in zigzag, as protocol buffers write them.

const VERSION = 1;
/** Characters: longer addresses are cut by some programs that pass them on. */
export const LONGEST_CODE = 2000;
const MOST_BYTES = Math.floor((LONGEST_CODE * 3) / 4);
const USUAL = Math.round(USUAL_PRESSURE * PRESSURES);

/**
 * @param strokes Those beyond {@link MOST_STROKES} are left out.
 * @returns At most {@link LONGEST_CODE} characters: a drawing that has more to tell is told with fewer points. Empty for no strokes.
 */
export function encodeDrawing(strokes: readonly Stroke[]): string {
  const drawn = strokes.filter((stroke) => stroke.length > 0).slice(0, MOST_STROKES);
  if (drawn.length === 0) return "";
  let bytes = toBytes(drawn);
  if (bytes.length > MOST_BYTES) {
    const weights = drawn.map((stroke) => weighPoints(stroke));
    for (let tolerance = 1 / GRID; bytes.length > MOST_BYTES; tolerance *= 1.1) {
      bytes = toBytes(
        drawn.map((stroke, i) => stroke.filter((_, at) => (weights[i]?.[at] ?? 0) > tolerance)),
      );
    }
  }
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** @returns No strokes where the code is not one that {@link encodeDrawing} has made: an address can be typed by hand. */
export function decodeDrawing(code: string): readonly Stroke[] {
  if (code.length > LONGEST_CODE || !/^[\w-]+$/.test(code) || code.length % 4 === 1) return [];
  const binary = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
  return fromBytes(Array.from(binary, (character) => character.charCodeAt(0))) ?? [];
}

function toBytes(strokes: readonly Stroke[]): number[] {
  const bytes = [VERSION];
  for (const stroke of strokes) {
    const hasPressure = stroke.some(({ pressure }) => steps(pressure, PRESSURES) !== USUAL);
    pushInteger(bytes, stroke.length * 2 + (hasPressure ? 1 : 0));
    let [x, y, pressure] = [0, 0, USUAL];
    for (const point of stroke) {
      const next = [steps(point.x, GRID), steps(point.y, GRID), steps(point.pressure, PRESSURES)] as const;
      pushInteger(bytes, zigzag(next[0] - x));
      pushInteger(bytes, zigzag(next[1] - y));
      if (hasPressure) pushInteger(bytes, zigzag(next[2] - pressure));
      [x, y, pressure] = next;
    }
  }
  return bytes;
}

function steps(value: number, most: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * most);
}

function fromBytes(bytes: readonly number[]): Stroke[] | undefined {
  if (bytes[0] !== VERSION) return undefined;
  const reader = { bytes, at: 1 };
  const strokes: Stroke[] = [];
  while (reader.at < bytes.length) {
    const head = readInteger(reader);
    if (head === undefined || head < 2 || strokes.length === MOST_STROKES) return undefined;
    const stroke = readStroke(reader, head >> 1, head % 2 === 1);
    if (stroke === undefined) return undefined;
    strokes.push(stroke);
  }
  return strokes;
}

interface Reader {
  readonly bytes: readonly number[];
  at: number;
}

function readStroke(reader: Reader, points: number, hasPressure: boolean): Stroke | undefined {
  const stroke: PenPoint[] = [];
  let [x, y, pressure] = [0, 0, USUAL];
  for (let i = 0; i < points; i++) {
    const [dx, dy, dp] = [readInteger(reader), readInteger(reader), hasPressure ? readInteger(reader) : 0];
    if (dx === undefined || dy === undefined || dp === undefined) return undefined;
    [x, y, pressure] = [x + unzigzag(dx), y + unzigzag(dy), pressure + unzigzag(dp)];
    if (!isWithin(x, GRID) || !isWithin(y, GRID) || !isWithin(pressure, PRESSURES)) return undefined;
    stroke.push({ x: x / GRID, y: y / GRID, pressure: pressure / PRESSURES });
  }
  return stroke;
}

function isWithin(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}

function pushInteger(bytes: number[], value: number): void {
  let rest = value;
  for (; rest > 127; rest >>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
}

/** Of at most three bytes: no number here is larger. */
function readInteger(reader: Reader): number | undefined {
  let value = 0;
  for (let shift = 0; shift < 21; shift += 7) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) return undefined;
    value |= (byte & 127) << shift;
    if (byte < 128) return value;
  }
  return undefined;
}
