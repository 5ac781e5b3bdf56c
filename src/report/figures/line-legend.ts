import { FONT_FAMILY, fitText, textWidth } from "./svg.js";
import type { Palette } from "./theme.js";

export const LEGEND_SIZE = 14;
const MARK_WIDTH = 42;
/** Between entries, and between lines of them. */
const GAP = 16;
const NAME_WIDTH = 280;

const DASHES: readonly (string | readonly number[])[] = ["solid", [8, 4], [2, 3], [10, 3, 2, 3], [5, 2]];
const MARKERS = ["circle", "rect", "triangle", "diamond"];

/** The look of line k: neighbours differ in colour, dash and marker alike; 20 lines pass before a look comes again. */
export function lineLook(k: number, { blue, vermillion, green, purple }: Palette) {
  const colours = [blue, vermillion, green, purple];
  return {
    color: colours[k % colours.length],
    dash: DASHES[k % DASHES.length],
    marker: MARKERS[k % MARKERS.length],
  };
}

export type LineLook = ReturnType<typeof lineLook>;

/** The look of lines that belong together by twos: of a colour and a marker, the first dashed. */
export function pairedLook(k: number, palette: Palette): LineLook {
  return { ...lineLook(k >> 1, palette), dash: k % 2 === 0 ? [6, 4] : "solid" };
}

/** ECharts' legend of the lines, whose series are named by their numbers. */
export function legendOption(
  names: readonly string[],
  { ink, paper }: Palette,
): Readonly<Record<string, unknown>> {
  return {
    show: names.length > 1,
    top: 8,
    left: "center",
    width: "94%",
    itemWidth: MARK_WIDTH,
    itemHeight: 9,
    itemGap: GAP,
    borderColor: paper,
    silent: true,
    selectedMode: false,
    textStyle: { fontFamily: FONT_FAMILY, fontSize: LEGEND_SIZE, color: ink },
    formatter: (name: string) => legendName(names[Number(name)] ?? name),
  };
}

/** How many pixels the legend takes, a little generously; one line needs none. */
export function legendHeight(names: readonly string[], width: number): number {
  if (names.length <= 1) return 0;
  let lines = 1;
  let used = 0;
  for (const name of names) {
    const itemWidth = MARK_WIDTH + 5 + GAP + textWidth(legendName(name), LEGEND_SIZE);
    if (used > 0 && used + itemWidth > 0.9 * width) {
      lines += 1;
      used = 0;
    }
    used += itemWidth;
  }
  return lines * (LEGEND_SIZE + GAP) + 8;
}

function legendName(name: string): string {
  return fitText(name, NAME_WIDTH, LEGEND_SIZE);
}
