import { homedir } from "node:os";
import { afterEach, describe, expect, it, vi } from "vitest";
import { withoutPlaces } from "../../../src/live/runs/words.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("a sentence without places", () => {
  it("has names for them, and no control characters", () => {
    const sentence = `${homedir()}/x/run-1/config.json lacks\nlayers.`;
    expect(withoutPlaces(sentence, { [`${homedir()}/x/run-1`]: "run-1" })).toBe(
      "run-1/config.json lacks\\x0alayers.",
    );
    expect(withoutPlaces(`There is no ${homedir()}/mnist.`, {})).toBe("There is no ~/mnist.");
  });

  it.skipIf(process.platform === "win32")("stays whole where nobody is at home", () => {
    for (const home of ["", "/"]) {
      vi.stubEnv("HOME", home);
      expect(withoutPlaces("There is no /data/mnist.", {})).toBe("There is no /data/mnist.");
    }
  });
});
