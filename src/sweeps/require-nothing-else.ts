import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { SweepError } from "../errors.js";
import { asOutputError } from "../system/system-error.js";

/** What the plan of a sweep is made of. */
export const SWEEP_FILE = "sweep.json";
/** As many names stand in a message. */
const MOST_NAMES = 3;

/**
 * Refuses a folder for a new sweep in which there is something that has nothing to do with it. What may be there: what the sweep is made of,
 * hidden files, and folders of other sweeps that a worker of a queue has in its own, if it was begun before this sweep.
 *
 * @param needed Files and folders that the sweep is made of.
 * @throws SweepError naming what there is.
 * @throws OutputError when it is no folder that can be read.
 */
export async function requireNothingElse(directory: string, needed: readonly string[]): Promise<void> {
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw asOutputError(error, directory);
  }
  if (names.includes(SWEEP_FILE)) return; // Whoever writes it says that there is one.
  const places = needed.map((place) => resolve(place));
  const isNeeded = (path: string) =>
    places.some((place) => place === path || place.startsWith(`${path}${sep}`));
  const others = names
    .filter((name) => !name.startsWith("."))
    .filter((name) => !isNeeded(resolve(directory, name)))
    .filter((name) => !existsSync(join(directory, name, SWEEP_FILE)))
    .sort();
  if (others.length === 0) return;
  const rest = others.length - MOST_NAMES;
  const what = `${others.slice(0, MOST_NAMES).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  throw new SweepError(
    `${directory} holds what is none of this sweep's: ${what}; name a new folder, or an empty one.`,
  );
}
