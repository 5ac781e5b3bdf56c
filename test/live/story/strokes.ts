import { RandomState } from "../../../src/random/random-state.js";

/** Side of the canvas that the scripts are written for, in its own pixels: x to the right, y down. */
export const CANVAS_SIDE = 280;

export type Point = readonly [x: number, y: number];

/** How a person draws a digit with a mouse. */
export interface StrokeScript {
  readonly digit: number;
  readonly style: string;
  /** Where the pointer is while its button is down, some six pixels from place to place: a list for each stroke. */
  readonly strokes: readonly (readonly Point[])[];
}

const STEP = 6;
/** A hand's tremor: so many pixels at most, changing over so many steps. */
const TREMOR = 1.8;
const TREMOR_STEPS = 3;

// Each stroke goes smoothly through its knots; one that is written twice is a corner. Nothing is quite straight, closed or centred.
const written: readonly (readonly [digit: number, style: string, ...strokes: readonly string[]])[] = [
  [0, "an oval", "146,52 112,60 84,98 76,146 88,196 120,226 156,224 188,190 200,140 190,90 166,58 140,50"],
  [
    0,
    "leaning, with an overlap",
    "172,48 136,62 104,110 90,166 102,214 130,226 164,200 190,146 198,90 182,54 156,52 138,66",
  ],
  [1, "a bar", "142,46 140,96 141,150 137,196 138,236"],
  [1, "a leaning bar", "168,44 156,92 140,148 126,196 116,238"],
  [1, "with a flag", "106,92 126,72 146,46 146,46 147,104 144,168 146,234"],
  [
    1,
    "with a flag and a foot",
    "112,88 132,70 146,50 146,50 144,110 145,170 143,228",
    "100,230 140,228 186,231",
  ],
  [
    2,
    "with a flat foot",
    "84,92 94,64 126,48 164,54 184,84 176,122 146,160 112,194 82,224 82,224 132,222 204,226",
  ],
  [
    2,
    "with a loop",
    "80,86 98,58 136,46 172,60 182,96 166,140 128,188 94,222 74,216 82,196 112,196 152,214 186,224 212,212",
  ],
  [
    3,
    "round",
    "88,70 118,48 158,50 180,76 166,108 126,130 126,130 166,138 190,168 182,206 146,232 104,228 78,208",
  ],
  [
    3,
    "with a flat top",
    "84,56 134,54 188,52 188,52 156,86 124,116 124,116 166,122 192,154 188,196 156,226 112,230 80,212",
  ],
  [4, "open", "104,50 94,94 80,146 80,146 126,150 206,144", "178,62 174,120 172,180 168,238"],
  [4, "closed, in one line", "196,168 136,170 70,168 70,168 112,112 166,48 166,48 166,110 164,174 166,238"],
  [4, "with a long upright", "92,74 84,112 92,140 128,148 174,138", "184,42 180,100 174,160 166,242"],
  [
    5,
    "a hat last",
    "104,58 98,92 92,126 92,126 128,114 168,124 188,158 178,200 142,228 102,226 76,208",
    "104,58 146,54 194,56",
  ],
  [
    5,
    "in one line",
    "192,54 148,56 106,58 106,58 100,90 94,124 94,124 134,112 174,130 186,170 168,210 126,230 82,216",
  ],
  [6, "a curl", "172,48 134,76 104,120 88,168 98,210 132,232 168,222 184,188 168,158 132,154 100,178"],
  [6, "with a straight back", "142,44 118,98 98,154 96,204 126,232 166,220 178,184 154,156 120,162 98,190"],
  [7, "plain", "78,62 130,60 198,58 198,58 172,110 146,168 124,236"],
  [7, "with a bar across", "82,64 134,62 200,58 200,58 174,112 150,172 132,236", "108,146 148,142 190,144"],
  [7, "with a hook and a bend", "80,90 82,64 82,64 138,66 196,56 196,56 170,104 152,158 148,232"],
  [
    8,
    "in one line",
    "180,74 148,48 108,58 98,92 128,126 168,156 182,196 154,230 112,228 92,196 112,158 152,128 180,98 178,70",
  ],
  [
    8,
    "two rings",
    "142,48 110,62 106,100 138,126 172,108 174,70 144,48",
    "140,126 102,150 96,198 132,230 172,218 186,172 160,136 136,128",
  ],
  [
    9,
    "with a straight stem",
    "178,78 150,54 112,66 98,104 118,136 154,132 178,98 180,72 180,72 178,126 174,180 170,238",
  ],
  [
    9,
    "with a curved tail",
    "182,84 154,50 112,60 94,100 112,138 152,138 180,104 184,76 184,76 188,132 176,190 146,226 104,226",
  ],
  [9, "leaning", "184,66 146,54 112,82 108,118 134,130 170,104 188,66 188,66 172,124 150,180 130,236"],
];

/** All ten digits, each in several styles. They are the same in every run. */
export const STROKE_SCRIPTS: readonly StrokeScript[] = written.map(([digit, style, ...strokes], i) => {
  const random = new RandomState(i);
  return { digit, style, strokes: strokes.map((text) => shaken(smoothLine(parse(text)), random)) };
});

/** @throws Error where no script is of that digit in that style. */
export function strokeScript(digit: number, style?: string): StrokeScript {
  const found = STROKE_SCRIPTS.find(
    (script) => script.digit === digit && (style === undefined || script.style === style),
  );
  if (found === undefined) throw new Error(`Nobody has written a ${digit} in style ${style}.`);
  return found;
}

function parse(text: string): Point[] {
  return text.split(" ").map((knot) => {
    const [x, y] = knot.split(",").map(Number);
    if (x === undefined || y === undefined) throw new Error(`${knot} is no place.`);
    return [x, y];
  });
}

/** Places on a Catmull-Rom spline through the knots, with a corner at each that is there twice. */
function smoothLine(knots: readonly Point[]): Point[] {
  const [first, ...rest] = knots;
  if (first === undefined) return [];
  const line: Point[] = [first];
  for (const [i, to] of rest.entries()) {
    const from = knots[i] as Point;
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (length === 0) continue; // A corner.
    const before = knots[i - 1] ?? from;
    const after = knots[i + 2] ?? to;
    const steps = Math.ceil(length / STEP);
    for (let step = 1; step <= steps; step++) {
      const t = step / steps;
      line.push([
        spline(before[0], from[0], to[0], after[0], t),
        spline(before[1], from[1], to[1], after[1], t),
      ]);
    }
  }
  return line;
}

/** https://en.wikipedia.org/wiki/Catmull-Rom_spline, uniform: from `b` at t = 0 to `c` at t = 1. */
function spline(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** The line as a hand leads the mouse along it, in whole pixels. */
function shaken(line: readonly Point[], random: RandomState): Point[] {
  const count = Math.ceil(line.length / TREMOR_STEPS) + 1;
  const along = () => Array.from({ length: count }, () => TREMOR * (2 * random.randomSample() - 1));
  const [dx, dy] = [along(), along()];
  const at = (offsets: readonly number[], i: number) => {
    const place = i / TREMOR_STEPS;
    const [left = 0, right = 0] = offsets.slice(Math.floor(place));
    return left + (right - left) * (place - Math.floor(place));
  };
  return line.map(([x, y], i) => [Math.round(x + at(dx, i)), Math.round(y + at(dy, i))]);
}
