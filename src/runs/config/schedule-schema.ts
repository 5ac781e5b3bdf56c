import { Type } from "typebox";
import {
  SCHEDULE_NAMES,
  type ScheduleName,
  type ScheduleSpecification,
} from "../../training/schedules/specification.js";
import { choice, flag, number, typed, wholeNumber } from "./fields.js";

// What a schedule can be told, by its `type`. What depends on the learning rate, such as that none falls to more than it, is no matter of
// the schema.

const FACTOR = { exclusiveMinimum: 0, maximum: 1 } as const;

const unit = (what: string, standard: "epoch" | "step" = "epoch") =>
  choice(["epoch", "step"], `What ${what}`, standard);
const gamma = number("What the rate is multiplied by", { ...FACTOR, default: 0.1 });
const length = number("How long it takes; by default the whole training", { exclusiveMinimum: 0 });
const final = number("The rate that it falls to, at most the highest", { minimum: 0, default: 0 });

const warmUp = Type.Optional(
  Type.Union(
    [
      Type.Number({ minimum: 0, exclusiveMaximum: 1 }),
      Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
      Type.Object(
        {
          length: Type.Number({
            minimum: 0,
            description: "Steps, below 1 a share of all steps, or with the unit epoch any number of epochs",
          }),
          unit: unit("length counts", "step"),
          start: number("The share of the first rate that it starts from", FACTOR),
        },
        { additionalProperties: false },
      ),
    ],
    {
      description:
        "Steps in which the rate rises first, or below 1 a share of all steps; or an object that says more",
      default: 0,
    },
  ),
);

/** Any schedule may follow a warm-up. */
function schedule<const Name extends ScheduleName, Fields extends Parameters<typeof typed>[1]>(
  type: Name,
  fields: Fields,
  description: string,
) {
  return typed(type, { ...fields, warmUp }, description);
}

const SCHEDULES = [
  schedule("constant", {}, "The same rate for every step"),
  schedule(
    "step",
    {
      stepSize: Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        description: "After how many epochs or steps the rate is multiplied, each time",
      }),
      gamma,
      unit: unit("stepSize counts"),
    },
    "Multiplies the rate again and again",
  ),
  schedule(
    "multiStep",
    {
      milestones: Type.Array(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), {
        minItems: 1,
        description: "After how many epochs or steps in all the rate is multiplied, ascending",
      }),
      gamma,
      unit: unit("milestones count"),
    },
    "Multiplies the rate at certain times",
  ),
  schedule(
    "exponential",
    {
      gamma: Type.Number({ ...FACTOR, description: "What the rate is multiplied by" }),
      unit: unit("the rate is multiplied after"),
    },
    "Multiplies the rate after every epoch or step",
  ),
  schedule(
    "polynomial",
    {
      power: number("1: in a line", { exclusiveMinimum: 0, default: 1 }),
      length,
      final,
      unit: unit("length counts, and the rate changes after"),
    },
    "Falls as a power of the time that is left",
  ),
  schedule(
    "cosine",
    { final, length, unit: unit("length counts") },
    "Falls to 0 by half a wave of the cosine",
  ),
  schedule(
    "cosineRestarts",
    {
      period: Type.Number({ exclusiveMinimum: 0, description: "How long the first fall takes" }),
      multiplier: wholeNumber("How many times as long as the one before each further fall takes", {
        minimum: 1,
        default: 1,
      }),
      final,
      unit: unit("period counts"),
    },
    "Falls by half a wave of the cosine, again and again",
  ),
  schedule(
    "oneCycle",
    {
      pctStart: number("The share of all steps in which the rate rises, with threePhase at most 0.5", {
        minimum: 0,
        maximum: 1,
        default: 0.3,
      }),
      divFactor: number("It begins at the highest rate through this", { minimum: 1, default: 25 }),
      finalDivFactor: number("It ends at its first rate through this", { minimum: 1, default: 1e4 }),
      annealStrategy: choice(["cos", "linear"], "Whether it goes by waves of the cosine or in lines", "cos"),
      threePhase: flag("Whether it falls as long as it rises, and from there to the end", false),
      length,
      unit: unit("length counts"),
    },
    "Rises to its highest rate and falls far below its first one",
  ),
  schedule(
    "cyclical",
    {
      base: number("The lowest rate; by default a quarter of the highest", { exclusiveMinimum: 0 }),
      stepSizeUp: number("How long each rise takes", { exclusiveMinimum: 0, default: 2000 }),
      stepSizeDown: number("How long each fall takes; by default as long as the rise", {
        exclusiveMinimum: 0,
      }),
      mode: choice(
        ["triangular", "triangular2", "expRange"],
        "How high it rises: always as high, each time half as high, or less far by gamma",
        "triangular",
      ),
      gamma: number("Of expRange", { ...FACTOR, default: 1 }),
      unit: unit("stepSizeUp and stepSizeDown count", "step"),
    },
    "Rises from a base and falls back, again and again",
  ),
  schedule(
    "inverseScaling",
    {
      power: number("scikit-learn's power_t", { minimum: 0, default: 0.5 }),
      unit: unit("the rate changes after"),
    },
    "Falls by a power of the examples so far, as scikit-learn's invscaling",
  ),
  schedule(
    "piecewise",
    {
      points: Type.Unsafe<readonly (readonly [time: number, rate: number])[]>({
        type: "array",
        minItems: 1,
        items: { type: "array", minItems: 2, maxItems: 2, items: { type: "number", minimum: 0 } },
        description: "Pairs of a time and the learning rate from then on, times ascending",
      }),
      interpolate: flag("Whether the rate goes in a line from each point to the next", false),
      unit: unit("times count"),
    },
    "Learning rates by pairs",
  ),
] as const;

export const SCHEDULE = Type.Optional(
  Type.Unsafe<ScheduleName | ScheduleSpecification>({
    description: "How the learning rate goes: a name, or an object with its options",
    anyOf: [{ enum: [...SCHEDULE_NAMES] }, ...SCHEDULES],
  }),
);
