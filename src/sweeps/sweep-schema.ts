import { type TObject, Type } from "typebox";
import { choice, text, wholeNumber } from "../runs/config/fields.js";
import { CONFIG_SCHEMA } from "../runs/config/schema.js";

// The one place that says what the configuration of a sweep may have: its check and the published JSON schema come from here. What no
// schema can say, such as that a path is one of a setting, is checked in check-sweep.ts.

const values = (description: string) =>
  Type.Array(Type.Unknown(), { minItems: 1, uniqueItems: true, description });

const VALUES = Type.Object(
  { values: values("Each of them; with random search, one drawn at random") },
  { description: "One of some values", additionalProperties: false },
);

function distribution<const Name extends string, Fields extends Parameters<typeof Type.Object>[0]>(
  name: Name,
  fields: Fields,
  description: string,
) {
  return Type.Object(
    { distribution: Type.Literal(name), ...fields },
    { description, additionalProperties: false },
  );
}

const bounds = (bound: { readonly exclusiveMinimum?: number } = {}) => ({
  min: Type.Number({ description: "The least", ...bound }),
  max: Type.Number({ description: "The most", ...bound }),
});

const largest = Number.MAX_SAFE_INTEGER;
const whole = (description: string) => Type.Integer({ minimum: -largest, maximum: largest, description });

/** By the name of the distribution. */
export const DISTRIBUTIONS = {
  uniform: distribution("uniform", bounds(), "Any number of a range, all alike"),
  logUniform: distribution(
    "logUniform",
    bounds({ exclusiveMinimum: 0 }),
    "A number of a range whose logarithm may be any, all alike",
  ),
  integer: distribution(
    "integer",
    { min: whole("The least"), max: whole("The most, which may be drawn, too") },
    "A whole number of a range, all alike",
  ),
  choice: distribution("choice", { values: values("All alike") }, "One of some values, drawn at random"),
} as const;

/** What has no distribution. */
export const PARAMETER_OF_VALUES = VALUES;

const seed = wholeNumber("Of the draws: the same seed, the same trials", {
  minimum: 0,
  maximum: 2 ** 32 - 1,
  default: 123,
});

/** As a whole training may have it, but that names of layers and losses stand at the root. */
const {
  $schema: _,
  title: __,
  $defs,
  ...TRAIN
} = CONFIG_SCHEMA as unknown as TObject & {
  readonly $schema: string;
  readonly title: string;
  readonly $defs: object;
};

/** All but `train` and `parameters`, whose faults are told by schemas of their own. */
const SEARCH = {
  $schema: Type.Optional(Type.String({ description: "Where editors find what the file may have" })),
  config: text(
    "A configuration of train, JSON or YAML, that settings in train stand over. A relative path is taken from the folder that this file is in",
  ),
  seeds: Type.Optional(
    Type.Array(Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }), {
      minItems: 1,
      uniqueItems: true,
      description: "Each combination of settings is trained with each of these; by default with train.seed",
    }),
  ),
  search: Type.Optional(
    Type.Union(
      [
        Type.Object(
          { type: Type.Literal("grid") },
          { description: "All combinations of values", additionalProperties: false },
        ),
        Type.Object(
          {
            type: Type.Literal("random"),
            trials: Type.Integer({
              minimum: 1,
              maximum: largest,
              description: "How many combinations are drawn",
            }),
            seed,
          },
          { description: "Combinations drawn at random", additionalProperties: false },
        ),
      ],
      { description: "How settings are chosen; by default all combinations" },
    ),
  ),
  halving: Type.Optional(
    Type.Object(
      {
        type: Type.Enum(["synchronous", "asynchronous"], {
          description:
            "synchronous: a rung begins when the one before has ended; asynchronous: ASHA, where who goes on depends on the order in which trials end",
        }),
        minEpochs: wholeNumber("How many epochs the trials of the first rung have", {
          minimum: 1,
          default: 1,
        }),
        factor: wholeNumber("Of so many trials the best one goes on, to so many times the epochs", {
          minimum: 2,
          default: 3,
        }),
      },
      {
        description: "Only the best trials go on; by default all have all epochs",
        additionalProperties: false,
      },
    ),
  ),
  metric: text(
    "The figure that trials are compared by, such as validation.accuracy; by default validation.loss",
  ),
  mode: choice(
    ["min", "max"],
    "Whether less of the figure is better or more; by default what it is made for",
  ),
} as const;

/** What is checked first; any object may be `train`, and each parameter anything. */
export const SWEEP_OUTLINE = Type.Object(
  {
    ...SEARCH,
    train: Type.Optional(Type.Object({})),
    parameters: Type.Optional(Type.Object({})),
  },
  { additionalProperties: false },
);

/** JSON schema of a sweep's configuration, draft 7: the one that all editors know. */
export const SWEEP_SCHEMA = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Configuration of mnist-native sweep",
  type: "object",
  properties: {
    ...SEARCH,
    train: { ...TRAIN, description: "Settings that all trials share, as train --config has them" },
    parameters: {
      type: "object",
      description:
        "What varies, by the paths of settings, such as learningRate, optimizer.momentum and layers.0.units",
      additionalProperties: { anyOf: [VALUES, ...Object.values(DISTRIBUTIONS)] },
    },
  },
  additionalProperties: false,
  $defs,
} as const;
