import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.js";

const shared = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // The command line is tested as it is installed, and charts are drawn by what the build copies: both have to be built first.
  globalSetup: ["test/support/build.ts", "test/support/build-mpi.ts"],
};
const slow = ["test/install/**/*.test.ts", "test/**/*.slow.test.ts"];

export default defineConfig({
  test: {
    // Of two processors vitest would use one.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...shared,
          name: "library",
          include: ["test/**/*.test.ts"],
          exclude: ["test/cli/**", "**/node_modules/**", ...slow],
          // Two files run at once, with more threads than there are processors: those that wait must not keep one busy.
          env: { OMP_WAIT_POLICY: "passive" },
        },
      },
      {
        test: {
          ...shared,
          name: "cli",
          include: ["test/cli/**/*.test.ts"],
          exclude: slow,
          // The work is done by child processes, one for each of a laptop's or a continuous integration's two processors.
          sequence: { concurrent: true },
          maxConcurrency: 2,
        },
      },
      // What installs, compiles, or works through gigabytes; npm run test:all runs it.
      {
        test: { ...shared, name: "slow", include: slow, testTimeout: 300_000 },
      },
    ],
  },
});
