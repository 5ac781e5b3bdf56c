import { describe, expect, it } from "vitest";
import { checkSbatchOptions } from "../../../src/sweeps/runners/slurm/options.js";

describe("options for sbatch", () => {
  it.each([
    [[]],
    [["--partition=cpu", "--time=10:00", "--mem=2G"]],
    [["--partition", "cpu", "-t", "10:00", "-c4"]],
    [["--account=a b", "--exclusive", "--export=ALL", "--wait-all-nodes=1"]],
    [["--signal=B:USR1@300"]],
    [["--dependency-like=x"]],
  ])("takes %j", (options) => {
    expect(() => checkSbatchOptions(options)).not.toThrow();
  });

  it.each([
    [["--array=0-3"], '"--array"'],
    [["--time=5", "--"], '"--"'],
    [["-a", "0-3"], '"-a"'],
    [["-a0-3"], '"-a"'],
    [["--arr=1"], '"--arr"'],
    [["--dep", "afterok:1"], '"--dep"'],
    [["--job-name=x"], '"--job-name"'],
    [["--wrap=rm"], '"--wrap"'],
    [["--output=/x"], '"--output"'],
    [["--no-requeue"], '"--no-requeue"'],
    [["--time=1:00", "script.sh"], '"script.sh"'],
    [["cpu"], '"cpu"'],
    [["--signal=TERM@60"], '"--signal=TERM@60"'],
    [["--signal", "B:USR1@60"], '"--signal"'],
  ])("refuses %j", (options, named) => {
    expect(() => checkSbatchOptions(options)).toThrow(
      `Expected options for sbatch such as --partition=cpu and --time=10:00, but received ${named}: `,
    );
  });
});
