import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ConfigFormatError, InvalidArgumentError, SweepError } from "../errors.js";
import { createFileAtomically } from "../system/create-file.js";
import { expectThat, expectWholeNumber, show } from "../system/expected.js";
import { asJson } from "../system/files.js";
import { isOptions } from "../system/known-options.js";
import { packageVersion } from "../system/package-version.js";
import { type Plan, planTrials } from "./plan.js";
import type { ScheduledSweep } from "./schedule.js";
import type { Space } from "./space.js";
import type { SweepConfig } from "./sweep-config.js";
import { FORMAT, folderOf, holdSweep, readSweepFile, SWEEP_FILE } from "./sweep-folder.js";
import type { Outcome } from "./trial.js";

/** What a sweep of a program's own objective is planned by. */
export interface ObjectivePlanOptions {
  readonly space: Space;
  readonly search?: SweepConfig["search"];
  readonly seeds?: readonly number[] | undefined;
  readonly halving?: (NonNullable<SweepConfig["halving"]> & { readonly maxEpochs: number }) | undefined;
  readonly mode?: "min" | "max" | undefined;
}

/** Names of columns that the results have anyhow, and `seed`, which has an option of its own. */
const TAKEN = ["trial", "seed", "state", "rung", "epochs", "value", "reason"];

/**
 * The plan of a sweep of a program's own objective.
 *
 * @throws InvalidArgumentError when something is not as it must be.
 */
export async function planObjective({
  space,
  search,
  seeds,
  halving,
  mode,
}: ObjectivePlanOptions): Promise<Plan> {
  expectThat(
    isOptions(space) && Object.keys(space).length > 0,
    "an object with at least one parameter",
    "space",
    space,
  );
  for (const [name, parameter] of Object.entries(space)) checkName(name, parameter);
  const { maxEpochs, ...rungs } = halving ?? {};
  const given = Object.entries({ search, seeds, mode, halving: halving && rungs });
  try {
    const { checkOutline, checkSearch } = await import("./check-sweep.js");
    const outline = await checkOutline({
      parameters: space,
      ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    });
    checkSearch(outline);
    if (halving !== undefined) {
      expectWholeNumber("halving.maxEpochs", maxEpochs);
      expectThat(
        halving.maxEpochs > (halving.minEpochs ?? 1),
        `more than halving.minEpochs, which is ${halving.minEpochs ?? 1},`,
        "halving.maxEpochs",
        maxEpochs,
      );
    }
    return planTrials({ ...outline, metric: "value", mode: mode ?? "min" }, () => ({
      epochs: maxEpochs ?? 1,
    }));
  } catch (error) {
    if (!(error instanceof ConfigFormatError)) throw error;
    throw new InvalidArgumentError(`sweep: ${error.message.replaceAll("parameters.", "space.")}`, {
      cause: error,
    });
  }
}

function checkName(name: string, parameter: unknown): void {
  if (name === "seed") {
    throw new InvalidArgumentError(
      "Expected seeds: [1, 2, 3] instead of a parameter seed in space; each combination is tried with each of them.",
    );
  }
  if (TAKEN.includes(name)) {
    throw new InvalidArgumentError(
      `Expected another name than ${name} for a parameter in space, as the results have a column of that name.`,
    );
  }
  const { values } = (isOptions(parameter) ? parameter : {}) as { readonly values?: unknown };
  const wrong = Array.isArray(values) ? values.find((value) => !isSettingValue(value)) : undefined;
  if (wrong !== undefined || (Array.isArray(values) && values.includes(undefined))) {
    throw new InvalidArgumentError(
      `Expected texts, finite numbers, true, false, null, or lists and objects of these for space.${name}.values but received ${show(wrong)}; of anything else give the name, and have objective choose by it.`,
    );
  }
}

/** Whether JSON gives a value back as it is. */
function isSettingValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isSettingValue);
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string" || typeof value === "boolean" || value === null) return true;
  return (
    isOptions(value) &&
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every(isSettingValue)
  );
}

/** A sweep whose outcomes end with the program. */
export function sweepInMemory(plan: Plan): ScheduledSweep {
  const outcomes: Outcome[] = [];
  return {
    plan,
    async outcomes() {
      return [...outcomes];
    },
    async record(outcome) {
      outcomes.push(outcome);
      return outcome;
    },
    async writeResults() {},
  };
}

/**
 * A sweep whose outcomes are kept in a folder: that of a sweep with the same space and the same options, or a new one.
 *
 * @returns The sweep, which this process holds until `release` is called.
 * @throws SweepError when the folder is that of another sweep, or when another process holds it.
 */
export async function sweepInFolder(
  directory: string,
  plan: Plan,
  options: ObjectivePlanOptions,
): Promise<{ readonly sweep: ScheduledSweep; readonly release: () => void }> {
  const release = await holdSweep({ directory });
  try {
    const config: unknown = JSON.parse(JSON.stringify({ ...options, mode: plan.mode }));
    const path = join(directory, SWEEP_FILE);
    if (!existsSync(path)) {
      const id = randomUUID();
      await createFileAtomically(
        path,
        asJson({ format: FORMAT, version: packageVersion(), id, kind: "objective", config }),
      );
      return { sweep: folderOf(directory, id, { train: {}, parameters: options.space }, plan), release };
    }
    const { id, kind, config: kept } = await readSweepFile(path);
    if (kind !== "objective") {
      throw new SweepError(
        `${directory} holds a sweep of trainings, and none of an objective; name another folder.`,
      );
    }
    requireSame(directory, kept, config);
    return { sweep: folderOf(directory, id, { train: {}, parameters: options.space }, plan), release };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Refuses to go on with a sweep by other settings than it was begun with.
 *
 * @throws SweepError naming the first that differs.
 */
export function requireSame(directory: string, kept: unknown, asked: unknown): void {
  const [before, now] = [kept, asked].map(
    (config) => (isOptions(config) ? config : {}) as Record<string, unknown>,
  );
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(now ?? {})]);
  for (const name of names) {
    if (isDeepStrictEqual(before?.[name], now?.[name])) continue;
    throw new SweepError(
      `${directory} holds a sweep with another ${name === "parameters" ? "space" : name}; name another folder, or go on with what it was begun with.`,
    );
  }
}
