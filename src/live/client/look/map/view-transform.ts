/** From a map's own coordinates to pixels: `pixel = scale * point + (x, y)`. */
export interface ViewTransform {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How far a reader can zoom in, and out, from the whole map. */
export const ZOOM_RANGE = [1, 40] as const;

/**
 * The transform that shows all points in the middle of the canvas, as large as they fit, both axes alike.
 *
 * @param positions [n_points, 2]
 * @param margin In pixels, on each side.
 */
export function fitTransform(
  positions: Float32Array,
  { width, height }: Size,
  margin: number,
): ViewTransform {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i + 1 < positions.length; i += 2) {
    const x = positions[i] ?? 0;
    const y = positions[i + 1] ?? 0;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  if (left > right) return { scale: 1, x: width / 2, y: height / 2 };
  // Points that lie closer together than that, far from the origin, could not be told apart in floating point.
  const least = Math.max(Math.abs(left), Math.abs(right), Math.abs(top), Math.abs(bottom)) * 1e-9;
  const across = Math.max(1, width - 2 * margin) / Math.max(right - left, least, Number.MIN_VALUE);
  const down = Math.max(1, height - 2 * margin) / Math.max(bottom - top, least, Number.MIN_VALUE);
  const scale = Math.min(across, down, Number.MAX_SAFE_INTEGER);
  return {
    scale,
    x: width / 2 - (scale * (left + right)) / 2,
    y: height / 2 - (scale * (top + bottom)) / 2,
  };
}

/** The first transform followed by the second. */
export function compose(first: ViewTransform, second: ViewTransform): ViewTransform {
  return {
    scale: first.scale * second.scale,
    x: second.scale * first.x + second.x,
    y: second.scale * first.y + second.y,
  };
}

export function toPixel({ scale, x, y }: ViewTransform, point: Point): Point {
  return { x: scale * point.x + x, y: scale * point.y + y };
}

/** What a reader has zoomed and moved, on top of what fits: nothing. */
export const WHOLE: ViewTransform = { scale: 1, x: 0, y: 0 };

/** Zooms by a factor about a pixel, which stays where it is. The zoom stays within {@link ZOOM_RANGE}, and the map on the canvas. */
export function zoomAbout(view: ViewTransform, factor: number, at: Point, size: Size): ViewTransform {
  const scale = Math.min(ZOOM_RANGE[1], Math.max(ZOOM_RANGE[0], view.scale * factor));
  const by = scale / view.scale;
  return keepOnCanvas({ scale, x: at.x - by * (at.x - view.x), y: at.y - by * (at.y - view.y) }, size);
}

export function panBy(view: ViewTransform, by: Point, size: Size): ViewTransform {
  return keepOnCanvas({ ...view, x: view.x + by.x, y: view.y + by.y }, size);
}

/** No edge of the whole map comes inside the canvas, so that nobody loses it. */
function keepOnCanvas({ scale, x, y }: ViewTransform, { width, height }: Size): ViewTransform {
  const within = (offset: number, extent: number) => Math.min(0, Math.max(extent * (1 - scale), offset)) || 0;
  return { scale, x: within(x, width), y: within(y, height) };
}
