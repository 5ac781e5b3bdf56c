import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** The modules that each module imports, by their paths without extension, such as `nn/mlp`. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Reads the imports of every module below a folder, those at use (`import("…")`) and of types included. */
export function readImports(folder: string): ImportGraph {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(folder, file), "utf8");
      const found = text.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)\.js"/g);
      const targets = Array.from(found, ([, path = ""]) =>
        relative(folder, join(folder, dirname(file), path)),
      );
      return [withoutExtension(file), [...new Set(targets.map((target) => target.replaceAll("\\", "/")))]];
    }),
  );
}

/** The first circle of imports that is found, its first module repeated at the end; `undefined` where there is none. */
export function findCircle(graph: ImportGraph): readonly string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (module: string): readonly string[] | undefined => {
    if (path.includes(module)) return [...path.slice(path.indexOf(module)), module];
    if (done.has(module)) return undefined;
    path.push(module);
    for (const target of graph.get(module) ?? []) {
      const circle = visit(target);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(module);
    return undefined;
  };
  for (const module of graph.keys()) {
    const circle = visit(module);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/**
 * The imports that do not go downward.
 *
 * @param floors Folders, those of the highest floor first. Folders of one floor do not import each other.
 * @returns Such as `data/open-data imports cli/process`, and modules in folders that are on no floor.
 */
export function findClimbs(graph: ImportGraph, floors: readonly (readonly string[])[]): readonly string[] {
  const floorOf = (module: string) => floors.findIndex((floor) => floor.includes(folderOf(module)));
  return [...graph].flatMap(([module, targets]) => {
    if (floorOf(module) === -1) return [`${module} is on no floor`];
    return targets
      .filter((target) => folderOf(target) !== folderOf(module) && floorOf(target) <= floorOf(module))
      .map((target) => `${module} imports ${target}`);
  });
}

/** The folder just below the root; a module of the root stands for itself. */
function folderOf(module: string): string {
  return module.split("/")[0] ?? module;
}

function withoutExtension(file: string): string {
  return file.replace(/\.tsx?$/, "").replaceAll("\\", "/");
}
