import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findMpiCompilers } from "../../src/cli/installation/mpi.js";
import { mpiAddonPath } from "../../src/communicator/mpi-addon.js";

const command = fileURLToPath(new URL("../../bin/mnist-native.js", import.meta.url));
const sources = fileURLToPath(new URL("../../native/mpi", import.meta.url));

/** Compiles the addon for each MPI of this machine, by the command for that, unless it is newer than its sources. */
export function setup(): void {
  const changed = Math.max(...readdirSync(sources).map((name) => statSync(`${sources}/${name}`).mtimeMs));
  for (const { command: mpicxx, family } of findMpiCompilers()) {
    const made = statSync(mpiAddonPath(family) ?? "", { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (made > changed) continue;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [command, "build", "--mpi", "--mpicxx", mpicxx],
      { encoding: "utf8", env: { ...process.env, CXXFLAGS: `${process.env.CXXFLAGS ?? ""} -Werror` } },
    );
    if (status !== 0) throw new Error(`The addon for MPI cannot be built:\n${stdout}${stderr}`);
  }
}
