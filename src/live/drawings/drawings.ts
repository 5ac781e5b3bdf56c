import { existsSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { splitRows } from "../../data/split-dataset.js";
import { classFormat } from "../../data/targets.js";
import { InvalidArgumentError } from "../../errors.js";
import { expectThat, show } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { shellCommand } from "../../system/shell.js";
import type { Drawings } from "../protocol.js";
import { createDrawingsFolder, DIGITS, type Drawing, IDX_FOLDER, SIDE } from "./drawings-folder.js";

/** A data set that grows by what somebody draws. */
export interface DrawingsSet {
  get(): Promise<Drawings>;
  /**
   * @param body What a page has sent: a `DrawingBody`.
   * @throws InvalidArgumentError when it is none, or when there are too many drawings.
   */
  add(body: unknown): Promise<Drawings>;
  /** Takes the last one back; where there is none, nothing happens. */
  removeLast(): Promise<Drawings>;
}

export interface CreateDrawingsOptions {
  /** Made with the first drawing. */
  readonly folder: string;
  /** The folder in which the command that trains on them keeps its run. Default: `runs`. */
  readonly runs?: string | undefined;
}

const OPTIONS: KnownOptions<CreateDrawingsOptions> = { folder: true, runs: true };

type Places = Readonly<Record<"folder" | "runs", string>>;

/** Of all drawings together. */
const MOST_DRAWINGS = 10_000;

/**
 * Keeps images of one's own in a folder: as PNG files, `png/0` to `png/9`, which `train --image-folder` takes, and as four IDX files in
 * `idx`, which `train --data-dir` takes. Several servers may use one folder.
 */
export function createDrawings(options: CreateDrawingsOptions): DrawingsSet {
  requireKnownOptions("createDrawings", options, OPTIONS, '{ folder: "drawings" }');
  expectThat(typeof options.folder === "string", "the path of a folder", "folder", options.folder);
  const { runs: given = "runs" } = options;
  expectThat(typeof given === "string", "the path of a folder", "runs", given);
  const folder = resolve(options.folder);
  const places = { folder, runs: resolve(given) };
  const files = createDrawingsFolder(folder);
  return {
    get: async () => describe(places, await files.list()),
    async add(body) {
      const drawing = readBody(body);
      return describe(places, await files.add(drawing, MOST_DRAWINGS));
    },
    removeLast: async () => describe(places, await files.removeLast()),
  };
}

function readBody(body: unknown): Pick<Drawing, "label" | "pixels"> {
  const { label, width, height, pixels } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const isDigit = Number.isInteger(label) && (label as number) >= 0 && (label as number) < DIGITS;
  expectThat(isDigit, "a digit from 0 to 9", "label", label);
  if (width !== SIDE || height !== SIDE) {
    throw new InvalidArgumentError(
      `Expected a drawing of ${SIDE} x ${SIDE} pixels, as the network reads it, but received one of ${show(width)} x ${show(height)}.`,
    );
  }
  const bytes = typeof pixels === "string" ? Buffer.from(pixels, "base64") : undefined;
  // Buffer passes over what is no base64, and such text would come back as another.
  if (bytes?.length !== SIDE * SIDE || bytes.toString("base64") !== pixels) {
    throw new InvalidArgumentError(
      `Expected the ${SIDE * SIDE} gray bytes of a drawing in base64 for pixels but received something else.`,
    );
  }
  if (bytes.every((value) => value === 0)) {
    throw new InvalidArgumentError("Expected a drawing with some ink in it, but it is empty.");
  }
  return { label: label as number, pixels: Uint8Array.from(bytes) };
}

function describe({ folder, runs }: Places, labels: Uint8Array): Drawings {
  const perClass = Array.from({ length: DIGITS }, (_, label) => labels.filter((own) => own === label).length);
  const missing = missingDrawings(labels, perClass);
  return {
    folder,
    count: labels.length,
    perClass,
    command: missing === 0 ? commandFor(folder, runs) : null,
    note: missing === 0 ? null : noteOn(missing, perClass),
  };
}

/** Keeps the run in a folder that there is not yet, where the page shows it. */
function commandFor(folder: string, runs: string): string {
  let out = join(runs, "drawings");
  for (let number = 2; existsSync(out); number++) out = join(runs, `drawings-${number}`);
  const words = ["--data-dir", shortPath(join(folder, IDX_FOLDER)), "--out", shortPath(out)];
  return shellCommand(["npx", "mnist-native", "train", ...words]);
}

/** As it is called in the working folder, where it is below that. */
function shortPath(path: string): string {
  const way = relative(process.cwd(), path);
  return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way) ? path : way;
}

function noteOn(missing: number, perClass: readonly number[]): string {
  const several = perClass.filter((count) => count > 0).length < 2 ? ", of at least two digits" : "";
  return `Draw ${missing} more${several}, and a network can learn from them.`;
}

/** The fewest further drawings with which `train` takes them all. */
function missingDrawings(labels: Uint8Array, perClass: readonly number[]): number {
  const counts = new Map(perClass.flatMap((count, digit) => (count > 0 ? [[digit, count] as const] : [])));
  // A network tells at least two digits apart.
  for (let digit = 0; counts.size < 2; digit++) if (!counts.has(digit)) counts.set(digit, 0);
  const all = [...labels];
  const isEnough = () =>
    [...counts.values()].every((count) => count >= 2) && canBeSplit(Uint8Array.from(all));
  // Each round draws one more of the digit that there are fewest of.
  while (!isEnough()) {
    const [[digit = 0, count = 0] = []] = [...counts].sort(([, a], [, b]) => a - b);
    counts.set(digit, count + 1);
    all.push(digit);
  }
  return all.length - labels.length;
}

/** As `train` splits them. */
function canBeSplit(labels: Uint8Array): boolean {
  try {
    splitRows({ ...classFormat(DIGITS, undefined), labels }, Int32Array.from(labels.keys()));
    return true;
  } catch (error) {
    if (error instanceof InvalidArgumentError) return false;
    throw error;
  }
}
