import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

interface Goal {
  readonly what: string;
  readonly measure?: () => number | string;
  readonly atMost?: number;
  readonly below?: number;
  readonly atLeast?: number;
  readonly wanted?: string;
  readonly unit?: string;
  readonly digits?: number;
  readonly note?: () => string;
  readonly skipped?: string;
}

interface Verdicts {
  verdict(goal: Goal, measured: number | string): string;
  goalCells(goal: Goal): { cells: readonly string[]; isMissing: boolean };
  geometricMean(values: readonly number[]): number;
}

const scripts = new URL("../../scripts/", import.meta.url);
// The scripts are JavaScript, so that the compiler cannot tell what they export.
const { verdict, goalCells, geometricMean } = (await import(
  new URL("bench/verdict.mjs", scripts).href
)) as Verdicts;

describe("a verdict", () => {
  const what = "a step";

  it("of what is to be small says what share of the measured time would do", () => {
    expect(verdict({ what, atMost: 60 }, 59)).toBe("met");
    expect(verdict({ what, atMost: 60 }, 60)).toBe("met");
    expect(verdict({ what, atMost: 60 }, 80)).toBe("met at 75 %");
    expect(verdict({ what, atMost: 0.2 }, -0.1)).toBe("met");
    expect(verdict({ what, below: 200 }, 199.9)).toBe("met");
  });

  it("of what is to be large says what share of the goal is reached", () => {
    expect(verdict({ what, atLeast: 1.6 }, 1.6)).toBe("met");
    expect(verdict({ what, atLeast: 8 }, 7)).toBe("met at 87 %");
    expect(verdict({ what, atLeast: 8 }, -1)).toBe("met at 0 %");
  });

  it("never reads as 100 % where the goal is missed", () => {
    expect(verdict({ what, atMost: 60 }, 60.01)).toBe("met at 99 %");
    expect(verdict({ what, atLeast: 1.6 }, 1.5999)).toBe("met at 99 %");
    expect(verdict({ what, below: 200 }, 200)).toBe("met at 99 %");
  });

  it("of words is whether they are the wanted ones", () => {
    expect(verdict({ what, wanted: "none" }, "none")).toBe("met");
    expect(verdict({ what, wanted: "none" }, "some")).toBe("not met");
  });
});

describe("a row of the goals", () => {
  it("has what, measured with its note, wanted and the verdict", () => {
    const goal = { what: "a step", measure: () => 80, atMost: 60, unit: "µs", digits: 1, note: () => "of 2" };
    expect(goalCells(goal)).toEqual({
      cells: ["a step", "80.0 µs (of 2)", "at most 60.0 µs", "met at 75 %"],
      isMissing: false,
    });
    expect(goalCells({ what: "lists", measure: () => "none", wanted: "none" }).cells).toEqual([
      "lists",
      "none",
      "none",
      "met",
    ]);
  });

  it("says why it was skipped, which is no failure, and measures nothing then", () => {
    const measure = () => {
      throw new Error("It was measured.");
    };
    const skipped = { what: "NumPy", measure, atLeast: 8, skipped: "there is no numpy" };
    expect(goalCells(skipped)).toEqual({
      cells: ["NumPy", "skipped: there is no numpy", "at least 8.00", ""],
      isMissing: false,
    });
  });

  it("that could not be measured is missing and has the reason in one line", () => {
    const measure = () => {
      throw new Error("train failed:\n  no | memory\n");
    };
    expect(goalCells({ what: "a run", measure, below: 200, unit: "MiB", digits: 0 })).toEqual({
      cells: ["a run", "not measured: train failed: no / memory", "below 200 MiB", ""],
      isMissing: true,
    });
    expect(goalCells({ what: "a run", measure: () => Number.NaN, atMost: 1 }).isMissing).toBe(true);
  });
});

it("The geometric mean is that of the ratios", () => {
  expect(geometricMean([0.5, 2])).toBeCloseTo(1, 12);
  expect(geometricMean([1, 2, 4])).toBeCloseTo(2, 12);
});

describe("npm run bench:goals", () => {
  const program = fileURLToPath(new URL("bench-goals.mjs", scripts));
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });

  it.each([
    [["--only", "9"], "Expected numbers from 1 to 8 for --only but received 9"],
    [["--only", "1,,2"], "Expected numbers from 1 to 8 for --only but received 1,,2"],
    [["--fast"], "Unknown argument: fast"],
  ])("ends with 2 for %j", (args, message) => {
    const { status, stdout, stderr } = run(...args);
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: "",
      stderr: `bench:goals: ${message}; --help lists the options.\n`,
    });
  });
});
