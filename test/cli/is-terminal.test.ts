import { describe, expect, it } from "vitest";
import { isTerminal } from "../../src/cli/terminal.js";

describe("a terminal that somebody looks at", () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [undefined, {}, false],
    [true, { OMPI_COMM_WORLD_SIZE: "2", OMPI_COMM_WORLD_RANK: "0" }, false],
    [true, { OMPI_COMM_WORLD_SIZE: "1", OMPI_COMM_WORLD_RANK: "0" }, false],
    [true, { PMI_RANK: "0", PMI_SIZE: "2" }, false],
    [true, { SLURM_PROCID: "0" }, true],
  ])("where isTTY is %s and the environment %o: %s", (isTTY, environment, expected) => {
    expect(isTerminal({ isTTY }, environment)).toBe(expected);
  });
});
