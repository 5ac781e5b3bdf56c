import { decode } from "fast-png";
import { afterEach, describe, expect, it, vi } from "vitest";
import { InvalidArgumentError, MissingDependencyError } from "../../src/errors.js";
import { lossFigure } from "../../src/report/figures/loss.js";
import { variantsFigure } from "../../src/report/figures/variants.js";
import { renderPng } from "../../src/report/rasterize.js";
import { inkOf, sampleDataset, sampleEpochs } from "./figures/sample-data.js";
import { attribute, parseSvg, root, tilesOf } from "./figures/svg-document.js";

const RESVG = "@resvg/resvg-js";

afterEach(() => {
  vi.doUnmock(RESVG);
  vi.resetModules();
});

/** The grays of a picture, one for each pixel. */
function grayAt(png: Uint8Array, x: number, y: number): number {
  const { data, width, channels } = decode(png);
  return data[(y * width + x) * channels] ?? Number.NaN;
}

describe("renderPng", () => {
  const dataset = sampleDataset([1, 1], { imageShape: [7, 5] });

  it.each(["light", "dark", "auto"] as const)(
    "shows every pixel of a digit as a sharp square (%s)",
    async (theme) => {
      const svg = variantsFigure(dataset, 1, { theme });
      const png = await renderPng(svg);
      const [tile] = tilesOf(parseSvg(svg));
      const scale = 84 / 7;
      for (const [i, ink] of inkOf(dataset, 0).entries()) {
        const left = (tile?.x ?? Number.NaN) + (i % 5) * scale;
        const top = (tile?.y ?? Number.NaN) + Math.floor(i / 5) * scale;
        for (const offset of [1, scale - 2]) {
          expect(grayAt(png, left + offset, top + offset)).toBe(ink);
        }
      }
    },
  );

  it("gives a fixed theme its paper, and auto the light one", async () => {
    const corner = async (theme: "light" | "dark" | "auto") =>
      grayAt(await renderPng(variantsFigure(dataset, 1, { theme })), 2, 2);
    expect(await corner("light")).toBe(0xff);
    expect(await corner("dark")).toBe(0x16);
    expect(await corner("auto")).toBe(0xff);
  });

  it("has the width that is asked for, or the figure's own", async () => {
    const svg = lossFigure(sampleEpochs(3));
    const own = decode(await renderPng(svg));
    expect([own.width, own.height]).toEqual([480, Number(attribute(root(svg), "height"))]);
    const wide = decode(await renderPng(svg, { width: 1280 }));
    expect([wide.width, wide.height]).toEqual([1280, Math.round((own.height * 1280) / 480)]);
  });

  it("draws text", async () => {
    const without = lossFigure(sampleEpochs(3)).replaceAll(/<text[^>]*>[^<]*<\/text>/g, "");
    expect(await renderPng(lossFigure(sampleEpochs(3)))).not.toEqual(await renderPng(without));
  });

  it.each([0, 1.5, -3, 100_000, Number.NaN])("refuses a width of %s", async (width) => {
    await expect(renderPng("<svg/>", { width })).rejects.toThrow(InvalidArgumentError);
  });

  it.each(["", "no svg", "<svg>"])("refuses %j", async (svg) => {
    await expect(renderPng(svg)).rejects.toThrow(InvalidArgumentError);
  });

  it("names the package and how to install it where it is missing", async () => {
    vi.doMock(RESVG, () => {
      throw new Error("Cannot find package");
    });
    const error = await renderPng(lossFigure(sampleEpochs(3))).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MissingDependencyError);
    expect(error).toMatchObject({
      code: "ERR_MISSING_DEPENDENCY",
      message: expect.stringContaining('"npm install @resvg/resvg-js"'),
    });
  });

  it("says that fonts are missing where the system has none, and draws figures without text all the same", async () => {
    const real = await vi.importActual<typeof import("@resvg/resvg-js")>(RESVG);
    vi.doMock(RESVG, () => ({
      Resvg: class extends real.Resvg {
        constructor(svg: string, options: ConstructorParameters<typeof real.Resvg>[1]) {
          super(svg, { ...options, font: { loadSystemFonts: false } });
        }
      },
    }));
    await expect(renderPng(lossFigure(sampleEpochs(3)))).rejects.toThrow(MissingDependencyError);
    await expect(renderPng(lossFigure(sampleEpochs(3)))).rejects.toThrow("no fonts");
    const wordless = variantsFigure(dataset, 1, { hasTitle: false });
    expect(decode(await renderPng(wordless)).width).toBeGreaterThan(100);
  });
});
