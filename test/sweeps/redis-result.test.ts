import { describe, expect, it } from "vitest";
import { readResult } from "../../src/sweeps/runners/redis/result.js";

const task = { trial: 3, rung: 1, epochs: 3 };
const outcome = {
  trial: 3,
  rung: 1,
  state: "trained",
  epochs: 3,
  value: 0.5,
  figures: { "test.loss": 1 },
  seconds: 2,
};
const fingerprint = "0123456789abcdef".repeat(4);
const withMany = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]));

describe("what a worker says of a job", () => {
  it("is taken as it is", () => {
    expect(readResult({ outcome, fingerprint }, task)).toEqual({ outcome, fingerprint });
    expect(readResult({ outcome, fingerprint: "../x" }, task)).toEqual({ outcome, fingerprint: null });
  });

  it.each<[what: string, outcome: object]>([
    ["another trial's", { ...outcome, trial: 4 }],
    ["another rung's", { ...outcome, rung: 0 }],
    ["no figure", { ...outcome, value: "0.5" }],
    ["more than an outcome has", { ...outcome, path: "/etc/passwd" }],
    ["a reason without end", { ...outcome, reason: "x".repeat(1e6) }],
    ["figures without end", { ...outcome, figures: withMany(1e5) }],
  ])("is no result where it is %s", (_, given) => {
    expect(readResult({ outcome: given, fingerprint }, task)).toBeUndefined();
  });
});
