import { InvalidArgumentError } from "../../errors.js";
import { expectThat, show } from "../../system/expected.js";
import { isOptions, type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { COSINE_OPTIONS, type CosineOptions, cosine } from "./cosine.js";
import { COSINE_RESTARTS_OPTIONS, type CosineRestartsOptions, cosineRestarts } from "./cosine-restarts.js";
import { CYCLICAL_OPTIONS, type CyclicalOptions, cyclical } from "./cyclical.js";
import {
  EXPONENTIAL_DECAY_OPTIONS,
  type ExponentialDecayOptions,
  exponentialDecay,
  MULTI_STEP_DECAY_OPTIONS,
  type MultiStepDecayOptions,
  multiStepDecay,
  STEP_DECAY_OPTIONS,
  type StepDecayOptions,
  stepDecay,
} from "./decay.js";
import { INVERSE_SCALING_OPTIONS, type InverseScalingOptions, inverseScaling } from "./inverse-scaling.js";
import { ONE_CYCLE_OPTIONS, type OneCycleOptions, oneCycle } from "./one-cycle.js";
import { PIECEWISE_OPTIONS, type PiecewiseOptions, piecewise, type RatePoint } from "./piecewise.js";
import { POLYNOMIAL_DECAY_OPTIONS, type PolynomialDecayOptions, polynomialDecay } from "./polynomial.js";
import { constant, type Schedule } from "./schedule.js";
import { isShareOfSteps, type WarmUpOptions, warmUp } from "./warm-up.js";

/** The settings of every schedule by its name. */
export interface SettingsByName {
  readonly constant: Readonly<Record<never, never>>;
  readonly step: StepDecayOptions;
  readonly multiStep: MultiStepDecayOptions;
  readonly exponential: ExponentialDecayOptions;
  readonly polynomial: PolynomialDecayOptions;
  readonly cosine: Omit<CosineOptions, "warmUp">;
  readonly cosineRestarts: CosineRestartsOptions;
  readonly oneCycle: OneCycleOptions;
  readonly cyclical: CyclicalOptions;
  readonly inverseScaling: InverseScalingOptions;
  readonly piecewise: PiecewiseOptions & { readonly points: readonly RatePoint[] };
}

export type ScheduleName = keyof SettingsByName;

/**
 * A schedule as a plain object, as a configuration file has it: its name as `type`, its options, and for any of them a warm-up, of which a
 * number says the length: `{ type: "step", stepSize: 10, warmUp: 0.1 }`.
 */
export type ScheduleSpecification = {
  readonly [Name in ScheduleName]: {
    readonly type: Name;
    readonly warmUp?: number | WarmUpOptions;
  } & SettingsByName[Name];
}[ScheduleName];

interface ScheduleKind<Settings> {
  /** What it can be told, beside the warm-up. */
  readonly settings: KnownOptions<Settings>;
  readonly create: (learningRate: number, settings: Settings) => Schedule;
}

const { warmUp: _, ...COSINE_SETTINGS } = COSINE_OPTIONS; // A warm-up goes before any schedule, and is none of its settings.

/** Every schedule by its name. */
const SCHEDULES: { readonly [Name in ScheduleName]: ScheduleKind<SettingsByName[Name]> } = {
  constant: {
    settings: {},
    create: (learningRate, settings) => {
      requireKnownOptions("constant", settings, {}, "{}");
      return constant(learningRate);
    },
  },
  step: { settings: STEP_DECAY_OPTIONS, create: stepDecay },
  multiStep: { settings: MULTI_STEP_DECAY_OPTIONS, create: multiStepDecay },
  exponential: { settings: EXPONENTIAL_DECAY_OPTIONS, create: exponentialDecay },
  polynomial: { settings: POLYNOMIAL_DECAY_OPTIONS, create: polynomialDecay },
  cosine: { settings: COSINE_SETTINGS, create: cosine },
  cosineRestarts: { settings: COSINE_RESTARTS_OPTIONS, create: cosineRestarts },
  oneCycle: { settings: ONE_CYCLE_OPTIONS, create: oneCycle },
  cyclical: { settings: CYCLICAL_OPTIONS, create: cyclical },
  inverseScaling: { settings: INVERSE_SCALING_OPTIONS, create: inverseScaling },
  piecewise: {
    settings: { ...PIECEWISE_OPTIONS, points: true },
    create: (_, { points, ...options }) => piecewise(points, options),
  },
};

export const SCHEDULE_NAMES = Object.keys(SCHEDULES) as readonly ScheduleName[];

/** The names of what a schedule can be told, beside the warm-up. */
export function scheduleSettings(name: ScheduleName): readonly string[] {
  return Object.keys(SCHEDULES[name].settings);
}

/**
 * The schedule that a specification tells of.
 *
 * @param learningRate The highest rate: where nothing rises the first one. A finite number above 0; `piecewise` has rates of its own.
 * @throws InvalidArgumentError when there is no such schedule, when it has no such option, or when one is out of range.
 */
export function createSchedule(specification: ScheduleSpecification, learningRate: number): Schedule {
  checkType(specification);
  const { type, warmUp: rise = 0, ...settings } = specification;
  const create = SCHEDULES[type].create as (learningRate: number, settings: object) => Schedule; // The type says which settings.
  const schedule = create(learningRate, settings);
  return rise === 0 ? schedule : warmUp(schedule, typeof rise === "number" ? { length: rise } : rise);
}

/**
 * Whether the learning rate of a step depends on how many epochs the training has in all: then a training that goes on for more epochs is
 * not the one that had more from the beginning.
 *
 * @throws InvalidArgumentError when there is no such schedule.
 */
export function dependsOnEpochs(specification: ScheduleSpecification): boolean {
  checkType(specification);
  const { warmUp: rise = 0 } = specification;
  if (isShareOfSteps(typeof rise === "number" ? { length: rise } : rise)) return true;
  switch (specification.type) {
    case "polynomial":
    case "cosine":
    case "oneCycle":
      return specification.length === undefined;
    default:
      return false;
  }
}

function checkType(specification: ScheduleSpecification): void {
  expectThat(isOptions(specification), 'an object, such as { type: "cosine" },', "schedule", specification);
  if (SCHEDULE_NAMES.some((name) => name === specification.type)) return;
  throw new InvalidArgumentError(
    `Expected one of ${SCHEDULE_NAMES.join(", ")} for the type of a schedule but received ${show(specification.type)}.`,
  );
}
