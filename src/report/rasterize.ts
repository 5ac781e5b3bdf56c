import type { ResvgRenderOptions } from "@resvg/resvg-js";
import { InvalidArgumentError, MissingDependencyError } from "../errors.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";

export interface RenderPngOptions {
  /** Width of the picture in pixels, an integer from 1 to 16384; the height follows. Default: the figure's own width. */
  readonly width?: number;
}

const OPTIONS: KnownOptions<RenderPngOptions> = {
  width: true,
};

const MAX_WIDTH = 16_384;

/**
 * A picture of an SVG document, made by resvg (`@resvg/resvg-js`, an optional package). A figure of the theme `auto` comes out light.
 *
 * Text is set in the fonts of the system: the first family of the figure's list that is installed, else any font there is.
 *
 * @returns A PNG file.
 * @throws InvalidArgumentError when the width is out of range or the text is not an SVG document.
 * @throws MissingDependencyError when the package is not installed, or the system has no font and the figure has text.
 */
export async function renderPng(svg: string, options: RenderPngOptions = {}): Promise<Uint8Array> {
  requireKnownOptions("renderPng", options, OPTIONS, "{ width: 1280 }");
  const { width } = options;
  if (width !== undefined && (!Number.isInteger(width) || width < 1 || width > MAX_WIDTH)) {
    throw new InvalidArgumentError(
      `Expected a width in pixels, a whole number from 1 to ${MAX_WIDTH}, but received ${width}.`,
    );
  }
  const { Resvg } = await loadResvg();
  const rendering: ResvgRenderOptions = {
    // What resvg takes for the `pixelated` of the images, a word that it does not know.
    imageRendering: 1,
    fitTo: width === undefined ? { mode: "original" } : { mode: "width", value: width },
    logLevel: "off",
  };
  if (svg.includes("<text") && new Resvg(TEXT_PROBE, rendering).getBBox() === undefined) {
    throw new MissingDependencyError(
      "The text of the figure cannot be drawn, because this system has no fonts; install one (on Debian: apt-get install fonts-dejavu-core), or write SVG.",
    );
  }
  try {
    return new Resvg(svg, rendering).render().asPng();
  } catch (cause) {
    throw new InvalidArgumentError(`Expected an SVG document, but it cannot be read: ${messageOf(cause)}.`, {
      cause,
    });
  }
}

/** Has no extent where there is no font to draw it with. */
const TEXT_PROBE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text x="0" y="15">x</text></svg>';

async function loadResvg(): Promise<typeof import("@resvg/resvg-js")> {
  try {
    return await import("@resvg/resvg-js");
  } catch (cause) {
    throw new MissingDependencyError(
      `PNG pictures need the package @resvg/resvg-js, which cannot be loaded (${messageOf(cause)}); install it with "npm install @resvg/resvg-js", or write SVG.`,
      { cause },
    );
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
