import type { HiddenSpace } from "../../../protocol.js";
import type { Label } from "./class-labels.js";
import { classColour, classShape } from "./class-marks.js";
import type { Size } from "./view-transform.js";

export interface MapPicture {
  readonly size: Size;
  /** Pixels of the screen for each of the page's. */
  readonly density: number;
  /** In pixels of the page, [n_points, 2]. */
  readonly pixels: Float32Array;
  readonly images: HiddenSpace["images"];
  /** Points that are asked for; the others are pale. */
  readonly isAskedFor: (index: number) => boolean;
  readonly labels: readonly (Label & { readonly text: string })[];
  readonly active: number | undefined;
  /** In pixels. */
  readonly radius: number;
}

/** The font of the classes' names, whose widths are measured before they are placed. */
export const LABEL_FONT = "600 15px system-ui, sans-serif";

/** Draws a map in the colours that the canvas has by the style sheet. */
export function drawMap(canvas: HTMLCanvasElement, picture: MapPicture): void {
  const context = canvas.getContext("2d");
  if (context === null) return; // There is the table below it.
  const { size, density, images, isAskedFor, active } = picture;
  canvas.width = Math.round(size.width * density);
  canvas.height = Math.round(size.height * density);
  context.setTransform(density, 0, 0, density, 0, 0);
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const outlines = new Map<number, Path2D>();

  const drawPoint = (index: number, radius: number) => {
    const image = images[index];
    if (image === undefined) return;
    const { trueClass, predicted } = image;
    const outline = outlines.get(trueClass) ?? outlineOf(trueClass);
    outlines.set(trueClass, outline);
    context.save();
    context.translate(picture.pixels[2 * index] ?? 0, picture.pixels[2 * index + 1] ?? 0);
    if (trueClass !== predicted) {
      context.beginPath();
      context.arc(0, 0, radius * 1.9, 0, 2 * Math.PI);
      context.lineWidth = 1.25;
      context.strokeStyle = colour("--ink");
      context.stroke();
    }
    context.scale(radius, radius);
    context.fillStyle = colour(classColour(trueClass));
    context.fill(outline);
    context.restore();
  };

  context.globalAlpha = 0.12;
  for (let i = 0; i < images.length; i++) if (!isAskedFor(i)) drawPoint(i, picture.radius);
  context.globalAlpha = 0.85;
  for (let i = 0; i < images.length; i++) if (isAskedFor(i)) drawPoint(i, picture.radius);
  context.globalAlpha = 1;
  if (active !== undefined) {
    drawPoint(active, picture.radius * 1.8);
    context.beginPath();
    const [x = 0, y = 0] = picture.pixels.subarray(2 * active, 2 * active + 2);
    context.arc(x, y, picture.radius * 1.8 + 8, 0, 2 * Math.PI);
    context.lineWidth = 3;
    context.strokeStyle = colour("--blue");
    context.stroke();
  }
  drawLabels(context, picture, colour);
}

function drawLabels(
  context: CanvasRenderingContext2D,
  { labels }: MapPicture,
  colour: (name: string) => string,
): void {
  context.font = LABEL_FONT;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { text, x, y, width, height, classIndex } of labels) {
    context.beginPath();
    context.roundRect(x - width / 2, y - height / 2, width, height, height / 2);
    context.fillStyle = colour("--paper");
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = colour(classColour(classIndex));
    context.stroke();
    context.fillStyle = colour("--ink");
    context.fillText(text, x, y + 1);
  }
}

function outlineOf(classIndex: number): Path2D {
  const path = new Path2D();
  classShape(classIndex).forEach(([x, y], i) => {
    if (i === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  });
  path.closePath();
  return path;
}
