import { paletteOf, type Theme, themeStyle } from "./theme.js";

/**
 * The reader's own interface font. Families stand without quotes, which CSS allows and which resvg needs; the last ones are those of
 * Linux machines, where resvg knows no generic family.
 */
export const FONT_FAMILY =
  "system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, Noto Sans, Liberation Sans, DejaVu Sans, sans-serif";

export interface FigureFrame {
  /** In pixels at its natural size. */
  readonly width: number;
  readonly height: number;
  /** One line for screen readers and as the tooltip. */
  readonly title: string;
  /** What there is to see, in sentences, for who cannot see it. */
  readonly description: string;
  readonly theme: Theme;
}

/**
 * A whole figure: a picture to screen readers, with a title and a description, on paper of the theme's colour.
 *
 * It has no `id`, so that any number of figures can stand in one page.
 *
 * @param body SVG elements; text in them is escaped already.
 */
export function drawFigure({ width, height, title, description, theme }: FigureFrame, body: string): string {
  const { paper } = paletteOf(theme);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="mnist-figure" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT_FAMILY}">`,
    `<title>${escapeXml(title)}</title>`,
    `<desc>${escapeXml(description)}</desc>`,
    themeStyle(theme),
    `<rect width="${width}" height="${height}" fill="${paper}"/>`,
    body,
    "</svg>",
  ].join("");
}

/** A figure that only says something: what there was to draw is not there. */
export function drawNote(note: string, frame: Pick<FigureFrame, "title" | "theme">): string {
  const width = 640;
  const height = 120;
  const text = svgText(note, { x: width / 2, y: height / 2 + 5, fill: paletteOf(frame.theme).ink, size: 14 });
  return drawFigure({ ...frame, width, height, description: note }, text);
}

export interface TextPlace {
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
  readonly fill: string;
  /** Font size in pixels. */
  readonly size: number;
  /** Default: `middle`. */
  readonly anchor?: "start" | "middle" | "end";
  /** Degrees, clockwise, around (x, y). */
  readonly rotate?: number;
}

/** One line of text, escaped. */
export function svgText(text: string, { x, y, fill, size, anchor = "middle", rotate }: TextPlace): string {
  const turn = rotate === undefined ? "" : ` transform="rotate(${rotate} ${x} ${y})"`;
  return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="${fill}"${turn}>${escapeXml(text)}</text>`;
}

/** Text as the content of an element or an attribute's value, on one line. */
export function escapeXml(text: string): string {
  return cleanText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Text on one line, without the characters that XML 1.0 cannot hold in any spelling. */
export function cleanText(text: string): string {
  return text.replace(/\s+/gu, " ").replace(/[^ -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
}

/** Text cut to a width in pixels, with an ellipsis where something is missing. */
export function fitText(text: string, width: number, size: number): string {
  const clean = cleanText(text);
  if (textWidth(clean, size) <= width) {
    return clean;
  }
  // No more than this fits even if all of it is narrow.
  const characters = [...clean].slice(0, Math.ceil(width / (NARROW_WIDTH * size)));
  while (characters.length > 0 && textWidth(`${characters.join("")}…`, size) > width) {
    characters.pop();
  }
  return `${characters.join("").trimEnd()}…`;
}

/** About how wide text is, in pixels, as in DejaVu Sans, a wide font: nothing here knows the reader's. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) {
    width += NARROW.test(character) ? NARROW_WIDTH : WIDE.test(character) ? 1 : 0.64;
  }
  return width * size;
}

const NARROW_WIDTH = 0.4;
const NARROW = /[ !'()*,./:;I[\]fijlrt|-]/;
/** Letters as wide as high, and everything from the East Asian blocks on. */
const WIDE = /[MWmw%…@\u2E80-\uFFFF\u{10000}-\u{10FFFF}]/u;
