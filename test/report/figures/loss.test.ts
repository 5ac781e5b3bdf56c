import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { lossFigure } from "../../../src/report/figures/loss.js";
import { paletteOf } from "../../../src/report/figures/theme.js";
import type { EpochMetrics } from "../../../src/training/history.js";
import { sampleEpochs } from "./sample-data.js";
import { elements, linesOf, markersOf, parseSvg, pointsOf, readOff, texts, ticksOf } from "./svg-document.js";

const { blue } = paletteOf("light");

/** metrics.jsonl holds null where a loss was NaN. */
function withLoss(
  epochs: readonly EpochMetrics[],
  losses: Readonly<Record<number, unknown>>,
): EpochMetrics[] {
  return epochs.map((metrics) =>
    metrics.epoch in losses ? { ...metrics, trainLoss: losses[metrics.epoch] as number } : metrics,
  );
}

describe("lossFigure", () => {
  it("draws a point for each epoch where its axes say that it is", () => {
    const epochs = sampleEpochs(50);
    const document = parseSvg(lossFigure(epochs));
    const [ticks] = ticksOf(document);
    const points = pointsOf(document);
    const [line] = linesOf(document, blue);
    expect(points.length).toBe(50);
    expect(line?.length).toBe(1);
    expect(line?.[0]?.length).toBe(50);
    for (const [i, { epoch, trainLoss }] of epochs.entries()) {
      const [x = Number.NaN, y = Number.NaN] = line?.[0]?.[i] ?? [];
      expect(points[i]).toMatchObject({ x: epoch, y: trainLoss });
      expect(readOff(ticks?.x ?? [], x)).toBeCloseTo(epoch, 1);
      expect(readOff(ticks?.y ?? [], y)).toBeCloseTo(trainLoss, 4);
      expect(points[i]?.cx).toBeCloseTo(x, 0);
      expect(points[i]?.cy).toBeCloseTo(y, 0);
    }
  });

  it("has whole epochs and a loss from 0 on its axes, with their names", () => {
    const document = parseSvg(lossFigure(sampleEpochs(50)));
    const [ticks] = ticksOf(document);
    expect(ticks?.x.map(({ value }) => value)).toEqual([1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]);
    expect(ticks?.y.map(({ value }) => value)).toEqual([0, 0.01, 0.02, 0.03, 0.04, 0.05]);
    expect(texts(document)).toContain("Epoch");
    expect(texts(document)).toContain("Training loss (mean squared error)");
  });

  it("names the loss it is given, whatever characters that has", () => {
    const document = parseSvg(lossFigure(sampleEpochs(2), { lossName: '{a|<b> & "c"}\u0000\n' }));
    expect(texts(document)).toContain('Training loss ({a|<b> & "c"}\uFFFD )');
  });

  it("says in a tooltip what each point is", () => {
    const points = pointsOf(parseSvg(lossFigure(withLoss(sampleEpochs(3), { 2: 0.0123456 }))));
    expect(points[1]?.label).toBe("Epoch 2: 0.01235");
  });

  it("shows a single epoch as a point", () => {
    const document = parseSvg(lossFigure(sampleEpochs(1)));
    expect(pointsOf(document)).toMatchObject([{ x: 1, y: 0.05 }]);
    const [ticks] = ticksOf(document);
    expect(ticks?.x.map(({ value }) => value)).toEqual([1]);
    expect(markersOf(document, blue)).toHaveLength(1);
  });

  it.each([
    ["NaN", Number.NaN],
    ["null", null],
    ["infinity", Number.POSITIVE_INFINITY],
  ])("leaves a gap for %s and keeps the axes", (_, value) => {
    const epochs = withLoss(sampleEpochs(9), { 4: value, 6: value, 9: value });
    const document = parseSvg(lossFigure(epochs));
    const [line] = linesOf(document, blue);
    expect(line?.map((piece) => piece.length)).toEqual([3, 1, 2]);
    expect(pointsOf(document).map(({ x }) => x)).toEqual([1, 2, 3, 5, 7, 8]);
    expect(elements(document, "desc")[0]?.textContent).toContain("3 of 9 values are not finite.");
    const [ticks] = ticksOf(document);
    expect(ticks?.x.at(-1)?.value).toBe(9);
    const [, y = Number.NaN] = line?.[1]?.[0] ?? [];
    expect(readOff(ticks?.y ?? [], y)).toBeCloseTo(epochs[4]?.trainLoss ?? Number.NaN, 4);
  });

  it("marks a point between two gaps in a long run, because no line leads to it", () => {
    const losses = Object.fromEntries([...Array(38).keys()].map((i) => [i + 3, Number.NaN]));
    const document = parseSvg(lossFigure(withLoss(sampleEpochs(41), { ...losses, 20: 0.01 })));
    expect(linesOf(document, blue)[0]?.map((piece) => piece.length)).toEqual([2, 1, 1]);
    // Epochs with a tick have a marker, of those with a loss: 1 and 41. Epoch 20 has one because it stands alone.
    expect(markersOf(document, blue)).toHaveLength(3);
  });

  it.each([
    ["no epoch", []],
    [
      "no finite loss",
      withLoss(sampleEpochs(9), Object.fromEntries([...Array(10).entries()].map(([i]) => [i, null]))),
    ],
  ])("says that there is nothing to draw with %s", (_, epochs) => {
    const document = parseSvg(lossFigure(epochs));
    expect(pointsOf(document)).toEqual([]);
    expect(texts(document)).toContain("No finite value to draw");
    expect(texts(document)).toContain("Epoch");
  });

  it("draws the recorded run of the chapter", () => {
    const trace = JSON.parse(
      readFileSync(new URL("../../../traces/chapter.json", import.meta.url), "utf8"),
    ) as { readonly epochs: readonly { readonly epoch: number; readonly train: { readonly mse: number } }[] };
    const epochs = sampleEpochs(50).map((metrics, i) => ({
      ...metrics,
      trainLoss: trace.epochs[i]?.train.mse ?? Number.NaN,
    }));
    const points = pointsOf(parseSvg(lossFigure(epochs)));
    expect(points.map(({ y }) => y)).toEqual(trace.epochs.map(({ train }) => train.mse));
  });
});
