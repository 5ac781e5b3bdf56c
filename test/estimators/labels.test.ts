import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readExamples } from "../../src/estimators/inputs.js";
import {
  decodeOutputs,
  encodeLabels,
  type Label,
  learnLabelling,
  outputsOf,
  shareRight,
} from "../../src/estimators/labels.js";

const several = <T extends Label>(label: fc.Arbitrary<T>) =>
  fc.array(label, { minLength: 2, maxLength: 40 }).filter((labels) => new Set(labels).size > 1);

const anyLabels: fc.Arbitrary<Label[]> = fc.oneof(
  several(fc.maxSafeInteger()),
  several(fc.integer({ min: 0, max: 4 })),
  several(fc.string()),
  several(fc.boolean()),
);

/** What a network that knows it all would say. */
function perfectOutputs(y: readonly Label[]) {
  const labelling = learnLabelling(y);
  const targets = encodeLabels(y, labelling);
  const width = outputsOf(labelling);
  const outputs = new Float64Array(y.length * width);
  if (targets.kind !== "classes") throw new Error("Labels are classes.");
  for (const [i, label] of targets.labels.entries()) {
    if (width === 1) outputs[i] = label;
    else outputs[i * width + label] = 1;
  }
  return { labelling, targets, outputs };
}

describe("labels of classes", () => {
  it("come back from what the network says, whatever they are", () => {
    fc.assert(
      fc.property(anyLabels, (y) => {
        const { labelling, outputs } = perfectOutputs(y);
        expect(decodeOutputs(outputs, labelling)).toEqual(y.map((label) => (label === 0 ? 0 : label)));
        expect(new Set(labelling.classes)).toEqual(new Set(y));
        for (let i = 1; i < labelling.classes.length; i++) {
          expect((labelling.classes[i - 1] as Label) < (labelling.classes[i] as Label)).toBe(true);
        }
      }),
    );
  });

  it("are counted right by their weights", () => {
    fc.assert(
      fc.property(anyLabels, fc.integer({ min: 0, max: 1000 }), (y, seed) => {
        const { labelling, targets, outputs } = perfectOutputs(y);
        const rows = Int32Array.from(y.keys());
        const weights = Float64Array.from(y, (_, i) => 1 + ((i * 7 + seed) % 5));
        expect(shareRight(outputs, targets, { labelling, rows, weights })).toBe(1);
        const wrong = seed % y.length;
        const width = outputsOf(labelling);
        const spoilt = outputs.map((value, i) =>
          Math.floor(i / width) === wrong ? (width === 1 ? 1 - value : -value) : value,
        );
        if (width > 1) spoilt[wrong * width + (spoilt[wrong * width] === -1 ? 1 : 0)] = 1;
        const total = weights.reduce((sum, weight) => sum + weight);
        expect(shareRight(spoilt, targets, { labelling, rows, weights })).toBeCloseTo(
          (total - (weights[wrong] as number)) / total,
          12,
        );
      }),
    );
  });
});

describe("examples", () => {
  it("are the same numbers, as rows and with a shape", () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 6 }));
    const matrices = sizes.chain(([rows, width]) =>
      fc.array(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: width, maxLength: width }),
        { minLength: rows, maxLength: rows },
      ),
    );
    fc.assert(
      fc.property(matrices, (X) => {
        const width = (X[0] as number[]).length;
        const { features, rows } = readExamples(X);
        expect([features.width, rows.length]).toEqual([width, X.length]);
        expect(Array.from(features.data)).toEqual(X.flat());
        expect(readExamples({ data: X.flat(), shape: [X.length, width] }).features).toEqual(features);
      }),
    );
  });
});
