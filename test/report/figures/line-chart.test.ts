import { describe, expect, it } from "vitest";
import { comparisonFigure } from "../../../src/report/figures/comparison.js";
import { convergenceFigure } from "../../../src/report/figures/convergence.js";
import { lossFigure } from "../../../src/report/figures/loss.js";
import { paletteOf } from "../../../src/report/figures/theme.js";
import { sampleEpochs } from "./sample-data.js";
import { elements, markersOf, parseSvg, pointsOf, readOff, texts, ticksOf } from "./svg-document.js";

const { blue } = paletteOf("light");

function losses(...values: readonly number[]) {
  return sampleEpochs(values.length).map((epoch, i) => ({ ...epoch, trainLoss: values[i] as number }));
}

describe("a chart by epoch", () => {
  it.each([1, 2, 3, 10, 13, 50, 200])(
    "of %i epochs has its markers over its ticks, one over each",
    (count) => {
      const document = parseSvg(lossFigure(sampleEpochs(count)));
      const ticks = ticksOf(document)[0]?.x ?? [];
      const markers = markersOf(document, blue).map(([x]) => x);
      expect(markers).toHaveLength(ticks.length);
      for (const [i, { value, at }] of ticks.entries()) {
        expect(Number.isInteger(value)).toBe(true);
        expect(Math.abs((markers[i] ?? Number.NaN) - at)).toBeLessThan(0.51);
        const point = pointsOf(document).find(({ x }) => x === value);
        expect(Math.abs((point?.cx ?? Number.NaN) - at)).toBeLessThan(0.51);
      }
      expect(new Set(ticks.map(({ value }) => value)).size).toBe(ticks.length);
    },
  );

  it("starts its loss at 0, but not where all losses would lie on one line", () => {
    const least = (values: readonly number[]) =>
      ticksOf(parseSvg(lossFigure(losses(...values))))[0]?.y[0]?.value;
    expect(least([0.05, 0.03])).toBe(0);
    expect(least([0.0887, 0.0886])).toBeGreaterThan(0.08);
  });

  it("tells each epoch from the next by its digits, in points, title and description", () => {
    const document = parseSvg(lossFigure(losses(0.08865431, 0.08865122, 0.08865013)));
    expect(pointsOf(document).map(({ label }) => label)).toEqual([
      "Epoch 1: 0.088654",
      "Epoch 2: 0.088651",
      "Epoch 3: 0.08865",
    ]);
    expect(texts(document)).toContain("0.088654 after epoch 1, 0.08865 after epoch 3");
    expect(elements(document, "desc")[0]?.textContent).toContain("0.08865 after epoch 3");
  });
});

describe("a logarithmic axis", () => {
  const spread = [
    { name: "fast", epochs: losses(0.2, 0.05, 0.008, 0.0021) },
    { name: "slow", epochs: losses(0.9, 0.8, 0.7, 0.65) },
  ];

  it("is chosen where losses are decades apart, with points where it says, a grid between its ticks, and a note", () => {
    const document = parseSvg(convergenceFigure(spread));
    const [panel] = ticksOf(document);
    expect(panel?.y.map(({ value }) => value)).toEqual([0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]);
    const logarithms = (panel?.y ?? []).map(({ value, at }) => ({ value: Math.log10(value), at }));
    for (const { panel: index, y, cy } of pointsOf(document)) {
      if (index === 0) expect(readOff(logarithms, cy)).toBeCloseTo(Math.log10(y), 2);
    }
    const grid = elements(document, "path").filter((path) => path.getAttribute("class") === "minor");
    expect(grid).toHaveLength(2);
    expect(texts(document)).toContain("The vertical axis is logarithmic.");
    expect(elements(document, "desc")[0]?.textContent).toContain("The vertical axis is logarithmic.");
  });

  it("is not there where losses are near each other", () => {
    const document = parseSvg(convergenceFigure([{ name: "a", epochs: losses(0.05, 0.02, 0.01) }]));
    expect(texts(document).join(" ")).not.toContain("logarithmic");
    expect(ticksOf(document)[0]?.y[0]?.value).toBe(0);
  });

  it("leaves out 0 and what is not a number, and says so", () => {
    const runs = [{ name: "a", epochs: losses(0.2, 0.01, 0, Number.NaN, 0.001) }];
    const document = parseSvg(convergenceFigure(runs));
    expect(pointsOf(document).filter(({ panel }) => panel === 0)).toMatchObject([
      { x: 1 },
      { x: 2 },
      { x: 5 },
    ]);
    expect(texts(document)).toEqual(
      expect.arrayContaining([
        "1 of 5 values is left out: 0 and less has no place on it.",
        "1 of 5 values is left out: not a finite number.",
      ]),
    );
    expect(document.toString()).not.toMatch(/="[^"]*(NaN|Infinity)/);
  });

  it("keeps 0 where it is linear", () => {
    const document = parseSvg(convergenceFigure([{ name: "a", epochs: losses(0.2, 0, 0.1) }]));
    expect(pointsOf(document).filter(({ panel }) => panel === 0)).toHaveLength(3);
    expect(texts(document).join(" ")).not.toContain("left out");
  });

  it("is the time's, too, where one run took more than ten times as long as another", () => {
    const slower = sampleEpochs(4).map((epoch) => ({ ...epoch, seconds: 40 }));
    const document = parseSvg(convergenceFigure([...spread, { name: "hours", epochs: slower }]));
    const [, panel] = ticksOf(document);
    expect(panel?.x.map(({ value }) => value)).toEqual([0.5, 1, 2, 5, 10, 20, 50, 100, 200]);
    expect(texts(document)).toContain("The vertical axis and the time axis are logarithmic.");
  });

  it("is not the accuracy's", () => {
    const document = parseSvg(comparisonFigure(spread, { measure: "validation accuracy", against: "epoch" }));
    expect(texts(document).join(" ")).not.toContain("logarithmic");
  });
});
