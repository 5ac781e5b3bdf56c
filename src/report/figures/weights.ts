import { ShapeError } from "../../errors.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { drawNote } from "./frame.js";
import { drawGallery, type Footer } from "./gallery.js";
import { colourImage, type EmbeddedImage, svgImage } from "./image.js";
import { svgText } from "./svg.js";
import { FIGURE_OPTIONS, type FigureOptions, type Palette, paletteOf } from "./theme.js";

export interface WeightsFigureOptions extends FigureOptions {
  readonly imageShape: readonly [height: number, width: number];
}

const OPTIONS: KnownOptions<WeightsFigureOptions> = { ...FIGURE_OPTIONS, imageShape: true };

/** Red, green and blue, 0 to 255. */
type Colour = readonly [number, number, number];

/**
 * From blue over near-white to red-brown: neither end is lost to any kind of colour blindness, and both are equally dark in print. The
 * ends are darker relatives of Okabe and Ito's blue and vermillion.
 */
const DIVERGING: readonly Colour[] = [
  [0, 56, 104],
  [0, 114, 178],
  [128, 182, 216],
  [247, 247, 245],
  [236, 164, 116],
  [213, 94, 0],
  [112, 40, 0],
];
const NOT_FINITE: Colour = [128, 128, 128];

/** One weight in so many may lie beyond the ends of the scale: a few outliers would leave everything else pale. */
const BEYOND_SCALE = 0.005;

/**
 * The weights of each hidden unit as an image: blue inhibits, red-brown excites, and near-white does nothing. All units
 * share one scale, symmetric around 0; it ends where only half a percent of the weights is larger. Weights that are not finite are gray.
 *
 * @param weights Of the layer behind the images, [n_hidden, height * width].
 * @returns An SVG document.
 * @throws ShapeError when the weights do not fill images of that shape.
 */
export function weightsFigure(weights: Float32Array | Float64Array, options: WeightsFigureOptions): string {
  requireKnownOptions("weightsFigure", options, OPTIONS, "{ imageShape: [28, 28] }");
  return weightsGallery(drawWeights(weights, options.imageShape), options);
}

/**
 * {@link weightsFigure} of pictures that are there.
 *
 * @param all How many units the layer has, where not all of them are drawn: the figure says so.
 */
export function weightsGallery(
  { images, limit }: DrawnWeights,
  options: WeightsFigureOptions,
  all = images.length,
): string {
  const { imageShape, theme = "auto", run, hasTitle } = options;
  const [height, width] = imageShape;
  const title = "Weights of each hidden unit";
  const units = images.length;
  if (units === 0) {
    return drawNote("The network has no hidden unit.", { title, theme, run, hasTitle });
  }
  const columns = Math.max(8, Math.ceil(Math.sqrt(units * 1.2)));
  const tiles = images.map((image, unit) => ({ image, caption: [String(unit + 1)] }));
  const some = units < all ? `The first ${units} of ${all.toLocaleString("en-US")} units` : undefined;
  const description = `${some === undefined ? "" : `${some}: `}${units} images of ${height} x ${width} weights, coloured from ${-limit} (blue) over 0 (white) to ${limit} (red-brown).`;
  const details = some === undefined ? [] : [`${some}.`];
  return drawGallery({ title, details, description, theme, run, hasTitle }, tiles, {
    columns,
    imageShape,
    imageSize: 56,
    // As large in the whole figure, however wide that is, as far as the numbers fit below the pictures.
    captionSize: Math.min(20, Math.round(1.7 * columns)),
    footer: colourBar(limit, paletteOf(theme)),
  });
}

/** Pictures of weights, on one scale. */
export interface DrawnWeights {
  /** One for each hidden unit. */
  readonly images: readonly EmbeddedImage[];
  /** Where the scale ends on either side of 0. */
  readonly limit: number;
}

/**
 * The pictures of {@link weightsFigure}.
 *
 * @param weights [n_hidden, height * width].
 * @throws ShapeError when the weights do not fill images of that shape.
 */
export function drawWeights(
  weights: Float32Array | Float64Array,
  imageShape: readonly [height: number, width: number],
): DrawnWeights {
  const { units, limit, draw } = beginDrawingWeights(weights, imageShape);
  return { images: Array.from({ length: units }, (_, unit) => draw(unit)), limit };
}

/**
 * {@link drawWeights}, for who draws one picture after the other.
 *
 * @throws as {@link drawWeights}.
 */
export function beginDrawingWeights(
  weights: Float32Array | Float64Array,
  imageShape: readonly [height: number, width: number],
): { readonly units: number; readonly limit: number; draw(unit: number): EmbeddedImage } {
  const [height, width] = imageShape;
  const size = height * width;
  if (!(size > 0) || weights.length % size !== 0) {
    throw new ShapeError(
      `Expected ${height} x ${width} weights for each hidden unit but received ${weights.length} in all.`,
    );
  }
  const limit = scaleLimit(weights);
  const draw = (unit: number) =>
    weightsImage(weights.subarray(unit * size, (unit + 1) * size), imageShape, limit);
  return { units: weights.length / size, limit, draw };
}

/** The colours of {@link weightsFigure} from one end of the scale to the other, one pixel high. */
export function weightScale(): EmbeddedImage {
  const steps = 101;
  const values = Float64Array.from({ length: steps }, (_, i) => (2 * i) / (steps - 1) - 1);
  return weightsImage(values, [1, steps], 1);
}

/** Where the scale ends, rounded to two digits; 1 where there is nothing to scale by. */
function scaleLimit(weights: Float32Array | Float64Array): number {
  const magnitudes = Float64Array.from(weights, Math.abs).filter(Number.isFinite).sort();
  const quantile = magnitudes[Math.ceil((1 - BEYOND_SCALE) * magnitudes.length) - 1] ?? 0;
  const limit = quantile > 0 ? quantile : (magnitudes.at(-1) ?? 0);
  return limit > 0 ? Number(limit.toPrecision(2)) : 1;
}

function weightsImage(
  weights: Float32Array | Float64Array,
  [height, width]: readonly [number, number],
  limit: number,
): EmbeddedImage {
  const data = new Uint8Array(weights.length * 3);
  for (const [i, weight] of weights.entries()) {
    data.set(Number.isFinite(weight) ? divergingColour(weight / limit) : NOT_FINITE, i * 3);
  }
  return colourImage(data, height, width);
}

/** The colour of a value from -1 to 1; beyond, that of the nearer end. */
function divergingColour(value: number): Colour {
  const last = DIVERGING.length - 1;
  const position = ((Math.min(1, Math.max(-1, value)) + 1) / 2) * last;
  const index = Math.min(last - 1, Math.floor(position));
  const share = position - index;
  const low = DIVERGING[index] ?? NOT_FINITE;
  const high = DIVERGING[index + 1] ?? NOT_FINITE;
  const mix = (channel: 0 | 1 | 2) => Math.round(low[channel] + share * (high[channel] - low[channel]));
  return [mix(0), mix(1), mix(2)];
}

function colourBar(limit: number, { ink, rule }: Palette): Footer {
  const image = weightScale();
  return {
    height: 48,
    minWidth: 260,
    draw: (width) => {
      const length = Math.min(303, width - 60);
      const x = (width - length) / 2;
      const label = (text: string, at: number) => svgText(text, { x: at, y: 28, size: 14, fill: ink });
      return [
        svgImage(image, { x, y: 2, width: length, height: 10 }),
        `<rect x="${x - 0.5}" y="1.5" width="${length + 1}" height="11" fill="none" stroke="${rule}"/>`,
        label(`≤ −${limit}`, x),
        label("0", x + length / 2),
        label(`≥ ${limit}`, x + length),
        svgText("Weight", { x: width / 2, y: 45, size: 14, fill: ink }),
      ].join("");
    },
  };
}
