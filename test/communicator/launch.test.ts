import { describe, expect, it } from "vitest";
import { createCommunicator } from "../../src/communicator/create-communicator.js";
import { findLaunch } from "../../src/communicator/launch.js";
import { libraryName } from "../../src/communicator/mpi-addon.js";
import { oneProcess } from "../../src/communicator/one-process.js";
import { introduceMyself, Peers } from "../../src/communicator/peers.js";

describe("how a process was started", () => {
  it.each([
    ["alone", {}, undefined],
    ["by a batch job of Slurm, alone", { SLURM_JOB_ID: "7", SLURM_NTASKS: "4" }, undefined],
    [
      "by Open MPI's mpirun",
      { OMPI_COMM_WORLD_SIZE: "4", OMPI_COMM_WORLD_RANK: "1", PMIX_RANK: "1" },
      { families: ["openmpi"], size: 4 },
    ],
    ["by MPICH's mpirun", { PMI_RANK: "0", PMI_SIZE: "2", PMI_FD: "6" }, { families: ["mpich"], size: 2 }],
    [
      "by MPICH's mpirun with a port",
      { PMI_ID: "0", PMI_PORT: "here:1" },
      { families: ["mpich"], size: undefined },
    ],
    [
      "by srun --mpi=pmi2",
      { PMI_RANK: "0", PMI_SIZE: "8", SLURM_STEP_NUM_TASKS: "8" },
      { families: ["mpich", "openmpi"], size: 8 },
    ],
    [
      "by srun --mpi=pmix",
      { PMIX_RANK: "0", SLURM_STEP_NUM_TASKS: "8" },
      { families: ["openmpi", "mpich"], size: 8 },
    ],
  ])("is seen: %s", (_, environment, launch) => {
    expect(findLaunch(environment)).toEqual(launch);
  });

  it("needs no MPI for one process", async () => {
    expect(await createCommunicator({})).toBe(oneProcess);
    expect(await createCommunicator({ OMPI_COMM_WORLD_SIZE: "1" })).toBe(oneProcess);
    expect(await createCommunicator({ PMI_RANK: "0", PMI_SIZE: "1" })).toBe(oneProcess);
  });

  it("says what to start where npx has closed MPICH's connection", async () => {
    for (const PMI_FD of ["0x", "1000000"]) {
      await expect(createCommunicator({ PMI_RANK: "0", PMI_SIZE: "2", PMI_FD })).rejects.toThrow(
        /^MPICH's mpirun cannot be reached .* mpirun -n 2 node_modules\/\.bin\/mnist-native train\.$/,
      );
    }
  });
});

describe("a single process", () => {
  it("has everything that it sums or shares", async () => {
    const data = Float64Array.of(1, 2);
    expect(oneProcess.sum(data)).toBeUndefined();
    expect(oneProcess.broadcast(data)).toBeUndefined();
    expect(data).toEqual(Float64Array.of(1, 2));
    expect(await oneProcess.gather("a")).toEqual(["a"]);
    expect(oneProcess).toMatchObject({ rank: 0, size: 1, localSize: 1 });
    oneProcess.close();
    oneProcess.close();
  });
});

describe("the name of a library", () => {
  it.each([
    [
      "Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4, repo rev: v4.1.4, May 26, 2022",
      "Open MPI 4.1.4",
    ],
    ["MPICH Version:\t4.0.2\nMPICH Release date:\tThu Apr  7 12:34:45 CDT 2022\n", "MPICH 4.0.2"],
    ["MVAPICH2 Version      :\t2.3.7\nMVAPICH2 Release date : x", "MVAPICH2 2.3.7"],
    ["Intel(R) MPI Library 2021.11 for Linux* OS\n", "Intel(R) MPI Library 2021.11 for Linux* OS"],
  ])("is found in %j", (library, name) => {
    expect(libraryName(library)).toBe(name);
  });
});

describe("other ranks", () => {
  const me = introduceMyself();
  const dead = { ...me, startTime: "1" }; // Another process has its number by now.

  it("are there", () => {
    expect(() => new Peers(0, [me, me]).requireAll()).not.toThrow();
  });

  it.runIf(process.platform === "linux")("are missed by the first that is left", () => {
    expect(() => new Peers(0, [me, me, dead]).requireAll()).toThrow(
      `Rank 2 of 3, process ${me.pid}, has ended in the middle of the training, which cannot go on without it; start it again with --resume, with any number of ranks.`,
    );
    expect(() => new Peers(1, [me, me, dead]).requireAll()).not.toThrow();
    expect(() => new Peers(1, [dead, me, me]).requireAll()).toThrow(/^Rank 0 of 3,/);
  });

  it("are not looked for on other machines", () => {
    expect(() => new Peers(0, [me, { ...dead, space: "elsewhere" }]).requireAll()).not.toThrow();
    expect(() => new Peers(0, [me, { ...dead, space: null }]).requireAll()).not.toThrow();
  });
});
