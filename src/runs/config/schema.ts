import { type Static, Type } from "typebox";
import { DATA } from "./data-schema.js";
import { DEFINITIONS, NETWORK } from "./network-schema.js";
import { STOPPING } from "./stopping-schema.js";
import { RUN, TRAINING } from "./training-schema.js";

// The one place that says what a configuration may have: its type, its check and the published JSON schema come from here. What a
// setting means for the options of `train` stands in options-of-config.ts.

const SETTINGS = Type.Object({
  $schema: Type.Optional(Type.String({ description: "Where editors find what the file may have" })),
  ...DATA,
  ...NETWORK,
  ...TRAINING,
  ...STOPPING,
  ...RUN,
});

/** What `train --config FILE` reads, and `train --out` keeps as config.json. Whatever it leaves out has its default. */
export type TrainConfig = Readonly<Static<typeof SETTINGS>>;

/** What version 0.1.0 wrote beside the settings, about machine and data. It is accepted and not read. */
export const OF_OLDER_VERSIONS = [
  "version",
  "kernelSet",
  "classes",
  "classNames",
  "examples",
  "environment",
] as const;

const older = Object.fromEntries(
  OF_OLDER_VERSIONS.map((name) => [
    name,
    { deprecated: true, description: "Written by version 0.1.0, and not read" },
  ]),
);

/** JSON schema of a configuration, draft 7: the one that all editors know. */
export const CONFIG_SCHEMA = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Configuration of mnist-native train",
  ...SETTINGS,
  properties: { ...SETTINGS.properties, ...older },
  additionalProperties: false,
  $defs: DEFINITIONS,
} as const;
