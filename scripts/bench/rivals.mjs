// The rivals' programs, as trials, and which of them this machine has.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ALL_SHAPES } from "./gemm.mjs";
import { run, trial } from "./programs.mjs";

const OURS = fileURLToPath(new URL("ours.mjs", import.meta.url));
export const PEERS = fileURLToPath(new URL("peers/", import.meta.url));

/** What the rivals measure, and more, by this package: see ours.mjs. */
export function ours(what, settings) {
  return trial(process.execPath, [OURS, what, JSON.stringify(settings)]);
}

/**
 * The products of matrices, ours first.
 *
 * @returns {{ programs: Record<string, () => Record<"float32" | "float64", Record<string, number>>>, missing: string[] }} GFLOP/s by
 *   the type and the shape's name; and what could not be compiled, for people.
 */
export function productPrograms(trials) {
  const programs = { "mnist-native": ours("gemm", { trials }) };
  const missing = [];
  const builds = mkdtempSync(join(tmpdir(), "mnist-native-peers-"));
  process.on("exit", () => rmSync(builds, { recursive: true, force: true }));
  const shapes = ALL_SHAPES.map(({ m, n, k, transposeA, transposeB }) =>
    [m, n, k, Number(transposeA), Number(transposeB)].join(","),
  );
  for (const [name, library] of [
    ["OpenBLAS", "openblas"],
    ["BLIS", "blis"],
  ]) {
    const program = join(builds, library);
    const { status } = run("cc", ["-O2", join(PEERS, "gemm.c"), `-l${library}`, "-o", program]);
    if (status === 0) programs[name] = trial(program, [String(trials), ...shapes]);
    else missing.push(`${name} is skipped: lib${library}-dev or a C compiler is missing.`);
  }
  return { programs, missing };
}

/** Debian's own Python first, which has its packages. */
const PYTHONS = ["/usr/bin/python3", "python3"];

/**
 * Training by a recipe of recipes.mjs, ours first.
 *
 * @param {import("./recipes.mjs").Recipe} recipe
 * @param {{ mnist: string, images: number, threads: number, warmUp: number, epochs: number }} settings
 * @returns {Record<string, () => { microseconds: number | null }>} Microseconds an example; `null` where a library cannot follow it.
 */
export function recipePrograms(recipe, settings) {
  const programs = { "mnist-native": ours("recipe", { recipe, ...settings }) };
  const args = [recipe, settings].map((given) => JSON.stringify(given));
  for (const [name, library] of [
    ["PyTorch", "torch"],
    ["scikit-learn", "sklearn"],
  ]) {
    const python = findPythonLibrary(library)?.python;
    if (python !== undefined) {
      programs[name] = trial(python, [join(PEERS, "recipes.py"), library, ...args]);
    }
  }
  if (existsSync(join(PEERS, "node_modules"))) {
    programs["TensorFlow.js WASM"] = trial(process.execPath, [
      join(PEERS, "recipes-tensorflow.mjs"),
      ...args,
    ]);
  }
  return programs;
}

/**
 * The chapter's network by a Python library.
 *
 * @param {"numpy" | "sklearn" | "torch"} library
 * @returns {{ python: string, version: string, epochs: (dtype: string, settings: object) => () => { epoch: number, evaluation: number } } | null}
 *   `null` where no Python has it.
 */
export function findPythonLibrary(library) {
  const program = join(PEERS, "chapter.py");
  for (const python of PYTHONS) {
    const { status, stdout } = run(python, [program, library]);
    if (status !== 0) continue;
    const epochs = (dtype, settings) => trial(python, [program, library, dtype, JSON.stringify(settings)]);
    return { python, version: stdout.trim(), epochs };
  }
  return null;
}
