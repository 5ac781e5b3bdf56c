import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stateOf, withEvent } from "../../../src/live/client/live-state.js";
import { detailAfter } from "../../../src/live/client/run-curves.js";
import type { LiveEvent, RunDetail } from "../../../src/live/protocol.js";
import { madeUpDetail, madeUpEpoch, madeUpRun, madeUpSample } from "./made-up-run.js";

const overview = { version: "1", runs: [], starting: null, lastEventId: 0 };

describe("what the page knows of the runs", () => {
  it("has each run once, as it was told of last, and the newest first", () => {
    const run = fc.record({
      id: fc.constantFrom("a", "b", "c", "d"),
      startedAt: fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"),
      epoch: fc.nat(9),
    });
    const event = fc.oneof(
      run.map((facts): LiveEvent => ({ type: "run", run: madeUpRun(facts) })),
      fc.constantFrom("a", "b", "c", "d").map((id): LiveEvent => ({ type: "gone", id })),
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const { runs } = events.reduce(withEvent, stateOf(overview));
        const last = new Map<string, number>();
        for (const one of events) {
          if (one.type === "run") last.set(one.run.id, one.run.epoch);
          if (one.type === "gone") last.delete(one.id);
        }
        expect(new Map(runs.map(({ id, epoch }) => [id, epoch]))).toEqual(last);
        expect(runs).toHaveLength(last.size);
        const times = runs.map(({ startedAt }) => startedAt);
        expect(times).toEqual(times.toSorted().toReversed());
      }),
    );
  });

  it("is the same object after a sample, so that nothing but curves is drawn anew", () => {
    const state = stateOf({ ...overview, runs: [madeUpRun({})] });
    expect(withEvent(state, { type: "sample", id: "run", sample: madeUpSample(1) })).toBe(state);
    expect(withEvent(state, { type: "epochs", id: "run", epochs: [madeUpEpoch(1)] })).toBe(state);
  });

  it("knows the newest model of each run that was told of", () => {
    const told = withEvent(stateOf(overview), { type: "model", id: "a", epoch: 1, modelVersion: 3 });
    expect(withEvent(told, { type: "model", id: "b", epoch: 1, modelVersion: 1 }).modelVersions).toEqual({
      a: 3,
      b: 1,
    });
  });
});

describe("the curves of a run", () => {
  const events: readonly LiveEvent[] = [
    { type: "sample", id: "run", sample: madeUpSample(1) },
    { type: "sample", id: "other", sample: madeUpSample(5) },
    { type: "sample", id: "run", sample: madeUpSample(2) },
    { type: "epochs", id: "run", epochs: [madeUpEpoch(1)] },
    { type: "model", id: "run", epoch: 1, modelVersion: 1 },
    { type: "run", run: madeUpRun({ epoch: 1, state: "paused" }) },
    { type: "gone", id: "run" },
  ];
  const told = (detail: RunDetail) => events.reduce((so, event, i) => detailAfter(so, i + 1, event), detail);

  it("grow by what is told of it, and by nothing else", () => {
    const { samples, epochs, modelVersion, modelEpoch, run } = told(madeUpDetail());
    expect(samples.map(({ step }) => step)).toEqual([1, 2]);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1]);
    expect([modelVersion, modelEpoch, run.state]).toEqual([1, 1, "paused"]);
  });

  it("are the same wherever a reader begins, and however often it is told", () => {
    const whole = told(madeUpDetail());
    for (let known = 0; known <= events.length; known++) {
      const answer = events
        .slice(0, known)
        .reduce((so, event, i) => detailAfter(so, i + 1, event), madeUpDetail());
      expect(told({ ...answer, lastEventId: known })).toEqual({
        ...whole,
        lastEventId: Math.max(known, whole.lastEventId),
      });
    }
  });
});
