// npm test [-- OPTIONS OR FILES OF VITEST], and npm run test:all
//
// Runs the tests, and says before how long that takes. Without --all it leaves out the slow ones: those named *.slow.test.ts, and what
// installs and compiles.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const args = process.argv.slice(2);
const isAll = args.includes("--all");
const others = args.filter((arg) => arg !== "--all");
const isWhole = others.every((arg) => arg.startsWith("-"));

if (isWhole) {
  console.log(
    isAll
      ? "All tests, the slow ones included: about a quarter of an hour on two idle cores."
      : "The tests but for the slow ones: about eleven minutes on two idle cores. npm run test:all runs every test.",
  );
}
const vitest = join(dirname(require.resolve("vitest/package.json")), "vitest.mjs");
const projects = isAll || !isWhole ? [] : ["--project", "library", "--project", "cli"];
const { status } = spawnSync(process.execPath, [vitest, "run", ...projects, ...others], {
  cwd: root,
  stdio: "inherit",
});
process.exit(status ?? 1);
