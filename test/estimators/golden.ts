import { readFileSync } from "node:fs";
import type { Label } from "../../src/estimators/labels.js";

/** What scikit-learn's estimators did: `scripts/record-estimators.py` says how. */
export interface Recorded {
  readonly members: Readonly<Record<"MLPClassifier" | "MLPRegressor", Members>>;
  readonly datasets: Readonly<Record<string, { readonly x: number[][]; readonly y: (Label | number[])[] }>>;
  readonly runs: readonly RecordedRun[];
  readonly adaline: readonly {
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly losses: readonly number[];
    readonly coef: readonly number[];
    readonly intercept: number;
  }[];
}

export interface Members {
  /** With their defaults. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly methods: readonly string[];
  readonly attributes: readonly string[];
}

export interface RecordedRun {
  readonly estimator: "MLPClassifier" | "MLPRegressor";
  readonly dataset: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Fits, and parameters that are set before the next. */
  readonly calls: readonly ("fit" | "partialFit" | Readonly<Record<string, unknown>>)[];
  /** After each epoch; of a single fit by lbfgs after 1 to maxIter iterations. */
  readonly losses: readonly number[] | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of the first twelve examples. */
  readonly predictions: readonly unknown[];
  readonly score: number;
  /** Of the last layer. */
  readonly intercepts: readonly number[];
  /** Of the first input. */
  readonly coefs: readonly number[];
  readonly classes?: readonly Label[];
  /** Of the first four examples. */
  readonly probabilities?: readonly (readonly number[])[];
}

export const recorded = JSON.parse(
  readFileSync(new URL("../golden/estimators.json", import.meta.url), "utf8"),
) as Recorded;

/** scikit-learn's `learning_rate_init` here. */
export function camelCase(name: string): string {
  return name.replace(/_$/, "").replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
