import { createRequire } from "node:module";

// What reads exported networks in the tests is installed apart from the package's own development dependencies, because it takes 290 MB.

const require = createRequire(new URL("../interchange/peers/package.json", import.meta.url));

/** A module of test/interchange/peers; `undefined` where it is not installed, which is said. */
export function peer<T>(name: string): T | undefined {
  try {
    require.resolve(name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND")) throw error;
    console.warn(
      `Tests against ${name} are skipped; install it with: npm ci --ignore-scripts --prefix test/interchange/peers`,
    );
    return undefined;
  }
  return require(name) as T;
}
