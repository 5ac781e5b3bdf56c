import { readFileSync } from "node:fs";
// By this name: bundles often begin with a line that imports createRequire itself, so that packages in CommonJS work.
import * as modules from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const NAME = "mnist-native";

/** What to do where a bundler made a program that lacks files of this package: the end of a sentence. */
export const BUNDLE_ADVICE = `declare ${NAME} external where the program is bundled (esbuild --external:${NAME}), and install it beside`;

/**
 * The file that this code runs from: this one, or what a bundler made of it. A bundle in CommonJS has no `import.meta.url`, but a name.
 * `new URL(…, import.meta.url)` is avoided in what may be bundled, because webpack takes it for a file to copy.
 */
function runningFile(): string {
  const { url } = import.meta as { readonly url?: string };
  return url === undefined ? __filename : fileURLToPath(url);
}

let found: string | null | undefined;

/**
 * The folder of this package. Of a bundle, it is the folder that an import of this package from its file, or from the program's, would
 * find; `null` where there is none.
 */
export function packageRoot(): string | null {
  if (found === undefined) {
    found = [resolve(dirname(runningFile()), "../.."), ...installed()].find(isOurs) ?? null;
  }
  return found;
}

function installed(): readonly string[] {
  const [, program = ""] = process.argv;
  return [runningFile(), resolve(program)].flatMap((file) => {
    try {
      return [dirname(modules.createRequire(file).resolve(`${NAME}/package.json`))];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return [];
      throw error;
    }
  });
}

/** Whether this package's package.json is in a folder. */
function isOurs(folder: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8"));
    return (manifest as { readonly name?: unknown } | null)?.name === NAME;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).syscall !== undefined) return false;
    throw error;
  }
}

/** As `require` of a file by its whole path: no bundler looks into it. */
export function requireFile(path: string): unknown {
  return modules.createRequire(runningFile())(path);
}
