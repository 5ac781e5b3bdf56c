import { drawFigure, type FigureFrame } from "./frame.js";
import { type EmbeddedImage, svgImage } from "./image.js";
import { escapeXml, svgText, textWidth, wrapText } from "./svg.js";
import { type Palette, paletteOf } from "./theme.js";

/** A picture with a caption below it. */
export interface Tile {
  /** `null` leaves the frame empty, with a word in it that says so. */
  readonly image: EmbeddedImage | null;
  /** What stands below the picture: one line if those of all tiles fit, else lines for each part; nothing where there is no part. */
  readonly caption: readonly string[];
}

export interface GalleryLayout {
  readonly columns: number;
  /** Height and width in pixels that all images have. */
  readonly imageShape: readonly [height: number, width: number];
  /** How many pixels of the figure the longer side of a picture should have, about. */
  readonly imageSize: number;
  /** Font size of the captions. */
  readonly captionSize: number;
  /** The least width of a tile, so that captions wider than the pictures fit. Default: 0. */
  readonly minTileWidth?: number;
  /** What stands below the tiles. */
  readonly footer?: Footer;
}

export interface Footer {
  readonly height: number;
  readonly minWidth: number;
  /** Draws it into a box of the given width whose top left corner is at (0, 0). */
  readonly draw: (width: number) => string;
}

const MARGIN = 16;
/** Of each part of a caption. */
const MOST_LINES = 3;
/** Of a figure, so that its title has room. */
const MIN_WIDTH = 280;
const GAP = 10;

/** Tiles in rows, left to right and top to bottom. */
export function drawGallery(
  frame: Omit<FigureFrame, "width" | "height">,
  tiles: readonly Tile[],
  layout: GalleryLayout,
): string {
  const { columns, captionSize, footer, minTileWidth = 0 } = layout;
  const [imageHeight, imageWidth] = scaledShape(layout);
  const tileWidth = Math.max(imageWidth, minTileWidth);
  const isOneLine = tiles.every(({ caption }) => textWidth(caption.join(" "), captionSize) <= tileWidth);
  const captions = tiles.map(({ caption }) =>
    captionLines(caption, isOneLine).flatMap((line) => wrapText(line, tileWidth, captionSize, MOST_LINES)),
  );
  const lineHeight = Math.round(captionSize * 1.35);
  const captionHeight = Math.max(0, ...captions.map((lines) => lines.length)) * lineHeight;
  const tileHeight = imageHeight + captionHeight + (captionHeight > 0 ? 4 : 0);

  const usedColumns = Math.min(columns, tiles.length);
  const rows = Math.ceil(tiles.length / columns);
  const tilesWidth = usedColumns * (tileWidth + GAP) - GAP;
  const innerWidth = Math.max(tilesWidth, footer?.minWidth ?? 0, MIN_WIDTH);
  const left = MARGIN + Math.floor((innerWidth - tilesWidth) / 2);
  const innerHeight = rows * (tileHeight + GAP) - GAP;
  const palette = paletteOf(frame.theme);

  const body = tiles.map((tile, i) => {
    const x = left + (i % columns) * (tileWidth + GAP);
    const y = MARGIN + Math.floor(i / columns) * (tileHeight + GAP);
    const place = { x: (tileWidth - imageWidth) / 2, y: 0, width: imageWidth, height: imageHeight };
    const lines = (captions[i] ?? []).map((line, k) =>
      captionLine(line, tileWidth / 2, imageHeight + 2 + (k + 1) * lineHeight),
    );
    return [
      `<g class="tile" transform="translate(${x} ${y})">`,
      lines.length > 0 ? `<title>${escapeXml(tile.caption.join(" "))}</title>` : "",
      drawPicture(tile.image, place, palette),
      lines.length > 0
        ? `<text font-size="${captionSize}" text-anchor="middle" fill="${palette.ink}">${lines.join(" ")}</text>`
        : "",
      "</g>",
    ].join("");
  });
  if (footer !== undefined) {
    const y = MARGIN + innerHeight + GAP;
    body.push(`<g transform="translate(${MARGIN} ${y})">${footer.draw(innerWidth)}</g>`);
  }
  const width = innerWidth + 2 * MARGIN;
  const height = innerHeight + 2 * MARGIN + (footer === undefined ? 0 : GAP + footer.height);
  return drawFigure({ ...frame, width, height }, body.join(""));
}

/** Whole multiples of the image's pixels where there is room for them, so that all pixels come out alike. */
function scaledShape({ imageShape: [height, width], imageSize }: GalleryLayout): [number, number] {
  const scale = imageSize / Math.max(height, width);
  const factor = scale > 1 ? Math.round(scale) : scale;
  return [Math.round(height * factor), Math.round(width * factor)];
}

function drawPicture(
  image: EmbeddedImage | null,
  place: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  { rule, muted }: Palette,
): string {
  const { x, y, width, height } = place;
  const frame = `<rect x="${x - 0.5}" y="${y - 0.5}" width="${width + 1}" height="${height + 1}" fill="none" stroke="${rule}"/>`;
  const content =
    image === null
      ? svgText("none", { x: x + width / 2, y: y + height / 2 + 4, size: 12, fill: muted })
      : svgImage(image, place);
  return frame + content;
}

function captionLines(parts: readonly string[], isOneLine: boolean): readonly string[] {
  return isOneLine && parts.length > 0 ? [parts.join(" ")] : parts;
}

function captionLine(line: string, x: number, y: number): string {
  return `<tspan x="${x}" y="${y}">${escapeXml(line)}</tspan>`;
}
