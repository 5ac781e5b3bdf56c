import { describe, expect, it } from "vitest";
import { convergenceFigure } from "../../../src/report/figures/convergence.js";
import { sampleEpochs } from "./sample-data.js";
import { elements, parseSvg, pointsOf, readOff, texts, ticksOf } from "./svg-document.js";

const runs = [
  { name: "batch 1", epochs: sampleEpochs(4).map((epoch) => ({ ...epoch, seconds: 12.5 })) },
  { name: "batch 100", epochs: sampleEpochs(12) },
  { name: "all <55,000> & more", epochs: sampleEpochs(20).map((epoch) => ({ ...epoch, trainLoss: 0.09 })) },
];

describe("convergenceFigure", () => {
  it("draws each run against epochs and against the seconds it took up to each epoch", () => {
    const document = parseSvg(convergenceFigure(runs));
    const panels = ticksOf(document);
    const points = pointsOf(document);
    for (const [line, { epochs }] of runs.entries()) {
      let elapsed = 0;
      for (const [i, { epoch, trainLoss, seconds }] of epochs.entries()) {
        elapsed += seconds;
        for (const [panel, x] of [epoch, elapsed].entries()) {
          const point = points.filter((other) => other.panel === panel && other.line === line)[i];
          expect(point?.x).toBeCloseTo(x, 10);
          expect(point?.y).toBe(trainLoss);
          const ticks = panels[panel];
          expect(Math.abs(readOff(ticks?.x ?? [], point?.cx ?? Number.NaN) - x)).toBeLessThan(0.05);
          expect(readOff(ticks?.y ?? [], point?.cy ?? Number.NaN)).toBeCloseTo(trainLoss, 4);
        }
      }
    }
    expect(points.length).toBe(2 * (4 + 12 + 20));
  });

  it("names its axes, and each run once", () => {
    const found = texts(parseSvg(convergenceFigure(runs, { lossName: "cross-entropy" })));
    for (const text of ["Epoch", "Training time (s)", ...runs.map(({ name }) => name)]) {
      expect(found.filter((other) => other === text).length).toBe(1);
    }
    expect(found.filter((text) => text === "Training loss (cross-entropy)").length).toBe(2);
  });

  it("keeps runs of the same name apart", () => {
    const twins = [0, 1].map((i) => ({ name: "run", epochs: sampleEpochs(3 + i) }));
    const document = parseSvg(convergenceFigure(twins));
    expect(texts(document).filter((text) => text === "run").length).toBe(2);
    expect(pointsOf(document).length).toBe(2 * (3 + 4));
  });

  it.each(["", "iiiiiiii", "WWWWWWWW", "of many runs", "日本日本日本"])(
    "shows thirty runs called ‘run number n %s’ with the whole legend above the charts",
    (suffix) => {
      const many = Array.from({ length: 30 }, (_, i) => ({
        name: `run number ${i}${suffix}`,
        epochs: sampleEpochs(3),
      }));
      const document = parseSvg(convergenceFigure(many));
      const entries = elements(document, "text").filter((text) =>
        text.textContent?.startsWith("run number "),
      );
      expect(entries.map(({ textContent }) => textContent)).toEqual(many.map(({ name }) => name));
      const topOfCharts = Math.min(...(ticksOf(document)[0]?.y.map(({ at }) => at) ?? []));
      for (const entry of entries) {
        const [, y] = /\((\S+) (\S+)\)/.exec(entry.getAttribute("transform") ?? "")?.slice(1) ?? [];
        expect(Number(y)).toBeGreaterThan(0);
        expect(Number(y)).toBeLessThan(topOfCharts - 15);
      }
    },
  );

  it("draws a run that diverged, and a run without an epoch, beside the others", () => {
    const diverged = sampleEpochs(5).map((epoch) =>
      epoch.epoch < 3 ? epoch : { ...epoch, trainLoss: Number.NaN, seconds: Number.NaN },
    );
    const document = parseSvg(
      convergenceFigure([
        { name: "diverged", epochs: diverged },
        { name: "empty", epochs: [] },
        { name: "fine", epochs: sampleEpochs(5) },
      ]),
    );
    const counts = [0, 1, 2].map((line) => pointsOf(document).filter((point) => point.line === line).length);
    expect(counts).toEqual([4, 0, 10]);
  });

  it("says that there is nothing to draw without a run", () => {
    const found = texts(parseSvg(convergenceFigure([])));
    expect(found.filter((text) => text === "No finite value to draw").length).toBe(2);
  });
});
