import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../../src/errors.js";
import { reliabilityBins } from "../../../src/metrics/calibration.js";
import { confusionMatrix } from "../../../src/metrics/confusion-matrix.js";
import { accuracyFigure } from "../../../src/report/figures/accuracy.js";
import { comparisonFigure } from "../../../src/report/figures/comparison.js";
import { confusionFigure } from "../../../src/report/figures/confusion.js";
import { convergenceFigure } from "../../../src/report/figures/convergence.js";
import { digitsFigure } from "../../../src/report/figures/digits.js";
import { epochTimeFigure } from "../../../src/report/figures/epoch-time.js";
import { learningRateFigure } from "../../../src/report/figures/learning-rate.js";
import { lossFigure } from "../../../src/report/figures/loss.js";
import { misclassifiedFigure } from "../../../src/report/figures/misclassified.js";
import { parallelCoordinatesFigure } from "../../../src/report/figures/parallel-coordinates.js";
import { predictedFigure } from "../../../src/report/figures/predicted.js";
import { reliabilityFigure } from "../../../src/report/figures/reliability.js";
import { residualsFigure } from "../../../src/report/figures/residuals.js";
import { paletteOf, type Theme } from "../../../src/report/figures/theme.js";
import { variantsFigure } from "../../../src/report/figures/variants.js";
import { weightsFigure } from "../../../src/report/figures/weights.js";
import { sampleDataset, sampleEpochs, sampleRange } from "./sample-data.js";
import { attribute, elements, numberOf, parseSvg, root, texts } from "./svg-document.js";

const labels = [...Array(30).keys()].map((i) => i % 10);
const dataset = sampleDataset(labels);
const predictions = labels.map((label, i) => (i % 4 === 0 ? (label + 1) % 10 : label));
const epochs = sampleEpochs(12);
const runs = [
  { name: "batch 1", epochs },
  { name: "batch 100", epochs: sampleEpochs(5) },
  { name: "all", epochs: sampleEpochs(3) },
];

const values = {
  width: 2,
  targets: Array.from({ length: 60 }, (_, i) => Math.sin(i) * 10),
  predictions: Array.from({ length: 60 }, (_, i) => Math.sin(i) * 10 + Math.cos(i * 7)),
  names: ["height", "<weight>"],
};

const FIGURES: readonly [name: string, draw: (theme: Theme) => string][] = [
  ["digitsFigure", (theme) => digitsFigure(dataset, { theme })],
  ["variantsFigure", (theme) => variantsFigure(dataset, 3, { theme })],
  ["learningRateFigure", (theme) => learningRateFigure(sampleRange(), { theme })],
  ["lossFigure", (theme) => lossFigure(epochs, { theme })],
  ["accuracyFigure", (theme) => accuracyFigure(epochs, { theme })],
  ["misclassifiedFigure", (theme) => misclassifiedFigure(dataset, predictions, { theme })],
  ["misclassifiedFigure without a mistake", (theme) => misclassifiedFigure(dataset, labels, { theme })],
  ["confusionFigure", (theme) => confusionFigure(confusionMatrix(labels, predictions, 10), { theme })],
  ["weightsFigure", (theme) => weightsFigure(new Float32Array(3 * 784), { imageShape: [28, 28], theme })],
  ["convergenceFigure", (theme) => convergenceFigure(runs, { theme })],
  ["lossFigure with validation", (theme) => lossFigure(epochs, { theme, validation: true })],
  ["epochTimeFigure", (theme) => epochTimeFigure(epochs, { theme })],
  [
    "comparisonFigure",
    (theme) => comparisonFigure(runs, { measure: "validation accuracy", against: "seconds", theme }),
  ],
  [
    "comparisonFigure of both sets",
    (theme) => comparisonFigure(runs, { measure: "accuracy", against: "epoch", theme }),
  ],
  [
    "parallelCoordinatesFigure",
    (theme) =>
      parallelCoordinatesFigure(
        [
          { name: "<rate>", scale: "log" },
          { name: "loss", scale: "linear", top: "least" },
        ],
        [
          { name: "Trial 1", values: [0.1, 0.2] },
          { name: "Trial 2", values: [0.001, 0.4] },
        ],
        { theme },
      ),
  ],
  ["predictedFigure", (theme) => predictedFigure(values, { theme })],
  ["residualsFigure", (theme) => residualsFigure(values, { theme })],
  ["reliabilityFigure", (theme) => reliabilityFigure(reliabilityBins([0.2, 0.9], [false, true]), { theme })],
];
const THEMES: readonly Theme[] = ["light", "dark", "auto"];
const LIGHT_COLOURS = Object.values(paletteOf("light")) as string[];

describe.each(FIGURES)("%s", (_, draw) => {
  it.each(THEMES)("is a picture with a title and a description (%s)", (theme) => {
    const document = parseSvg(draw(theme));
    const root = document.documentElement;
    if (root === null) {
      throw new Error("The document is empty.");
    }
    expect(root.tagName).toBe("svg");
    expect(root.namespaceURI).toBe("http://www.w3.org/2000/svg");
    expect(attribute(root, "role")).toBe("img");
    expect(attribute(root, "viewBox")).toBe(`0 0 ${attribute(root, "width")} ${attribute(root, "height")}`);
    expect(attribute(root, "font-family")).toMatch(/^system-ui, .*sans-serif$/);
    const [title, description] = [...root.childNodes];
    expect([title?.nodeName, description?.nodeName]).toEqual(["title", "desc"]);
    expect(title?.textContent).toMatch(/\w{4}/);
    expect(description?.textContent).toMatch(/\w+ .*\.$/);
  });

  it.each(THEMES)("can stand beside others in a page: no id, no script, no link (%s)", (theme) => {
    const svg = draw(theme);
    const all = elements(parseSvg(svg), "*");
    expect(all.filter((element) => element.hasAttribute("id"))).toEqual([]);
    expect(svg).not.toContain("url(");
    expect(svg).not.toMatch(/<(script|foreignObject|a)\b/);
    const links = all.map((element) => element.getAttribute("href")).filter((href) => href !== null);
    expect(links.every((href) => href.startsWith("data:image/png;base64,"))).toBe(true);
  });

  it.each(["light", "dark"] as const)(
    "has its title above it, once, and the whole of it to read (%s)",
    (theme) => {
      const document = parseSvg(draw(theme));
      const [title = ""] = elements(document, "title").map(({ textContent }) => textContent ?? "");
      const bold = elements(document, "text").filter((text) => text.getAttribute("font-weight") === "600");
      expect(bold.map(({ textContent }) => textContent).join(" ")).toBe(title);
      expect(Math.max(...bold.map((text) => numberOf(text, "y")))).toBeLessThan(60);
    },
  );

  it("stays readable on a telephone, 375 pixels wide", () => {
    const svg = draw("light");
    const scale = Math.min(1, 375 / numberOf(root(svg), "width"));
    const sizes = elements(parseSvg(svg), "*").flatMap((element) => {
      const size =
        element.getAttribute("font-size") ??
        /font-size:(\d+)px/.exec(element.getAttribute("style") ?? "")?.[1];
      return size === null || size === undefined ? [] : [Number(size)];
    });
    expect(sizes.length).toBeGreaterThan(0);
    expect(Math.min(...sizes) * scale).toBeGreaterThanOrEqual(9);
  });

  it("comes out the same each time", () => {
    expect(draw("auto")).toBe(draw("auto"));
  });

  it("is drawn on paper, in plain colours for a fixed theme", () => {
    for (const theme of ["light", "dark"] as const) {
      const svg = draw(theme);
      const document = parseSvg(svg);
      const [paper] = elements(document, "rect");
      expect(paper?.getAttribute("fill")).toBe(paletteOf(theme).paper);
      for (const side of ["width", "height"]) {
        expect(paper?.getAttribute(side)).toBe(document.documentElement?.getAttribute(side));
      }
      expect(svg).not.toContain("<style");
      expect(svg).not.toContain("var(");
    }
  });

  it("has no light colour on dark paper", () => {
    const colours = coloursOf(draw("dark"));
    expect(LIGHT_COLOURS.filter((colour) => colours.has(colour))).toEqual([]);
  });

  it("is the light figure and a style sheet for auto, which knows every colour of it", () => {
    const [style = "", rest] = split(draw("auto"));
    expect(rest).toBe(draw("light"));
    expect(style).toContain("@media screen and (prefers-color-scheme:dark)");
    for (const colour of coloursOf(rest)) {
      expect(style).toContain(`[fill="${colour}"]{fill:var(`);
      expect(style).toContain(`[stroke="${colour}"]{stroke:var(`);
    }
  });

  it("keeps the pixels of its images sharp", () => {
    for (const image of elements(parseSvg(draw("light")), "image")) {
      expect(attribute(image, "image-rendering")).toBe("pixelated");
    }
  });

  it("refuses a theme that is none", () => {
    expect(() => draw("blue" as Theme)).toThrow(InvalidArgumentError);
  });
});

describe("the run of a figure", () => {
  const run = `a <run> & "more" سلسلة 訓練 ${"x".repeat(200)}`;

  it("stands below its title, cut where it is too long, and whole in what is read aloud", () => {
    const document = parseSvg(lossFigure(epochs, { run }));
    expect(elements(document, "title")[0]?.textContent).toBe(`Training loss by epoch, run ${run}`);
    expect(texts(document)[1]).toMatch(/^Run a <run> & "more" سلسلة 訓練 x+…$/);
  });

  it("does not stand there where a page has a caption of its own, and nor does the title", () => {
    const found = texts(parseSvg(lossFigure(epochs, { run, hasTitle: false })));
    expect(found.join(" ")).not.toMatch(/Run a|Training loss by epoch/);
  });
});

/** The colours that can be seen: a straight line has no inside to fill. */
function coloursOf(svg: string): Set<string> {
  const colours = elements(parseSvg(svg), "*").flatMap((element) => {
    const isStraight = /^M[^A-Z]+L[^A-Z]+$/.test(element.getAttribute("d") ?? "");
    return [element.getAttribute("stroke"), isStraight ? null : element.getAttribute("fill")];
  });
  return new Set(colours.filter((colour) => colour !== null).filter((colour) => colour.startsWith("#")));
}

/** The style element and everything else. */
function split(svg: string): [style: string, rest: string] {
  const start = svg.indexOf("<style>");
  const end = svg.indexOf("</style>") + "</style>".length;
  return [svg.slice(start, end), svg.slice(0, start) + svg.slice(end)];
}
