import { isOptions } from "../../system/known-options.js";

/** How examples are shared out among folds. */
export interface FoldsChoice {
  readonly folds: number;
  readonly repeats: number;
  /** Whether each class is shared out alike. */
  readonly stratified: boolean;
  /** Of the random numbers, an integer from 0 to 2^32 - 1. */
  readonly seed: number;
  /**
   * How many of the examples that a fold trains on are for validation instead, or below 1 which share. `undefined`: none, and validation
   * is of the examples that the fold holds out.
   */
  readonly validationSize?: number | undefined;
}

/** One of these folds. */
export interface FoldChoice extends FoldsChoice {
  /** Counted from 1, through all repeats. */
  readonly fold: number;
}

/** The fold that a config.json names; `undefined` where it names none. */
export function asFoldChoice(value: unknown): FoldChoice | undefined {
  if (!isOptions(value)) return undefined;
  const { fold, folds, repeats, stratified, seed, validationSize } = value as Readonly<
    Record<string, unknown>
  >;
  const isCount = (count: unknown): count is number => Number.isSafeInteger(count) && (count as number) >= 1;
  if (!isCount(fold) || !isCount(folds) || !isCount(repeats)) return undefined;
  if (typeof stratified !== "boolean" || typeof seed !== "number") return undefined;
  const choice = { fold, folds, repeats, stratified, seed };
  return typeof validationSize === "number" ? { ...choice, validationSize } : choice;
}
