import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  createSchedule,
  SCHEDULE_NAMES,
  type ScheduleSpecification,
} from "../../../src/training/schedules/specification.js";
import { agreementWith } from "../../support/agreement.js";
import { ratesOf } from "./rates.js";

interface Recorded {
  readonly specification: ScheduleSpecification;
  readonly learningRate: number;
  readonly stepsPerEpoch: number;
  readonly examplesPerEpoch: number;
  readonly epochs: number;
  readonly rates: readonly number[];
}

const golden = new URL("../../golden/schedules.json", import.meta.url);
const cases = JSON.parse(readFileSync(golden, "utf8")) as readonly Recorded[];

const agreementOf = ({ type }: ScheduleSpecification) =>
  agreementWith(
    type === "inverseScaling" ? "scikit-learn" : "PyTorch",
    "schedules: the learning rate of each step",
  );

describe("the learning rates of PyTorch and scikit-learn", () => {
  it.each(cases.map((recorded) => [JSON.stringify(recorded.specification), recorded] as const))(
    "%s",
    (_, { specification, learningRate, rates, ...length }) => {
      const schedule = createSchedule(specification, learningRate);
      const ours = ratesOf(schedule, length);
      // Theirs are products of products, ours closed forms; and where theirs are 0, ours are next to it: 1e-17 at most.
      agreementOf(specification).expectNear(ours, rates, 1e-12, (rate) => rate + 1e-5);
    },
  );

  it("are recorded of every schedule", () => {
    const names = new Set(cases.map(({ specification }) => specification.type));
    expect([...names].sort()).toEqual([...SCHEDULE_NAMES].sort());
  });
});
