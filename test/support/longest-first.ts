import { existsSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The files that take about half a minute or more, the longest first. */
const LONG = [
  "test/backend/native.test.ts",
  "test/live/story/ten-digits.slow.test.ts",
  "test/cli/config.test.ts",
  "test/install/npx.test.ts",
  "test/report/page/browser.slow.test.ts",
  "test/backend/javascript.test.ts",
  "test/docs/programs.test.ts",
  "test/cli/readme.test.ts",
  "test/live/client/look/look-view.test.ts",
  "test/cli/resume.test.ts",
  "test/cli/own-data.test.ts",
  "test/cli/interchange.test.ts",
  "test/nn/every-combination.test.ts",
  "test/cli/resume-settings.test.ts",
  "test/live/client/train/train-view.test.ts",
  "test/live/client/draw/draw-view.test.ts",
  "test/cli/network.test.ts",
  "test/cli/mpirun.test.ts",
  "test/sweeps/redis.test.ts",
  "test/cli/sweep-kills.test.ts",
  "test/sweeps/redis-worker.test.ts",
];

const strangers = LONG.filter((path) => !existsSync(`${root}${path}`));
if (strangers.length > 0) throw new Error(`Expected files of tests but received ${strangers.join(", ")}.`);

/**
 * Begins with the long files, of whichever project, so that none is left to one process while the other has nothing to do any more: vitest
 * knows durations only where it has run before.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.indexOf(relative(root, moduleId).replaceAll("\\", "/"));
      return place === -1 ? LONG.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
