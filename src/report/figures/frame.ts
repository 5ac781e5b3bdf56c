import { escapeXml, FONT_FAMILY, fitText, svgText, wrapText } from "./svg.js";
import { type FigureOptions, paletteOf, type Theme, themeStyle } from "./theme.js";

export interface FigureFrame extends FigureOptions {
  readonly theme: Theme;
  /** Of what is drawn, in pixels at its natural size; title and notes come on top. */
  readonly width: number;
  readonly height: number;
  /** What the figure shows, in a line. */
  readonly title: string;
  /** Lines below the title. */
  readonly details?: readonly string[] | undefined;
  /** What there is to see, in sentences, for who cannot see it. */
  readonly description: string;
  /** What a reader has to know of how it is drawn, below it. */
  readonly notes?: readonly string[] | undefined;
}

const MARGIN = 16;
const TITLE_SIZE = 17;
const DETAIL_SIZE = 14;
/** Bold letters are wider than those that `textWidth` knows. */
const BOLD = 1.08;

interface Line {
  readonly text: string;
  readonly y: number;
  readonly isTitle: boolean;
}

/**
 * A whole figure: a picture to screen readers, with a title and a description, on paper of the theme's colour.
 *
 * It has no `id`, so that any number of figures can stand in one page.
 *
 * @param body SVG elements; text in them is escaped already.
 */
export function drawFigure(frame: FigureFrame, body: string): string {
  const { width, title, description, theme, run, hasTitle = true, notes = [] } = frame;
  const { paper, ink, muted } = paletteOf(theme);
  const head = hasTitle ? headOf(frame) : [];
  const top = head.length === 0 ? 0 : (head.at(-1)?.y ?? 0) + 12;
  const foot = notes.flatMap((note) => wrapText(note, width - 2 * MARGIN, DETAIL_SIZE));
  const footTop = top + frame.height;
  const height = footTop + (foot.length === 0 ? 0 : foot.length * 20 + 8);
  const line = (text: string, y: number, isTitle: boolean) =>
    svgText(text, {
      x: MARGIN,
      y,
      size: isTitle ? TITLE_SIZE : DETAIL_SIZE,
      fill: isTitle ? ink : muted,
      anchor: "start",
      isBold: isTitle,
    });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="mnist-figure" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT_FAMILY}">`,
    `<title>${escapeXml(run === undefined ? title : `${title}, run ${run}`)}</title>`,
    `<desc>${escapeXml([description, ...notes].join(" "))}</desc>`,
    themeStyle(theme),
    `<rect width="${width}" height="${height}" fill="${paper}"/>`,
    ...head.map(({ text, y, isTitle }) => line(text, y, isTitle)),
    top === 0 ? body : `<g transform="translate(0 ${top})">${body}</g>`,
    ...foot.map((text, i) => line(text, footTop + 14 + i * 20, false)),
    "</svg>",
  ].join("");
}

/** Title, run and details, each with its baseline. */
function headOf({ title, run, details = [], width }: FigureFrame): readonly Line[] {
  const room = width - 2 * MARGIN;
  const titles = wrapText(title, room / BOLD, TITLE_SIZE);
  const others = [
    ...(run === undefined ? [] : [fitText(`Run ${run}`, room, DETAIL_SIZE)]),
    ...details.flatMap((detail) => wrapText(detail, room, DETAIL_SIZE)),
  ];
  const below = 28 + (titles.length - 1) * 22;
  return [
    ...titles.map((text, i) => ({ text, y: 28 + i * 22, isTitle: true })),
    ...others.map((text, i) => ({ text, y: below + 22 + i * 20, isTitle: false })),
  ];
}

/** A figure that only says something: what there was to draw is not there. */
export function drawNote(
  note: string,
  frame: Pick<FigureFrame, "title" | "theme" | "run" | "hasTitle">,
): string {
  const width = 480;
  const lines = wrapText(note, width - 2 * MARGIN, DETAIL_SIZE);
  const { ink } = paletteOf(frame.theme);
  const text = lines.map((line, i) =>
    svgText(line, { x: width / 2, y: 44 + i * 20, fill: ink, size: DETAIL_SIZE }),
  );
  return drawFigure({ ...frame, width, height: 60 + lines.length * 20, description: note }, text.join(""));
}
