import { describe, expect, it } from "vitest";
import { mpis } from "../support/mpi.js";
import { cli, expectFault, expectSuccess } from "./harness.js";

describe("the command line without MPI's help", () => {
  it("says what the addon for MPI takes, where the compiler does not know MPI", async () => {
    const result = await cli(["build", "--mpi", "--mpicxx", "no-such-mpicxx"]);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(
      /^mnist-native: The addon for MPI is compiled by mpicxx, but no-such-mpicxx cannot compile a program with MPI here; install one .*, or name it by --mpicxx PATH\.\n$/,
    );
  });

  it("wants --mpi with --mpicxx", async () => {
    expectFault(await cli(["build", "--mpicxx", "mpicxx"]), 2, /Expected --mpi with --mpicxx\./);
  });
});

describe.each(mpis)("the command line and $name", ({ name, family }) => {
  it("tell of its addon, and how a process was started", async () => {
    const alone = expectSuccess(await cli(["info"]));
    expect(alone).toMatch(
      new RegExp(`^MPI: .*\\b${name} \\(.*build-mpi/${family}/.*; this process was started alone$`, "m"),
    );
    const told = JSON.parse(
      expectSuccess(await cli(["info", "--json"], { OMPI_COMM_WORLD_SIZE: "4" })),
    ) as object;
    expect(told).toMatchObject({
      mpi: {
        addons: { [name]: expect.stringContaining(family) },
        launch: { families: ["openmpi"], size: 4 },
      },
    });
  });

  it("tell in doctor which library the addon finds", async () => {
    const told = expectSuccess(await cli(["doctor"], { PMI_RANK: "0", PMI_SIZE: "2" }));
    expect(told).toMatch(new RegExp(`^ok +${name}: +/.*mnist_native_mpi\\.node \\(${name} [\\d.]+\\)$`, "m"));
    expect(told).toMatch(/^ok +MPI: +this process was started by MPICH, as one of 2$/m);
  });
});
