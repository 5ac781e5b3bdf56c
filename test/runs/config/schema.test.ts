import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOptimizer, type OptimizerSpecification } from "../../../src/optim/specification.js";
import { findFault } from "../../../src/runs/config/find-fault.js";
import { CONFIG_SCHEMA, type TrainConfig } from "../../../src/runs/config/schema.js";
import {
  createSchedule,
  SCHEDULE_NAMES,
  type ScheduleName,
  type ScheduleSpecification,
  scheduleSettings,
} from "../../../src/training/schedules/specification.js";
import { configs } from "./some-configs.js";

/** What an editor checks by. */
const check = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(
  JSON.parse(JSON.stringify(CONFIG_SCHEMA)),
);
const golden = ["0.1.0", "0.2.0"].map((version) => {
  const url = new URL(`../../golden/runs/${version}/config.json`, import.meta.url);
  return JSON.parse(readFileSync(fileURLToPath(url), "utf8"));
});

/** Every place of a value: the keys that lead there. */
function placesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, part]) => placesOf(part, [...path, key]))];
}

/** A copy with another value at a place. */
function withValue(value: unknown, [key, ...path]: readonly string[], put: unknown): unknown {
  if (key === undefined) return put;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = withValue(copy[key], path, put);
  return copy;
}

const mutated = fc
  .tuple(configs, fc.nat(), fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("value", "key"))
  .map(([config, n, put, what]) => {
    const places = placesOf(config);
    const place = places[n % places.length] ?? [];
    const isNew = what === "key" && typeof valueAt(config, place) === "object";
    const other = withValue(config, isNew ? [...place, "momentun"] : place, put);
    return JSON.parse(JSON.stringify(other)); // As text has it: checkers differ about whether 0 and -0 are two numbers.
  });

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], value);
}

describe("the published schema", () => {
  it("is what the build wrote, and the package exports", () => {
    const root = new URL("../../../", import.meta.url);
    const { exports } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
    const published = JSON.parse(readFileSync(new URL(exports["./config.schema.json"], root), "utf8"));
    expect(published).toEqual(JSON.parse(JSON.stringify(CONFIG_SCHEMA)));
  });

  it("says what each key is for", () => {
    const { properties, $defs } = JSON.parse(JSON.stringify(CONFIG_SCHEMA));
    for (const [key, { description }] of Object.entries<{ description?: string }>(properties)) {
      expect(description, key).toMatch(/^[A-Za-z]/);
    }
    for (const { anyOf } of Object.values<{ anyOf: { description?: string }[] }>($defs)) {
      for (const { description } of anyOf) expect(description).toMatch(/^[A-Z]/);
    }
  });

  it("takes what every version wrote", () => {
    for (const config of golden) {
      check(config);
      expect(check.errors).toBeNull();
      expect(findFault(config)).toBeUndefined();
    }
  });

  it("takes any configuration, for an editor as for train", () => {
    fc.assert(
      fc.property(configs, (config) => {
        check(config);
        expect(check.errors).toBeNull();
        expect(findFault(config)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it("refuses one with a change where an editor does, with a sentence", () => {
    let refused = 0;
    fc.assert(
      fc.property(mutated, (config) => {
        const fault = findFault(config);
        expect(fault === undefined).toBe(check(config));
        if (fault === undefined) return;
        refused += 1;
        expect(fault).toMatch(/^(expected .+(received .+|there is none)|there is no key ".*"; .+)[.?]$/s);
        expect(fault).not.toMatch(/undefined|\[object|NaN/);
      }),
      { numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  it("has the options of every optimizer, with the ranges that it takes them in", () => {
    const { optimizer } = JSON.parse(JSON.stringify(CONFIG_SCHEMA)).properties;
    const [names, ...branches] = optimizer.anyOf;
    expect(
      branches.map(({ properties }: { properties: { type: { const: string } } }) => properties.type.const),
    ).toEqual(names.enum);
    const make = (specification: object) => createOptimizer(specification as OptimizerSpecification);
    for (const { properties } of branches) {
      const type = properties.type.const;
      const { settings = {} } = make({ type }) as { settings?: Record<string, unknown> };
      for (const [name, { default: standard }] of Object.entries<{ default?: unknown }>(properties)) {
        if (name === "type") continue;
        if (name in settings) expect(standard, `${type}.${name}`).toBe(settings[name]);
        for (const value of [-1, 0, 1e-31, 0.5, 1, 1.5, 2, "x", true]) {
          const others = name === "nesterov" ? { momentum: 0.9 } : {};
          const isTaken = (): boolean => {
            try {
              make({ type, ...others, [name]: value });
              return true;
            } catch {
              return false;
            }
          };
          const fault = findFault({ optimizer: { type, ...others, [name]: value } });
          expect(fault === undefined, `${type}.${name} = ${value}`).toBe(isTaken());
        }
      }
      for (const name of Object.keys(settings)) expect(properties).toHaveProperty(name);
    }
  });

  it("has the settings of every schedule, with the ranges that it takes them in", () => {
    const { schedule } = JSON.parse(JSON.stringify(CONFIG_SCHEMA)).properties;
    const [names, ...branches] = schedule.anyOf;
    expect(names.enum).toEqual(SCHEDULE_NAMES);
    const required: Readonly<Record<string, object>> = {
      step: { stepSize: 3 },
      multiStep: { milestones: [3, 4] },
      exponential: { gamma: 0.9 },
      cosineRestarts: { period: 3 },
      piecewise: { points: [[0, 0.1]] },
    };
    const types: string[] = [];
    for (const { properties } of branches) {
      const type = properties.type.const as ScheduleName;
      types.push(type);
      expect(Object.keys(properties)).toEqual(
        expect.arrayContaining(["type", ...scheduleSettings(type), "warmUp"]),
      );
      expect(Object.keys(properties)).toHaveLength(scheduleSettings(type).length + 2);
      for (const name of [...scheduleSettings(type), "warmUp"]) {
        for (const value of [-1, 0, 0.25, 0.5, 1, 1.5, 2, 1e4, "x", "step", true, [], [2], [[0, 1]], {}]) {
          const specification = { type, ...required[type], [name]: value };
          const isTaken = (): boolean => {
            try {
              createSchedule(specification as ScheduleSpecification, 1e6);
              return true;
            } catch {
              return false;
            }
          };
          const fault = findFault({ schedule: specification });
          expect(fault === undefined, `${type}.${name} = ${JSON.stringify(value)}: ${fault}`).toBe(isTaken());
        }
      }
    }
    expect(types).toEqual(SCHEDULE_NAMES);
  });

  it.each<[what: object, sentence: string]>([
    [
      { schedule: { type: "step", stepsize: 3 } },
      'there is no key "schedule.stepsize"; did you mean schedule.stepSize?',
    ],
    [
      { schedule: { type: "step" } },
      "expected a whole number of at least 1 for schedule.stepSize, but there is none.",
    ],
    [
      { schedule: "one-cycle" },
      'expected one of constant, step, multiStep, exponential, polynomial, cosine, cosineRestarts, oneCycle, cyclical, inverseScaling, piecewise, or an object with a type for schedule but received "one-cycle"; did you mean oneCycle?',
    ],
    [
      { schedule: { type: "cosine", warmUp: { lenght: 3 } } },
      'there is no key "schedule.warmUp.lenght"; did you mean schedule.warmUp.length?',
    ],
    [
      { schedule: { type: "cosine", warmUp: "x" } },
      'expected a finite number of at least 0 and below 1, or a whole number of at least 1, or an object for schedule.warmUp but received "x".',
    ],
    [
      { schedule: { type: "piecewise", points: [[0, 0.1], [3]] } },
      "expected a list of 2 items for schedule.points[1] but received a list of 1.",
    ],
    [
      { earlyStopping: { patiense: 3 } },
      'there is no key "earlyStopping.patiense"; did you mean earlyStopping.patience?',
    ],
    [{ earlyStopping: 5 }, "expected an object for earlyStopping but received 5."],
    [{ earlystopping: {} }, 'there is no key "earlystopping"; did you mean earlyStopping?'],
    [
      { reduceOnPlateau: { factor: 1 } },
      "expected a finite number above 0 and below 1 for reduceOnPlateau.factor but received 1.",
    ],
    [{ minDelta: 1 }, 'there is no key "minDelta"; did you mean earlyStopping.minDelta?'],
    [{ folds: 3 }, 'there is no key "folds"; did you mean crossValidation.folds?'],
    [{ metrics: "f1Macro" }, 'expected a list for metrics but received "f1Macro".'],
    [{ timeLimit: 0 }, "expected a finite number above 0 for timeLimit but received 0."],
  ])("says what is wrong with %j", (config, sentence) => {
    expect(findFault(config)).toBe(sentence);
  });

  it("gives a type that fits what the library takes", () => {
    const config: TrainConfig = { optimizer: { type: "sgd", momentum: 0.9 }, layers: [784, 10] };
    const { optimizer } = config;
    if (typeof optimizer !== "object") throw new Error("It is an object.");
    expect(createOptimizer(optimizer)).toMatchObject({ name: "sgd", settings: { momentum: 0.9 } });
    // @ts-expect-error: Adam has no momentum.
    const wrong: TrainConfig = { optimizer: { type: "adam", momentum: 0.9 } };
    // @ts-expect-error: There is no such key.
    const unknown: TrainConfig = { epoch: 3 };
    expect([findFault(wrong), findFault(unknown)]).not.toContain(undefined);
  });
});
