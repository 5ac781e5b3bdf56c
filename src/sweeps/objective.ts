import { InvalidArgumentError, MnistNativeError } from "../errors.js";
import { show } from "../system/expected.js";
import { isOptions, kindOf } from "../system/known-options.js";
import type { Space } from "./space.js";
import type { Outcome, Task, Trial } from "./trial.js";

/** What a parameter may be: one of its values, or a number of its range. */
export type ValueOf<P> = P extends { readonly values: readonly (infer Value)[] } ? Value : number;

/** What a trial's settings are, by the names of the parameters. */
export type SettingsOf<S extends Space> = { readonly [Name in keyof S]: ValueOf<S[Name]> };

/** What an objective is told. */
export interface ObjectiveCall<S extends Space = Space> {
  readonly settings: SettingsOf<S>;
  readonly seed: number;
  /** The trial's, from 0 in the order of the plan. */
  readonly number: number;
  /** With halving: how many epochs the trial should have had at the end of this call, counted from its beginning. */
  readonly epochs: number | undefined;
  /** With halving: how often the trial has gone on before. */
  readonly rung: number;
  /** Aborted where the sweep is to end: what the objective throws then is no result, and the task is run again when the sweep goes on. */
  readonly signal: AbortSignal;
}

/** What an objective makes of a trial, if it is more than a number. */
export interface ObjectiveResult {
  /** The figure that trials are compared by. NaN and infinities are those of a training that diverged. */
  readonly value: number;
  /** More figures, by any names: each has a column in the results. */
  readonly figures?: Readonly<Record<string, number>> | undefined;
  /** With halving: how many epochs the trial has had, where it stopped by itself before it had all. It is called no more then. */
  readonly epochs?: number | undefined;
}

/**
 * What a sweep makes as small as it can, or as large: a function of a trial's settings. With halving it is called again for each trial that
 * goes on, with more epochs: it begins anew, or goes on from what it has kept by the trial's number.
 */
export type Objective<S extends Space = Space> = (
  call: ObjectiveCall<S>,
) => number | ObjectiveResult | Promise<number | ObjectiveResult>;

export interface CallOptions {
  readonly trial: Trial;
  readonly task: Task;
  readonly hasHalving: boolean;
  readonly signal: AbortSignal;
}

/**
 * Calls an objective. What it throws is a trial that failed.
 *
 * @throws InvalidArgumentError when it returns something else than it may, which no other settings would mend.
 */
export async function callObjective(
  objective: Objective,
  { trial, task, hasHalving, signal }: CallOptions,
): Promise<Outcome> {
  const { seed: _, ...settings } = structuredClone(trial.settings); // Whatever the objective does to its own.
  const began = performance.now();
  const about = () => ({ ...task, seconds: (performance.now() - began) / 1000 });
  let result: unknown;
  try {
    result = await objective({
      settings,
      seed: trial.seed,
      number: trial.number,
      epochs: hasHalving ? task.epochs : undefined,
      rung: task.rung,
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    return { ...about(), state: "failed", epochs: 0, value: null, figures: {}, reason: reasonOf(error) };
  }
  const { value, figures = {}, epochs = task.epochs } = asResult(result, task);
  const isNumber = Number.isFinite(value);
  return {
    ...about(),
    state: isNumber ? "trained" : "diverged",
    epochs,
    value: isNumber ? value : null,
    figures: Object.fromEntries(
      Object.entries(figures).map(([name, figure]) => [name, Number.isFinite(figure) ? figure : null]),
    ),
    ...(!isNumber && { reason: `its value is ${value}` }),
  };
}

function asResult(result: unknown, { epochs: most }: Task): ObjectiveResult {
  if (typeof result === "number") return { value: result };
  const { value, figures, epochs } = (isOptions(result) ? result : {}) as Partial<ObjectiveResult>;
  if (typeof value !== "number") {
    throw new InvalidArgumentError(
      `Expected a number, or { value } with one, from objective but received ${isOptions(result) ? `${show(value)} for value` : show(result)}.`,
    );
  }
  if (figures !== undefined) {
    const wrong =
      isOptions(figures) && Object.entries(figures).find(([, figure]) => typeof figure !== "number");
    if (wrong === false || wrong !== undefined) {
      throw new InvalidArgumentError(
        `Expected an object of numbers for figures from objective but received ${wrong === false ? kindOf(figures) : `${show(wrong[1])} for ${wrong[0]}`}.`,
      );
    }
  }
  if (epochs !== undefined && !(Number.isInteger(epochs) && epochs >= 0 && epochs <= most)) {
    throw new InvalidArgumentError(
      `Expected a whole number from 0 to ${most} for epochs from objective but received ${show(epochs)}.`,
    );
  }
  return result as ObjectiveResult;
}

/** In one line of a table. Errors of this library are whole sentences; of others the kind says much. */
function reasonOf(error: unknown): string {
  if (error instanceof MnistNativeError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
