import { InvalidArgumentError } from "../../errors.js";
import type { KnownOptions } from "../../system/known-options.js";

/**
 * What a figure is drawn on. `light` and `dark` are fixed. `auto` is drawn light and follows the reader's setting on
 * screens wherever style sheets work: in browsers, not in print or in converters to PNG, which show the light figure.
 */
export type Theme = "light" | "dark" | "auto";

/** What every figure can be told. */
export interface FigureOptions {
  /** Default: `auto`. Anything but the three themes throws an InvalidArgumentError. */
  readonly theme?: Theme;
  /** The name of the run that the figure tells of, which stands below its title. Default: none. */
  readonly run?: string | undefined;
  /** Whether the title stands above the figure. Default: `true`. A page that has a caption of its own does without. */
  readonly hasTitle?: boolean | undefined;
}

export const FIGURE_OPTIONS: KnownOptions<FigureOptions> = { theme: true, run: true, hasTitle: true };

/** A colour for each job. Those of lines are told apart by colour-blind readers: Okabe and Ito, "Color Universal Design", 2008. */
export interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  readonly blue: string;
  readonly vermillion: string;
  readonly green: string;
  readonly purple: string;
}

/** No two colours are the same: `auto` finds what to recolour by its colour. */
const LIGHT: Palette = {
  paper: "#ffffff",
  ink: "#1c1d20",
  muted: "#5c6068",
  rule: "#d5d8dd",
  blue: "#0072b2",
  vermillion: "#d55e00",
  green: "#009e73",
  purple: "#cc79a7",
};

const DARK: Palette = {
  paper: "#16181c",
  ink: "#e8e9eb",
  muted: "#a4a9b2",
  rule: "#3a3e46",
  blue: "#56b4e9",
  vermillion: "#e69f00",
  green: "#00b384",
  purple: "#dd9dc0",
};

const PALETTES: Readonly<Record<Theme, Palette>> = { light: LIGHT, dark: DARK, auto: LIGHT };

/**
 * The colours to write into a figure of the theme.
 *
 * @throws InvalidArgumentError when there is no such theme.
 */
export function paletteOf(theme: Theme): Palette {
  if (!Object.hasOwn(PALETTES, theme)) {
    throw new InvalidArgumentError(`Expected light, dark or auto for theme but received ${theme}.`);
  }
  return PALETTES[theme];
}

/**
 * A style element that recolours a light figure after the reader's setting, or nothing for a fixed theme.
 *
 * The colours are custom properties, `--figure-ink` and so on, so that a page with a switch of its own can set them. All of it stands in
 * at-rules, so that programs which do not know custom properties keep the light colours.
 */
export function themeStyle(theme: Theme): string {
  if (theme !== "auto") {
    return "";
  }
  const names = Object.keys(LIGHT) as (keyof Palette)[];
  const define = (palette: Palette) => names.map((name) => `--figure-${name}:${palette[name]}`).join(";");
  const recolour = (attribute: "fill" | "stroke") =>
    names
      .map((name) => `.mnist-figure [${attribute}="${LIGHT[name]}"]{${attribute}:var(--figure-${name})}`)
      .join("");
  return [
    "<style>",
    `@media all{.mnist-figure{${define(LIGHT)}}}`,
    `@media screen and (prefers-color-scheme:dark){.mnist-figure{${define(DARK)}}}`,
    `@supports (color:var(--figure-ink)){${recolour("fill")}${recolour("stroke")}}`,
    "</style>",
  ].join("");
}
