import { describe, expect, it } from "vitest";
import { accuracyFigure } from "../../../src/report/figures/accuracy.js";
import { paletteOf } from "../../../src/report/figures/theme.js";
import { sampleEpochs } from "./sample-data.js";
import { elements, linesOf, parseSvg, pointsOf, readOff, texts, ticksOf } from "./svg-document.js";

const { blue, vermillion } = paletteOf("light");

describe("accuracyFigure", () => {
  it("draws both accuracies in percent where its axes say that they are", () => {
    const epochs = sampleEpochs(30);
    const document = parseSvg(accuracyFigure(epochs));
    const [ticks] = ticksOf(document);
    const points = pointsOf(document);
    const curves = [
      { line: 0, colour: blue, name: "Training", values: epochs.map(({ trainAccuracy }) => trainAccuracy) },
      { line: 1, colour: vermillion, name: "Validation", values: epochs.map((epoch) => epoch.validAccuracy) },
    ];
    for (const { line, colour, name, values } of curves) {
      const own = points.filter((point) => point.line === line);
      const [corners] = linesOf(document, colour)[0] ?? [];
      expect(corners?.length).toBe(30);
      for (const [i, value] of values.entries()) {
        const [x = Number.NaN, y = Number.NaN] = corners?.[i] ?? [];
        expect(own[i]?.x).toBe(i + 1);
        expect(own[i]?.y).toBeCloseTo(value * 100, 10);
        expect(own[i]?.label).toBe(`${name}, epoch ${i + 1}: ${(value * 100).toFixed(2)} %`);
        expect(readOff(ticks?.x ?? [], x)).toBeCloseTo(i + 1, 1);
        expect(readOff(ticks?.y ?? [], y)).toBeCloseTo(value * 100, 1);
      }
    }
  });

  it("has axes with names, a legend, and lines that differ by more than colour", () => {
    const document = parseSvg(accuracyFigure(sampleEpochs(30)));
    for (const text of ["Epoch", "Accuracy (%)", "Training", "Validation"]) {
      expect(texts(document).filter((other) => other === text).length).toBe(1);
    }
    const dashes = (colour: string) =>
      elements(document, "path")
        .filter((path) => path.getAttribute("stroke") === colour)
        .map((path) => path.getAttribute("stroke-dasharray"));
    expect(new Set(dashes(blue))).toEqual(new Set([null]));
    expect(new Set(dashes(vermillion))).toEqual(new Set(["8,4"]));
  });

  it("shows an accuracy that never changes, and no more than 100 %", () => {
    const perfect = sampleEpochs(3).map((epoch) => ({ ...epoch, trainAccuracy: 1, validAccuracy: 1 }));
    const document = parseSvg(accuracyFigure(perfect));
    expect(pointsOf(document).map(({ y }) => y)).toEqual([100, 100, 100, 100, 100, 100]);
    expect(ticksOf(document)[0]?.y.at(-1)?.value).toBe(100);
  });

  it("leaves a gap where an accuracy is missing, and does not take it for 0", () => {
    const [first, second, third] = sampleEpochs(3);
    if (first === undefined || second === undefined || third === undefined) {
      throw new Error("three epochs were asked for");
    }
    const missing = { ...second, validAccuracy: null as unknown as number };
    const document = parseSvg(accuracyFigure([first, missing, third]));
    expect(
      pointsOf(document)
        .filter(({ line }) => line === 1)
        .map(({ x }) => x),
    ).toEqual([1, 3]);
    expect(ticksOf(document)[0]?.y[0]?.value).toBeGreaterThan(50);
  });
});
