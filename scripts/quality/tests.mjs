// The tests that compare with central differences and with recorded figures, run by vitest: what they note of it (test/support/agreement.ts)
// stands in vitest's JSON report.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadAddon } from "../../dist/backend/addon.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FILES = [
  "test/nn/every-combination.test.ts",
  "test/nn/gradients.test.ts",
  "test/nn/golden-gradients.test.ts",
  "test/nn/golden-networks.test.ts",
  "test/nn/initializers.test.ts",
  "test/random/random-state.test.ts",
  "test/optim/golden-trajectories.test.ts",
  "test/training/golden-sklearn.test.ts",
  "test/training/schedules/golden.test.ts",
  "test/training/callbacks/learning-rate.test.ts",
  "test/estimators/golden-estimators.test.ts",
  "test/estimators/adaline.test.ts",
  "test/metrics/scores.test.ts",
  "test/metrics/classification-report.test.ts",
  "test/metrics/regression.test.ts",
  "test/data/folds/golden.test.ts",
];

/**
 * @typedef {object} TestResult
 * @property {string} name
 * @property {boolean} passed
 * @property {string | undefined} backend Where the test runs on each.
 * @property {{
 *   agreements?: import("../../test/support/agreement.js").Agreement[],
 *   gradientCheck?: import("../../test/support/agreement.js").GradientCheck,
 * }} meta
 */

/**
 * Runs the tests on every backend, or on one.
 *
 * @param {{ quick: boolean }} options
 * @returns {TestResult[]} Of those that ran.
 */
export function runTests({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), "mnist-native-quality-"));
  const report = join(folder, "tests.json");
  const { addon } = loadAddon();
  const others = addon === null ? "native, " : "native, 1 thread|\\bjs\\b";
  const only = quick ? ["--testNamePattern", `^(?!.*(${others}))`] : [];
  try {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [join(ROOT, "scripts", "test.mjs"), ...FILES, ...only, "--reporter=json", `--outputFile=${report}`],
      { cwd: ROOT, encoding: "utf8", maxBuffer: 1e9 },
    );
    if (!existsSync(report)) throw new Error(`The tests did not run:\n${stdout}${stderr}`);
    const { testResults } = JSON.parse(readFileSync(report, "utf8"));
    const broken = testResults.find(
      ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
    );
    if (broken !== undefined) throw new Error(`${broken.name} did not run: ${broken.message}`);
    return testResults.flatMap(({ assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === "passed" || status === "failed")
        .map(({ fullName, status, ancestorTitles, meta }) => ({
          name: fullName,
          passed: status === "passed",
          backend: ancestorTitles.find((title) => /^(native, \d threads?|js)$/.test(title)),
          meta,
        })),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A sentence for each test that failed. @param {TestResult[]} results */
export function failures(results) {
  return results.filter(({ passed }) => !passed).map(({ name }) => `The test "${name}" fails.`);
}
