import { InvalidArgumentError } from "../errors.js";
import type { SavedState } from "../formats/saved-state.js";
import { expectThat, expectWholeNumber } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import type { Parameter } from "../tensor/parameter.js";
import type { BatchOptimizer, BatchProgress, EndReason } from "./batch-optimizer.js";
import { CurvaturePairs } from "./curvature-pairs.js";
import { FlatParameters } from "./flat-parameters.js";
import { type LinePoint, searchLine } from "./line-search.js";
import { addScaled, dot, largestOf } from "./vectors.js";

export interface LBFGSOptions {
  /** How many of the last steps tell of the curvature, a whole number. Default: 10. */
  readonly history?: number | undefined;
  /** Ends when no component of the gradient is larger. Default: 1e-4, scikit-learn's `tol`. */
  readonly tolerance?: number | undefined;
  /** Ends when an iteration lowers the loss by no more than this, relative to the loss or to 1. Default: 2.22e-9, SciPy's `ftol`. */
  readonly lossTolerance?: number | undefined;
  /** A whole number. Default: 200, scikit-learn's `max_iter`. */
  readonly maxIterations?: number | undefined;
  /** Ends after the iteration that has exceeded it; a whole number. Default: 15,000, scikit-learn's `max_fun`. */
  readonly maxEvaluations?: number | undefined;
}

const OPTIONS: KnownOptions<LBFGSOptions> = {
  history: true,
  tolerance: true,
  lossTolerance: true,
  maxIterations: true,
  maxEvaluations: true,
};

/** Where the parameters are between two iterations, and memory for the next one: vectors of all parameters. */
interface Place {
  readonly parameters: FlatParameters;
  /** So that it is noticed if somebody changes them. */
  readonly values: Float64Array;
  readonly gradient: Float64Array;
  loss: number;
  readonly direction: Float64Array;
  /** Values to try, and then the gradient there. */
  readonly trial: Float64Array;
}

/**
 * L-BFGS: quasi-Newton steps on the loss of all examples, with the curvature of the last few (J. Nocedal and S. Wright, Numerical
 * Optimization, 2006, algorithms 7.4 and 7.5), each as long as the strong Wolfe conditions want it (J. Moré and D. Thuente, 1994).
 *
 *     direction = -H gradient;  x += step direction
 *
 * Steps, limits and the reasons to end are those of SciPy's `minimize(method="L-BFGS-B")` without bounds (C. Zhu, R. Byrd, P. Lu and
 * J. Nocedal, ACM TOMS 23, 1997; version 3.0), which scikit-learn's `solver="lbfgs"` calls; the defaults are scikit-learn's. It computes in
 * float64; a network in float32 gets the values rounded, and its rounding is what ends the search.
 *
 * It takes up where the last iteration ended. When the parameters are others, or somebody has changed their values since, it starts
 * anew; where the loss itself has become another, {@link reset} tells it so.
 */
export class LBFGS implements BatchOptimizer {
  readonly name = "lbfgs";
  readonly settings: Readonly<Record<string, number>>;
  readonly #history: number;
  readonly #tolerance: number;
  readonly #lossTolerance: number;
  readonly #maxIterations: number;
  readonly #maxEvaluations: number;
  #place: Place | undefined;
  #pairs: CurvaturePairs;
  #iterations = 0;
  #evaluations = 0;
  #reason: EndReason | undefined;

  /** @throws InvalidArgumentError when there is no such option, or when one is out of range. */
  constructor(options: LBFGSOptions = {}) {
    requireKnownOptions("LBFGS", options, OPTIONS, "{ maxIterations: 200 }");
    const { history = 10, tolerance = 1e-4, lossTolerance = 1e7 * Number.EPSILON } = options;
    const { maxIterations = 200, maxEvaluations = 15_000 } = options;
    expectWholeNumber("history", history);
    expectTolerance("tolerance", tolerance);
    expectTolerance("lossTolerance", lossTolerance);
    expectWholeNumber("maxIterations", maxIterations);
    expectWholeNumber("maxEvaluations", maxEvaluations);
    this.settings = { history, tolerance, lossTolerance, maxIterations, maxEvaluations };
    this.#history = history;
    this.#tolerance = tolerance;
    this.#lossTolerance = lossTolerance;
    this.#maxIterations = maxIterations;
    this.#maxEvaluations = maxEvaluations;
    this.#pairs = new CurvaturePairs(history);
  }

  /** Forgets everything: the next iteration is a first one. */
  reset(): void {
    this.#place = undefined;
    this.#pairs = new CurvaturePairs(this.#history);
    this.#iterations = 0;
    this.#evaluations = 0;
    this.#reason = undefined;
  }

  save(): LBFGSState {
    const place = this.#place;
    return {
      iterations: this.#iterations,
      evaluations: this.#evaluations,
      reason: this.#reason ?? null,
      loss: place?.loss ?? Number.NaN,
      gradient: place?.gradient.slice() ?? null,
      pairs: this.#pairs.save(),
    };
  }

  restore(saved: SavedState, list: readonly Parameter[]): void {
    const { iterations, evaluations, reason, loss, gradient, pairs } = asState(saved);
    this.reset();
    if (gradient !== null) {
      const parameters = new FlatParameters(list);
      const vectors = [gradient, ...pairs.flatMap(({ s, y }) => [s, y])];
      if (vectors.some(({ length }) => length !== parameters.length)) {
        throw new InvalidArgumentError(
          `Expected a state of ${parameters.length} numbers for L-BFGS but received one of ${gradient.length}.`,
        );
      }
      const vector = () => new Float64Array(parameters.length);
      const values = parameters.readValues(vector());
      parameters.writeGradients(gradient);
      this.#place = {
        parameters,
        values,
        gradient: gradient.slice(),
        loss,
        direction: vector(),
        trial: vector(),
      };
    }
    this.#pairs.restore(pairs);
    this.#iterations = iterations;
    this.#evaluations = evaluations;
    this.#reason = reason ?? undefined;
  }

  minimize(evaluate: () => number, parameters: readonly Parameter[]): BatchProgress {
    this.reset();
    for (;;) {
      const progress = this.iterate(evaluate, parameters);
      if (progress.reason !== undefined) return progress;
    }
  }

  iterate(evaluate: () => number, parameters: readonly Parameter[]): BatchProgress {
    const iteration = this.iteration(parameters);
    try {
      let next = iteration.next();
      while (next.done !== true) next = iteration.next(evaluate());
      return next.value;
    } finally {
      iteration.return(this.#progress()); // Where `evaluate` has thrown.
    }
  }

  *iteration(parameters: readonly Parameter[]): Generator<void, BatchProgress, number> {
    const place = this.#placeOf(parameters) ?? (yield* this.#begin(parameters));
    const [pairs, evaluations] = [this.#pairs, this.#evaluations];
    let isDone = false;
    try {
      while (this.#reason === undefined) {
        this.#pairs.newtonDirection(place.gradient, place.direction); // -H gradient
        if (yield* this.#takeStep(place)) break;
        // The curvature that is remembered leads nowhere; down the gradient, then, unless it was that.
        if (this.#pairs.count === 0) this.#reason = "line search";
        this.#pairs = new CurvaturePairs(this.#history);
      }
      isDone = true;
      return this.#progress();
    } finally {
      if (!isDone) [this.#pairs, this.#evaluations] = [pairs, evaluations]; // As if it had not begun.
    }
  }

  /** What is known of these parameters; `undefined` where they are not those of the last iteration, or have other values. */
  #placeOf(parameters: readonly Parameter[]): Place | undefined {
    const place = this.#place;
    return place?.parameters.areThose(parameters) && place.parameters.haveValues(place.values)
      ? place
      : undefined;
  }

  *#begin(list: readonly Parameter[]): Generator<void, Place, number> {
    this.reset();
    const parameters = new FlatParameters(list);
    const vector = () => new Float64Array(parameters.length);
    const values = parameters.readValues(vector());
    const loss = yield;
    this.#evaluations = 1;
    const gradient = parameters.readGradients(vector());
    const place = { parameters, values, gradient, loss, direction: vector(), trial: vector() };
    const largest = largestOf(gradient);
    if (!Number.isFinite(loss) || !Number.isFinite(largest)) this.#reason = "not finite";
    else if (largest <= this.#tolerance) this.#reason = "gradient";
    this.#place = place;
    return place;
  }

  /** Steps in the place's direction. Gives `false`, with the parameters where they were, when no step there is good enough. */
  *#takeStep(place: Place): Generator<void, boolean, number> {
    const { parameters, values, gradient, direction, trial } = place;
    const start: LinePoint = { step: 0, loss: place.loss, slope: dot(gradient, direction) };
    if (!(start.slope < 0)) return false;
    const firstStep = this.#iterations === 0 ? Math.min(1 / Math.sqrt(dot(direction, direction)), 1e10) : 1;
    const search = searchLine(start, firstStep);
    let isTaken = false;
    try {
      let next = search.next();
      while (next.done !== true) {
        const step = next.value;
        parameters.writeValues(addScaled(values, step, direction, trial)); // x + step direction
        const loss = yield;
        this.#evaluations += 1;
        const slope = dot(parameters.readGradients(trial), direction);
        next = search.next({ step, loss, slope });
      }
      const { outcome, point } = next.value;
      if (outcome === "failed") return false;
      isTaken = true;
      this.#arrive(place, start, point);
      return true;
    } finally {
      if (!isTaken) {
        parameters.writeValues(values);
        parameters.writeGradients(gradient);
      }
    }
  }

  /** Learns from a step, and sees whether it was the last. The parameters are there already, and `trial` has the gradient. */
  #arrive(place: Place, start: LinePoint, { step, loss, slope }: LinePoint): void {
    const { parameters, values, gradient, direction, trial } = place;
    const curvature = step * (slope - start.slope); // sᵀ y
    if (curvature > -Number.EPSILON * step * start.slope) {
      this.#pairs.add(step, direction, trial, gradient, curvature);
    }
    parameters.readValues(values);
    gradient.set(trial);
    place.loss = loss;
    this.#iterations += 1;

    const gain = start.loss - loss;
    if (largestOf(gradient) <= this.#tolerance) this.#reason = "gradient";
    else if (gain <= this.#lossTolerance * Math.max(Math.abs(start.loss), Math.abs(loss), 1))
      this.#reason = "loss";
    else if (this.#iterations >= this.#maxIterations) this.#reason = "iterations";
    else if (this.#evaluations > this.#maxEvaluations) this.#reason = "evaluations";
  }

  #progress(): BatchProgress {
    const reason = this.#reason;
    return {
      loss: this.#place?.loss ?? Number.NaN,
      iterations: this.#iterations,
      evaluations: this.#evaluations,
      reason,
      converged: reason === "gradient" || reason === "loss",
    };
  }
}

/** What {@link LBFGS.save} tells; vectors have the order of the parameters in memory. */
type LBFGSState = {
  readonly iterations: number;
  readonly evaluations: number;
  readonly reason: EndReason | null;
  readonly loss: number;
  /** `null` before the first iteration. */
  readonly gradient: Float64Array | null;
  readonly pairs: readonly { readonly s: Float64Array; readonly y: Float64Array; readonly sy: number }[];
};

const REASONS: readonly unknown[] = [
  "gradient",
  "loss",
  "iterations",
  "evaluations",
  "line search",
  "not finite",
  null,
] satisfies readonly (EndReason | null)[];

function asState(saved: SavedState): LBFGSState {
  const state = (saved ?? {}) as Partial<LBFGSState>;
  const { iterations, evaluations, reason, loss, gradient, pairs } = state;
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const isVector = (value: unknown) => value instanceof Float64Array;
  const isState =
    isCount(iterations) &&
    isCount(evaluations) &&
    REASONS.includes(reason) &&
    typeof loss === "number" &&
    (gradient === null || isVector(gradient)) &&
    Array.isArray(pairs) &&
    pairs.every((pair) => isVector(pair?.s) && isVector(pair.y) && pair.sy > 0);
  if (!isState) throw new InvalidArgumentError("Expected a state that save returned for LBFGS.");
  return state as LBFGSState;
}

function expectTolerance(name: string, value: unknown): void {
  const isTolerance = Number.isFinite(value) && (value as number) >= 0;
  expectThat(isTolerance, "a finite number, 0 or more,", name, value);
}
