import { contextOf } from "../parts/canvas.js";
import { type Stroke, USUAL_PRESSURE } from "./stroke.js";

/** Of the canvas's side: as thick as MNIST's strokes, once the digit is fitted to 20 of 28 pixels. */
const PEN_WIDTH = 1 / 12;
/** Between no and full pressure, the width changes by this share of itself. */
const WIDTH_BY_PRESSURE = 0.7;
/** Pixels of a side of the picture that is recognised. */
export const PICTURE_SIDE = 280;

type Context = CanvasRenderingContext2D;

/** Draws strokes with round ends and corners, in a square of `side` pixels. */
export function paintStrokes(
  context: Context,
  strokes: readonly Stroke[],
  { side, colour }: { readonly side: number; readonly colour: string },
): void {
  context.strokeStyle = colour;
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const stroke of strokes) paintStroke(context, stroke, side);
}

/** One line where the pressure stays; else a line for each piece, as a line has one width. */
function paintStroke(context: Context, stroke: Stroke, side: number): void {
  const [first] = stroke;
  if (first === undefined) return;
  const isEven = stroke.every(({ pressure }) => pressure === first.pressure);
  const ends = isEven ? [stroke] : stroke.slice(1).map((point, i) => [stroke[i] ?? first, point]);
  for (const piece of ends) {
    const pressure = piece.reduce((sum, point) => sum + point.pressure, 0) / piece.length;
    context.lineWidth = penWidth(pressure) * side;
    context.beginPath();
    for (const { x, y } of piece) context.lineTo(x * side, y * side);
    if (piece.length === 1) context.lineTo(first.x * side, first.y * side); // A dot: a line to where it is.
    context.stroke();
  }
}

function penWidth(pressure: number): number {
  return PEN_WIDTH * (1 + WIDTH_BY_PRESSURE * (pressure - USUAL_PRESSURE));
}

let sheet: Context | undefined;

/** @returns The drawing as a network's picture: {@link PICTURE_SIDE} gray bytes a row, bright ink on black. */
export function grayOf(strokes: readonly Stroke[]): Uint8Array<ArrayBuffer> {
  sheet ??= createSheet();
  sheet.fillStyle = "#000000";
  sheet.fillRect(0, 0, PICTURE_SIDE, PICTURE_SIDE);
  paintStrokes(sheet, strokes, { side: PICTURE_SIDE, colour: "#ffffff" });
  const { data } = sheet.getImageData(0, 0, PICTURE_SIDE, PICTURE_SIDE);
  return Uint8Array.from({ length: PICTURE_SIDE * PICTURE_SIDE }, (_, i) => data[4 * i] ?? 0);
}

function createSheet(): Context {
  const canvas = document.createElement("canvas");
  canvas.width = PICTURE_SIDE;
  canvas.height = PICTURE_SIDE;
  return contextOf(canvas, { willReadFrequently: true });
}
