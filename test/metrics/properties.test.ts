import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findMetric, METRIC_NAMES } from "../../src/metrics/find-metric.js";
import type { ScoredExamples } from "../../src/metrics/metric.js";

interface Example {
  /** The class, or the values. */
  readonly label: number;
  readonly values: readonly number[];
  readonly outputs: readonly number[];
  readonly weight: number;
}

/** Multiples of 1/16, of which many are equal, and whose sums are exact. */
const share = fc.integer({ min: 0, max: 16 }).map((n) => n / 16);

function examplesOf(width: number): fc.Arbitrary<Example[]> {
  const numbers = fc.array(share, { minLength: width, maxLength: width });
  const label = fc.integer({ min: 0, max: Math.max(width, 2) - 1 });
  const weight = fc.integer({ min: 0, max: 3 });
  const example = fc.record({ label, values: numbers, outputs: numbers, weight });
  const isThere = (examples: readonly Example[]) => examples.some(({ weight: w }) => w > 0);
  return fc.array(example, { minLength: 1, maxLength: 30 }).filter(isThere);
}

function scored(examples: readonly Example[], isWeighted = true): ScoredExamples {
  const outputs = examples.flatMap((example) => example.outputs);
  return {
    count: examples.length,
    outputs,
    width: outputs.length / examples.length,
    labels: examples.map(({ label }) => label),
    predictions: examples.map((example) => chosen(example.outputs)),
    values: examples.flatMap(({ values }) => values),
    weights: isWeighted ? examples.map(({ weight }) => weight) : undefined,
  };
}

function chosen(outputs: readonly number[]): number {
  const [a = 0] = outputs;
  return outputs.length === 1 ? Number(a >= 0.5) : outputs.indexOf(Math.max(...outputs));
}

/** Each metric with the numbers of outputs that it makes sense for. */
const metrics = METRIC_NAMES.map((name) => findMetric(name)).flatMap((metric) =>
  (metric.needs === "twoClasses" ? [1, 2] : [1, 2, 4]).map((width) => ({ ...metric, width })),
);

describe.each(metrics)("$name of $width outputs", ({ name, of, needs, greaterIsBetter, width, compute }) => {
  const expectSame = (a: number, b: number) => {
    if (Number.isNaN(b)) expect(a).toBeNaN();
    else expect(a).toBeCloseTo(b, 9);
  };

  it("does not depend on the order of the examples", () => {
    const shuffled = examplesOf(width).chain((examples) =>
      fc.tuple(
        fc.constant(examples),
        fc.shuffledSubarray(examples, { minLength: examples.length, maxLength: examples.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([examples, others]) => {
        expectSame(compute(scored(others)), compute(scored(examples)));
      }),
    );
  });

  it("takes a weight for as many examples", () => {
    fc.assert(
      fc.property(examplesOf(width), (examples) => {
        // An example of no weight is none, but its class has occurred; and a single one has no R², however much it weighs.
        const weighted = examples.filter(({ weight }) => weight > 0);
        fc.pre(name !== "r2" || weighted.length > 1);
        const repeated = weighted.flatMap((example) => new Array<Example>(example.weight).fill(example));
        expectSame(compute(scored(weighted)), compute(scored(repeated, false)));
      }),
    );
  });

  it("is within its bounds", () => {
    const least = ["cohenKappa", "matthewsCorrelation"].includes(name) ? -1 : name === "r2" ? -Infinity : 0;
    const most = name === "logLoss" ? Infinity : 1;
    fc.assert(
      fc.property(examplesOf(width), (examples) => {
        const value = compute(scored(examples));
        if (Number.isNaN(value)) {
          expect(["rocAuc", "rocAucWeighted", "cohenKappa", "r2"]).toContain(name);
          return;
        }
        expect(value).toBeGreaterThanOrEqual(least - 1e-12);
        expect(value).toBeLessThanOrEqual(most + 1e-12);
      }),
    );
  });

  it("is best for what is right", () => {
    fc.assert(
      fc.property(examplesOf(width), (drawn) => {
        const classes = Math.max(width, 2);
        // Every class occurs, and with it every score is defined.
        const all = Array.from({ length: 2 * classes }, (_, i) => ({ label: i % classes, weight: 1 }));
        const examples = [...drawn, ...all.map((one) => ({ ...one, values: [], outputs: [] }))].map(
          ({ label, weight }): Example => {
            const outputs =
              width === 1 ? [label] : Array.from({ length: width }, (_, c) => Number(c === label));
            return { label, weight, outputs, values: outputs };
          },
        );
        expectSame(compute(scored(examples)), greaterIsBetter ? 1 : 0);
      }),
    );
  });

  if (of === "classes" && needs !== "confidences" && /^(top|rocAuc|averagePrecision)/.test(name)) {
    it("only compares scores", () => {
      fc.assert(
        fc.property(examplesOf(Math.max(width, 2)), (examples) => {
          const scaled = examples.map((one) => ({ ...one, outputs: one.outputs.map((a) => 1024 * a - 3) }));
          expectSame(compute(scored(scaled)), compute(scored(examples)));
        }),
      );
    });
  }
});

describe("what is no number", () => {
  it.each(["logLoss", "rocAuc", "averagePrecision", "calibrationError", "top2Accuracy"])(
    "makes %s NaN",
    (name) => {
      const outputs = [0.5, Number.NaN, 0.5, 0.5, 0, 1];
      const examples = { count: 2, width: 3, labels: [0, 1], predictions: [0, 2], outputs };
      expect(findMetric(name).compute({ ...examples, values: undefined, weights: undefined })).toBeNaN();
    },
  );
});
