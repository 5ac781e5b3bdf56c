import { defineConfig } from "vitest/config";

const shared = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "library",
          include: ["test/**/*.test.ts"],
          exclude: ["test/cli/**"],
        },
      },
      // The command line is tested as it is installed, so that it has to be compiled first.
      {
        test: {
          ...shared,
          name: "cli",
          include: ["test/cli/**/*.test.ts"],
          globalSetup: ["test/support/build.ts"],
          // The work is done by child processes, one for each of a laptop's or a continuous integration's two processors.
          sequence: { concurrent: true },
          maxConcurrency: 2,
        },
      },
    ],
  },
});
