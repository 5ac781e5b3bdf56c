import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chartsOfRuns } from "../../../../src/live/client/charts/charts-of-runs.js";
import {
  beyondInWords,
  type Chart,
  describeCurves,
  lookOf,
  tableRows,
  valueAt,
} from "../../../../src/live/client/charts/curve.js";
import type { RunDetail } from "../../../../src/live/protocol.js";
import { madeUpDetail, madeUpEpoch, madeUpRun, madeUpSample } from "../made-up-run.js";

const SAMPLES = [1, 2, 3, 4, 5, 6].map(madeUpSample);
const detail = madeUpDetail({ samples: SAMPLES, epochs: [madeUpEpoch(1)] });

function chart(charts: readonly Chart[], id: string): Chart {
  const found = charts.find((one) => one.id === id);
  if (found === undefined) throw new Error(`There is no chart ${id}.`);
  return found;
}

describe("the charts of a run", () => {
  it("place minibatches within their epochs, and epochs at their ends", () => {
    const [minibatch, train, valid] = chart(chartsOfRuns([detail]), "loss").curves;
    expect(minibatch?.x).toEqual([0.25, 0.5, 0.75, 1, 1.25, 1.5]);
    expect(minibatch?.y).toEqual(SAMPLES.map(({ loss }) => loss));
    expect([train?.x, train?.y]).toEqual([[1], [1]]);
    expect([valid?.x, valid?.y]).toEqual([[1], [2]]);
  });

  it("reach no higher than epochs do, and say what lies beyond, but while there is too little to tell", () => {
    const samples = Array.from({ length: 100 }, (_, i) => ({
      ...madeUpSample(i + 1),
      epoch: Math.floor(i / 25) + 1,
      loss: i < 3 ? 9 - i : 0.5,
    }));
    const lossOf = (some: Partial<RunDetail>) => chart(chartsOfRuns([madeUpDetail(some)]), "loss");
    const learning = lossOf({ samples, stepsPerEpoch: 25, epochs: [madeUpEpoch(4)] });
    expect(learning.yCeiling).toBe(0.5);
    expect(beyondInWords(learning)).toBe("A few batches lie higher than is shown, up to 9.");
    // Of the first epoch, all but the highest of batches.
    expect(lossOf({ samples, stepsPerEpoch: 100 }).yCeiling).toBe(7);
    const few = lossOf({ samples: samples.slice(0, 10), stepsPerEpoch: 25 });
    expect(few.yCeiling).toBeUndefined();
    expect(beyondInWords(few)).toBe("");
    // Nothing is cut off where epochs are as high as the batches.
    expect(
      lossOf({ samples, stepsPerEpoch: 25, epochs: [{ ...madeUpEpoch(1), trainLoss: 10 }] }).yCeiling,
    ).toBe(undefined);
  });

  it("show each layer's norms", () => {
    const charts = chartsOfRuns([detail]);
    expect(chart(charts, "gradient-norms").curves.map(({ name, y }) => [name, y.at(-1)])).toEqual([
      ["Layer 1", 6],
      ["Output layer", 12],
    ]);
    expect(chart(charts, "weight-norms").curves.map(({ y }) => y.at(-1))).toEqual([18, 24]);
  });

  it("reach to the last epoch that was asked for while the run goes on, and to the last that it had when it is over", () => {
    const over = { ...detail, run: madeUpRun({ state: "stopped" }) };
    expect(chart(chartsOfRuns([detail]), "loss").xMost).toBe(10);
    expect(chart(chartsOfRuns([over]), "loss").xMost).toBe(1.5);
  });

  it("leave out what nobody has told", () => {
    const values = { ...madeUpEpoch(1), trainAccuracy: null, validAccuracy: null, validLoss: null };
    const charts = chartsOfRuns([{ ...detail, samples: [], epochs: [values], stepsPerEpoch: null }]);
    expect(charts.map(({ id }) => id)).toEqual(["loss", "learning-rate"]);
    expect(chart(charts, "loss").curves.map(({ name }) => name)).toEqual(["Training, by epoch"]);
    expect(chartsOfRuns([madeUpDetail()])).toEqual([]);
  });

  it("tell compared runs apart by name and colour, even those of the same name", () => {
    const [first, second, third] = ["a", "b", "c"].map((id) => ({
      ...detail,
      run: madeUpRun({ id, name: id === "c" ? "Another" : "A run" }),
    }));
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("Three were made.");
    const { curves } = chart(chartsOfRuns([first, second, third]), "accuracy");
    expect(curves.map(({ name }) => name)).toEqual([
      "A run (a), validation",
      "A run (a), training",
      "A run (b), validation",
      "A run (b), training",
      "Another, validation",
      "Another, training",
    ]);
    const looks = curves.map(({ colour, dash }) => JSON.stringify([colour, dash ?? []]));
    expect(new Set(looks).size).toBe(curves.length);
    expect(new Set(curves.map(({ colour }) => colour)).size).toBe(3);
  });
});

describe("a curve", () => {
  const curve = fc
    .uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 1 })
    .map((x) => x.toSorted((a, b) => a - b))
    .map((x) => ({
      name: "Line",
      x,
      y: x.map((place) => (place % 7 === 0 ? null : place * 2)),
      ...lookOf(0),
    }));

  it("has at a place the value that it had there last", () => {
    fc.assert(
      fc.property(curve, fc.integer({ min: -10, max: 510 }), (line, place) => {
        const last = line.x.findLastIndex((x) => x <= place);
        expect(valueAt(line, place)).toBe(line.y[last] ?? null);
      }),
    );
  });

  it("is in a table from its first epoch to its last moment, in at most about sixty rows", () => {
    fc.assert(
      fc.property(curve, (line) => {
        const rows = tableRows([line]);
        expect(rows.length).toBeLessThanOrEqual(62);
        expect(rows).toEqual([...new Set(rows)].toSorted((a, b) => a - b));
        expect(rows.at(-1) ?? 0).toBe(line.x.at(-1));
      }),
    );
    expect(tableRows([])).toEqual([]);
  });

  it("is told in a sentence", () => {
    const line = { name: "Validation", x: [1, 2, 2.5], y: [0.5, 0.25, 0.3], ...lookOf(0) };
    const format = (value: number | null) => `<${value}>`;
    expect(describeCurves({ curves: [line], format })).toBe(
      "Validation: from <0.5> at epoch 1 to <0.3> at epoch 2.5; lowest <0.25>, highest <0.5>.",
    );
    expect(describeCurves({ curves: [{ ...line, x: [1], y: [0.5] }], format })).toBe(
      "Validation: <0.5> at epoch 1.",
    );
    expect(describeCurves({ curves: [], format })).toBe("There is nothing to show yet.");
  });
});
