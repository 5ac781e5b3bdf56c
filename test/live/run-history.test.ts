import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_HISTORY, MOST_POINTS, withEpochs, withSample } from "../../src/live/run-history.js";
import { madeUpEpoch, madeUpSample } from "./client/made-up-run.js";

describe("the curves of a run", () => {
  it("have each epoch once, however they are told of", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 }), (ends) => {
        let last = 0;
        let history = EMPTY_HISTORY;
        for (const end of ends) {
          history = withEpochs(history, numbered(Math.max(1, end - 5), end).map(madeUpEpoch));
          if (end > last) last = Math.max(last, end);
        }
        const epochs = history.epochs.map(({ epoch }) => epoch);
        expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b));
        expect(epochs.at(-1) ?? 0).toBe(last);
      }),
    );
  });

  it("stay the same object where there is nothing new", () => {
    const history = withSample(withEpochs(EMPTY_HISTORY, [madeUpEpoch(1)]), madeUpSample(3));
    expect(withEpochs(history, [madeUpEpoch(1)])).toBe(history);
    expect(withSample(history, madeUpSample(3))).toBe(history);
  });

  it("keep their bounds, their ends and their last point", () => {
    const history = withEpochs(EMPTY_HISTORY, numbered(1, 10_001).map(madeUpEpoch));
    expect(history.epochs.length).toBeLessThanOrEqual(MOST_POINTS);
    expect(history.epochs.length).toBeGreaterThan(MOST_POINTS / 4);
    expect(history.epochs.at(-1)?.epoch).toBe(10_001);
    let samples = EMPTY_HISTORY;
    for (const step of numbered(1, 3 * MOST_POINTS)) samples = withSample(samples, madeUpSample(step));
    expect(samples.samples.length).toBeLessThanOrEqual(MOST_POINTS);
    expect(samples.samples.at(-1)?.step).toBe(3 * MOST_POINTS);
  });
});

function numbered(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
