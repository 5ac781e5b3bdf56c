import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** The folder and the name of the package that a module is of, by its file. */
const PACKAGE = /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/]/;

/** Writes the licences of all packages that the page and its workers are made of: Vite's own list leaves out the workers. */
export function licences(fileName: string): { readonly ofPage: Plugin; readonly ofWorker: () => Plugin } {
  const folders = new Map<string, string>();
  const collect = (modules: readonly string[]) => {
    for (const module of modules) {
      const [, folder, name] = PACKAGE.exec(module) ?? [];
      if (folder !== undefined && name !== undefined) folders.set(name.replaceAll("\\", "/"), folder);
    }
  };
  const modulesOf = (bundle: object) =>
    Object.values(bundle as Readonly<Record<string, { readonly moduleIds?: readonly string[] }>>).flatMap(
      ({ moduleIds = [] }) => moduleIds,
    );
  return {
    ofWorker: () => ({
      name: "licences-of-worker",
      generateBundle: (_options, bundle) => collect(modulesOf(bundle)),
    }),
    ofPage: {
      name: "licences-of-page",
      generateBundle(_options, bundle) {
        collect(modulesOf(bundle));
        const sections = [...folders].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(sectionOf);
        const source = ["# Licences of what the page is made of", ...sections].join("\n\n");
        this.emitFile({ type: "asset", fileName, source: `${source}\n` });
      },
    },
  };
}

/** @throws an error of the operating system where a package brings no licence: then it cannot be passed on. */
function sectionOf([name, folder]: readonly [name: string, folder: string]): string {
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly version: string;
    readonly license: string;
  };
  const text = readFileSync(join(folder, "LICENSE"), "utf8").trim();
  return `## ${name} ${version} (${license})\n\n${text}`;
}
