import type { HiddenSpace } from "../../../protocol.js";
import { classCentres, type Label, placeLabels } from "./class-labels.js";
import { LABEL_FONT } from "./draw-map.js";
import { compose, fitTransform, type Size, toPixel, type ViewTransform } from "./view-transform.js";

/** Where everything of a map lies on its canvas. */
export interface MapScene {
  /** In pixels, [n_points, 2]. */
  readonly pixels: Float32Array;
  readonly labels: readonly (Label & { readonly text: string })[];
  readonly radius: number;
}

interface SceneOptions {
  readonly space: Pick<HiddenSpace, "images" | "classNames">;
  readonly positions: Float32Array;
  readonly size: Size;
  /** What the reader has zoomed and moved. */
  readonly view: ViewTransform;
}

const MARGIN = 28;
const LABEL_HEIGHT = 24;

export function sceneOf({ space: { images, classNames }, positions, size, view }: SceneOptions): MapScene {
  const transform = compose(fitTransform(positions, size, MARGIN), view);
  const pixels = new Float32Array(positions.length);
  for (let i = 0; i < positions.length; i += 2) {
    const { x, y } = toPixel(transform, { x: positions[i] ?? 0, y: positions[i + 1] ?? 0 });
    pixels[i] = x;
    pixels[i + 1] = y;
  }
  const classes = images.map(({ trueClass }) => trueClass);
  const widthOf = textMeasure();
  const wanted = classCentres(pixels, classes, classNames.length).flatMap((centre, classIndex) => {
    if (centre === undefined || !isOn(centre, size)) return [];
    const width = Math.max(LABEL_HEIGHT, widthOf(classNames[classIndex] ?? "") + 16);
    return [{ classIndex, ...centre, width, height: LABEL_HEIGHT }];
  });
  return {
    pixels,
    labels: placeLabels(wanted, size).map((label) => ({
      ...label,
      text: classNames[label.classIndex] ?? "",
    })),
    // Large enough to tell shapes apart, and larger where the reader comes near.
    radius: (size.width < 500 ? 3 : 3.6) * Math.min(2.2, Math.sqrt(view.scale)),
  };
}

function isOn({ x, y }: { readonly x: number; readonly y: number }, { width, height }: Size): boolean {
  return x >= 0 && y >= 0 && x <= width && y <= height;
}

/** Measures names in pixels, in the font in which they are drawn. */
function textMeasure(): (text: string) => number {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return (text) => 9 * text.length;
  context.font = LABEL_FONT;
  return (text) => context.measureText(text).width;
}
