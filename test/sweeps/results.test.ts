import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatResults, rankOutcomes, resultsTable } from "../../src/sweeps/results.js";
import type { Outcome } from "../../src/sweeps/trial.js";
import { outcome, samplePlan } from "./sample-plan.js";

const plan = samplePlan({ trials: 4, epochs: 4, minEpochs: 1, factor: 2 }); // 1, 2 and 4 epochs.
const outcomes: readonly Outcome[] = [
  outcome({ trial: 0, value: 0.5, figures: { "test.loss": 0.6, "test.accuracy": 0.75 } }),
  outcome({ trial: 1, value: 0.25 }),
  outcome({
    trial: 1,
    rung: 1,
    value: 0.2,
    epochs: 2,
    figures: { "test.f1Macro": 0.7, "test.accuracy": 0.875 },
  }),
  outcome({ trial: 2, value: null, state: "failed", epochs: 0, reason: 'Expected "a", but\nreceived b.' }),
];

describe("the results of a sweep", () => {
  it("are a line for each trial, in the order of the plan, with its last outcome", () => {
    expect(formatResults(resultsTable(plan, outcomes)).split("\r\n")).toEqual([
      "trial,learningRate,state,rung,epochs,validation.loss,test.loss,test.accuracy,test.f1Macro,reason",
      "0,1,trained,0,1,0.5,0.6,0.75,,",
      "1,0.5,trained,1,2,0.2,,0.875,0.7,",
      `2,${1 / 3},failed,0,0,,,,,"Expected ""a"", but\nreceived b."`,
      "3,0.25,,,,,,,,",
      "",
    ]);
  });

  it("are the same whatever came first", () => {
    const table = formatResults(resultsTable(plan, outcomes));
    expect(formatResults(resultsTable(plan, [...outcomes].reverse()))).toBe(table);
  });

  it("are read back by others, whatever is in them", () => {
    const cell = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.jsonValue().filter((v) => typeof v === "object" && v !== null),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const text = formatResults({ columns: ["a", "b"], rows: rows as never });
        const [head, ...read] = parse(text, { record_delimiter: "\r\n" }) as string[][];
        expect(head).toEqual(["a", "b"]);
        expect(read).toEqual(
          rows.map((row) => row.map((one) => (typeof one === "object" ? JSON.stringify(one) : String(one)))),
        );
      }),
    );
  });
});

describe("the order of trials", () => {
  const numbers = (list: readonly Outcome[], of = plan) => rankOutcomes(of, list).map(({ trial }) => trial);

  it("is by the rung and then by the figure, without those that have none", () => {
    expect(numbers(outcomes)).toEqual([1, 0]);
    const worse = outcomes.map((one) => (one.rung === 1 ? { ...one, value: 0.9 } : one));
    expect(numbers(worse)).toEqual([1, 0]);
    const equal = [3, 2, 1].map((trial) => outcome({ trial, value: 1 }));
    expect(numbers([...equal, outcome({ trial: 0, value: 2 })], { ...plan, mode: "max" })).toEqual([
      0, 1, 2, 3,
    ]);
  });

  it("has a trial that has stopped by itself among those with all epochs", () => {
    const longer = samplePlan({ trials: 2, epochs: 4, minEpochs: 2, factor: 2 });
    const last = outcome({ trial: 1, rung: 1, value: 0.3, epochs: 4 });
    expect(numbers([outcome({ trial: 0, value: 0.2, epochs: 1 }), last], longer)).toEqual([0, 1]);
    expect(numbers([outcome({ trial: 0, value: 0.2, epochs: 2 }), last], longer)).toEqual([1, 0]);
  });
});
