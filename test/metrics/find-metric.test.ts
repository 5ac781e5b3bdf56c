import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../src/errors.js";
import { findMetric, METRIC_NAMES } from "../../src/metrics/find-metric.js";

describe("findMetric", () => {
  it.each(METRIC_NAMES)("knows %s", (name) => {
    expect(findMetric(name).name).toBe(name);
  });

  it("knows the accuracy of any number of guesses", () => {
    expect(findMetric("top3Accuracy")).toMatchObject({ name: "top3Accuracy", greaterIsBetter: true });
    expect(() => findMetric("top0Accuracy")).toThrow(InvalidArgumentError);
  });

  it.each([
    ["acuracy", 'There is no metric "acuracy"; did you mean accuracy?'],
    ["R2", 'There is no metric "R2"; did you mean r2?'],
    ["velocity", `There is no metric "velocity"; they are ${METRIC_NAMES.join(", ")}.`],
    [5, `There is no metric 5; they are ${METRIC_NAMES.join(", ")}.`],
  ])("names what is near to %s", (name, sentence) => {
    expect(() => findMetric(name as string)).toThrow(new InvalidArgumentError(sentence));
  });
});
