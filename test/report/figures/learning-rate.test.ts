import { describe, expect, it } from "vitest";
import { learningRateFigure } from "../../../src/report/figures/learning-rate.js";
import { formatRate, type LearningRateRange } from "../../../src/training/learning-rate-range.js";
import { sampleRange } from "./sample-data.js";
import { elements, numberOf, parseSvg, texts } from "./svg-document.js";

const nothing: LearningRateRange = {
  rates: [],
  losses: [],
  smoothedLosses: [],
  divergedAt: 1,
  suggestions: null,
  outcome: "diverged",
};

/** Points of the mouse, in pixels, by their learning rates. */
function points(svg: string) {
  return elements(parseSvg(svg), "circle").map((circle) => ({
    rate: numberOf(circle, "data-x"),
    x: numberOf(circle, "cx"),
    y: numberOf(circle, "cy"),
    label: circle.textContent,
  }));
}

describe("learningRateFigure", () => {
  const range = sampleRange();
  const svg = learningRateFigure(range, { lossName: "cross-entropy" });

  it("has a place for each rate on a logarithmic axis", () => {
    const drawn = points(svg);
    expect(drawn.map(({ rate }) => rate)).toEqual(range.rates);
    const [first, last] = [drawn[0], drawn.at(-1)];
    const pixels = (last?.x ?? 0) - (first?.x ?? 0);
    const decades = Math.log10((last?.rate ?? 0) / (first?.rate ?? 1));
    for (const { rate, x } of drawn) {
      expect(x).toBeCloseTo((first?.x ?? 0) + (Math.log10(rate / 1e-4) / decades) * pixels, 1);
    }
    expect(drawn[0]?.label).toBe("Learning rate 0.0001: 2, moving average 2");
  });

  it("marks both suggestions where their rates stand, and names them", () => {
    const marked = elements(parseSvg(svg), "path").filter((path) => path.hasAttribute("data-rate"));
    const { steepest = 0, minimumTenth = 0 } = range.suggestions ?? {};
    expect(marked.map((path) => numberOf(path, "data-rate"))).toEqual([steepest, minimumTenth]);
    const place = points(svg).find(({ rate }) => rate === steepest);
    expect(marked[0]?.getAttribute("d")).toMatch(new RegExp(`^M${place?.x} `));
    expect(texts(parseSvg(svg))).toContain(`Falls most steeply at ${formatRate(steepest)}`);
    expect(texts(parseSvg(svg))).toContain("Loss (cross-entropy)");
  });

  it("cuts off a loss that grows without end, and says so", () => {
    const heights = points(svg).map(({ y }) => y);
    const start = heights[0] ?? 0;
    const lowest = Math.max(...heights);
    expect(range.losses.at(-1)).toBeGreaterThan(3);
    expect(start - Math.min(...heights)).toBeLessThan((lowest - start) * 0.6);
    expect(texts(parseSvg(svg)).join(" ")).toMatch(/\d of \d+ losses are above 2\.7\d*, and cut off there\./);
    expect(texts(parseSvg(svg)).join(" ")).toMatch(/where the loss grew without end/);
  });

  it("says why there is no suggestion", () => {
    const flat: LearningRateRange = { ...range, suggestions: null, outcome: "flat" };
    expect(texts(parseSvg(learningRateFigure(flat))).join(" ")).toMatch(
      /The loss hardly fell at any learning rate\./,
    );
    expect(
      elements(parseSvg(learningRateFigure(flat)), "path").some((path) => path.hasAttribute("data-rate")),
    ).toBe(false);
    const early: LearningRateRange = { ...flat, outcome: "diverged" };
    expect(texts(parseSvg(learningRateFigure(early))).join(" ")).toMatch(/grew without end before it fell\./);
    expect(elements(parseSvg(learningRateFigure(nothing)), "desc")[0]?.textContent).toBe(
      "The loss was no finite number at the first learning rate.",
    );
  });

  it("draws a single step", () => {
    const one: LearningRateRange = { ...nothing, rates: [0.1], losses: [0], smoothedLosses: [0] };
    expect(points(learningRateFigure(one))).toHaveLength(1);
    expect(learningRateFigure(one)).not.toContain("NaN");
  });
});
