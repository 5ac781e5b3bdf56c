import { isDeepStrictEqual } from "node:util";
import { expect, type TaskMeta, TestRunner } from "vitest";

// What a test found beside that it passed. It stands in vitest's JSON report as the test's `meta`, from which `npm run report:quality`
// makes its tables: the figures told are those that the tests compared.

/** How near a test's numbers came to recorded ones, by what was compared and how near it has to be. */
export interface Agreement {
  readonly software: Software;
  readonly subject: string;
  readonly tolerance: number;
  /** How many numbers were compared. */
  numbers: number;
  /** The largest, in the measure of the tolerance. JSON makes null of NaN, which is a number on one side alone. */
  difference: number;
}

/** Gradients that a test held against central differences. */
export interface GradientCheck {
  readonly subject: string;
  readonly networks: number;
  readonly gradients: number;
  /** Points where the loss has a kink, which were left out. */
  readonly kinks: number;
  /** The largest relative error; the subject says, relative to what. */
  readonly worst: number;
  readonly tolerance: number;
}

type Software = "NumPy" | "PyTorch" | "scikit-learn";

declare module "vitest" {
  interface TaskMeta {
    agreements?: Agreement[];
    gradientCheck?: GradientCheck;
  }
}

/**
 * Expectations on values that other software computed.
 *
 * @param software Whose they are.
 * @param subject What is compared, as a line of the report.
 */
export function agreementWith(software: Software, subject: string) {
  const note = (tolerance: number, numbers: number, difference: number) => {
    const meta = metaOfTest();
    meta.agreements ??= [];
    const { agreements } = meta;
    const known = agreements.find((a) => a.subject === subject && a.tolerance === tolerance);
    if (known === undefined) agreements.push({ software, subject, tolerance, numbers, difference });
    else {
      known.numbers += numbers;
      known.difference = Math.max(known.difference, difference); // NaN stays.
    }
  };
  return {
    /**
     * Expects as many numbers as there are, each within `tolerance` times `scale`. NaN agrees with NaN alone.
     *
     * @param scale Of an expected number. Default: 1, which makes the tolerance absolute.
     */
    expectNear(
      actual: ArrayLike<number>,
      expected: readonly number[],
      tolerance: number,
      scale: (expected: number) => number = () => 1,
    ): void {
      expect(actual.length, `how many numbers ${software} has`).toBe(expected.length);
      let worst = 0;
      let at = -1;
      for (const [i, value] of expected.entries()) {
        const ours = actual[i] as number;
        const isSame = ours === value || Object.is(ours, value);
        const difference = isSame ? 0 : Math.abs(ours - value) / scale(value);
        if (at !== -1 && !(difference > worst) && !Number.isNaN(difference)) continue;
        worst = difference;
        at = i;
        if (Number.isNaN(difference)) break;
      }
      note(tolerance, expected.length, worst);
      if (!(worst <= tolerance)) {
        expect.fail(
          `number ${at} is ${actual[at]}, where ${software} has ${expected[at]}: ${worst} apart, and ${tolerance} is allowed`,
        );
      }
    },

    /** Expects the very same. */
    expectSame(actual: unknown, expected: readonly unknown[]): void {
      note(0, expected.length, isDeepStrictEqual(actual, expected) ? 0 : Number.NaN);
      expect(actual).toEqual(expected);
    },
  };
}

export function noteGradientCheck(check: GradientCheck): void {
  metaOfTest().gradientCheck = check;
}

function metaOfTest(): TaskMeta {
  const test = TestRunner.getCurrentTest();
  if (test === undefined) throw new Error("Nothing was noted: no test runs.");
  return test.meta;
}
