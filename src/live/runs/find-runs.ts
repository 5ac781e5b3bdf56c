import { createHash } from "node:crypto";
import { type Dirent, realpathSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import {
  CHECKPOINT_FOLDER,
  CONFIG_FILE,
  ENVIRONMENT_FILE,
  LOCK_FILE,
  METRICS_FILE,
  MODEL_FILE,
  SUMMARY_FILE,
} from "../../runs/run-folder.js";
import { printable } from "../../system/printable.js";

/** The deepest that a run may be below a folder that was named, and the most folders that are looked into. */
const DEEPEST = 6;
const MOST_FOLDERS = 5000;
/** The most runs that are shown: the newest. */
export const MOST_RUNS = 500;

/** Two of them make a folder a run's: other programs, too, have a config.json. */
const RUN_FILES = [
  CONFIG_FILE,
  ENVIRONMENT_FILE,
  METRICS_FILE,
  SUMMARY_FILE,
  MODEL_FILE,
  CHECKPOINT_FOLDER,
  LOCK_FILE,
];

/** A run's folder, or a model that came without one. */
export interface FoundRun {
  readonly kind: "folder" | "model";
  /** Absolute, and free of symbolic links. */
  readonly path: string;
  /** Nothing that is read of the run may be outside of this folder. */
  readonly root: string;
  /** Its place below what was named: all that is told of where it is. */
  readonly name: string;
}

/** Whether a path, or a name, is that of a model. */
export function isModelName(path: string): boolean {
  return /\.safetensors$/i.test(path);
}

/** Short, the same after a restart, and nothing that tells the path. */
export function runIdOf(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 12);
}

/** The absolute path without symbolic links, of what need not be there yet, or cannot be looked into. */
export function realPathOf(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch (error) {
    const parent = dirname(absolute);
    if (!(isMissing(error) || isDenied(error)) || parent === absolute) throw error;
    return join(realPathOf(parent), basename(absolute));
  }
}

/**
 * The runs and models that are named, and those below folders that are. Hidden folders and symbolic links below a named folder are passed
 * over, and so is what cannot be looked into. What is missing may come later.
 *
 * @param paths Folders of runs, folders with such below them, and model files.
 * @returns The newest {@link MOST_RUNS}, in no order.
 */
export async function findRuns(paths: readonly string[]): Promise<readonly FoundRun[]> {
  const found = new Map<string, FoundRun>();
  const budget = { folders: MOST_FOLDERS };
  for (const path of paths) {
    const root = realPathOf(path);
    const prefix = paths.length === 1 ? "" : `${basename(root)}/`;
    for (const run of await findBelow(root, prefix, budget)) {
      if (!found.has(run.path)) found.set(run.path, run);
    }
  }
  return newest([...found.values()]);
}

async function findBelow(
  root: string,
  prefix: string,
  budget: { folders: number },
): Promise<readonly FoundRun[]> {
  if (isModelName(root)) {
    const isFile = (await statOf(root))?.isFile() === true;
    return isFile ? [{ kind: "model", path: root, root, name: printable(basename(root)) }] : [];
  }
  const entries = await list(root);
  if (entries.some(({ name }) => name === CONFIG_FILE)) {
    return [{ kind: "folder", path: root, root, name: printable(basename(root)) }];
  }
  const found: FoundRun[] = [];
  const pending = [{ folder: root, entries, name: "", depth: 0 }];
  for (let place = pending.shift(); place !== undefined; place = pending.shift()) {
    const { folder, name, depth } = place;
    for (const entry of place.entries) {
      const path = join(folder, entry.name);
      const below = name === "" ? entry.name : `${name}/${entry.name}`;
      const shown = printable(prefix + below);
      if (entry.name.startsWith(".")) continue;
      if (entry.isFile() && isModelName(entry.name)) {
        found.push({ kind: "model", path, root, name: shown });
      } else if (entry.isDirectory() && depth < DEEPEST && budget.folders > 0) {
        budget.folders--;
        const inside = await list(path);
        if (isRunFolder(inside)) found.push({ kind: "folder", path, root, name: shown });
        else pending.push({ folder: path, entries: inside, name: below, depth: depth + 1 });
      }
    }
  }
  return found;
}

function isRunFolder(entries: readonly Dirent[]): boolean {
  return entries.filter(({ name }) => RUN_FILES.includes(name)).length >= 2;
}

async function newest(found: readonly FoundRun[]): Promise<readonly FoundRun[]> {
  if (found.length <= MOST_RUNS) return found;
  const dated = await Promise.all(
    found.map(async (run) => ({ run, time: (await statOf(run.path))?.mtimeMs ?? 0 })),
  );
  return dated
    .sort((a, b) => b.time - a.time)
    .slice(0, MOST_RUNS)
    .map(({ run }) => run);
}

async function list(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error) || isDenied(error)) return [];
    throw error;
  }
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error) || isDenied(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function isDenied(error: unknown): boolean {
  return ["EACCES", "EPERM", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "");
}
