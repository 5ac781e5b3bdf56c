/**
 * The reader's own interface font. Families stand without quotes, which CSS allows and which resvg needs; the last ones are those of
 * Linux machines, where resvg knows no generic family.
 */
export const FONT_FAMILY =
  "system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, Noto Sans, Liberation Sans, DejaVu Sans, sans-serif";

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
  readonly isBold?: boolean;
}

/** One line of text, escaped. */
export function svgText(text: string, place: TextPlace): string {
  const { x, y, fill, size, anchor = "middle", rotate, isBold = false } = place;
  const turn = rotate === undefined ? "" : ` transform="rotate(${rotate} ${x} ${y})"`;
  const weight = isBold ? ' font-weight="600"' : "";
  return `<text x="${x}" y="${y}" font-size="${size}"${weight} text-anchor="${anchor}" fill="${fill}"${turn}>${escapeXml(text)}</text>`;
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

/** Text in lines of a width in pixels, broken between words; of a word that is wider, and of what is more than `most` lines, what fits. */
export function wrapText(
  text: string,
  width: number,
  size: number,
  most = Number.POSITIVE_INFINITY,
): readonly string[] {
  const lines: string[] = [];
  for (const word of cleanText(text).trim().split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last} ${word}`, size) <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(fitText(word, width, size));
    }
  }
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), fitText(lines.slice(most - 1).join(" "), width, size)];
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
