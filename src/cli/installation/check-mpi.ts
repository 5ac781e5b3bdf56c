import { spawnSync } from "node:child_process";
import { FAMILY_NAMES, findLaunch, MPI_FAMILIES, type MpiFamily } from "../../communicator/launch.js";
import { isMpiAddonBuilt, libraryName, mpiAddonPath } from "../../communicator/mpi-addon.js";
import type { Check } from "./check.js";
import { findMpiCompilers, launchWords, type MpiCompiler } from "./mpi.js";

/**
 * What training by several processes takes. Whoever trains by one needs none of it; so a thing that is missing is a note, unless this
 * process was started under MPI.
 */
export function checkMpi(): readonly Check[] {
  const compilers = findMpiCompilers();
  const wanted = findLaunch()?.families ?? [];
  const isCovered = wanted.some(isMpiAddonBuilt);
  const known = MPI_FAMILIES.filter(
    (family) =>
      isMpiAddonBuilt(family) ||
      wanted.includes(family) ||
      compilers.some((found) => found.family === family),
  );
  if (known.length === 0) {
    return [
      { name: "MPI", state: "note", finding: "it is missing, and needed to train by several processes only" },
    ];
  }
  return [
    { name: "MPI", state: "ok", finding: launchWords() },
    ...known.map((family) => checkFamily(family, compilers, wanted.includes(family) && !isCovered)),
  ];
}

function checkFamily(family: MpiFamily, compilers: readonly MpiCompiler[], isNeeded: boolean): Check {
  const name = FAMILY_NAMES[family];
  const compiler = compilers.find((found) => found.family === family)?.command;
  const remedy = `run npx mnist-native build --mpi --mpicxx ${compiler ?? "PATH"}`;
  const path = mpiAddonPath(family);
  if (path === undefined || !isMpiAddonBuilt(family)) {
    const finding = `its addon has not been built${compiler === undefined ? ", and there is no compiler for it" : `; ${compiler} can`}`;
    return { name, state: isNeeded ? "amiss" : "note", finding, remedy };
  }
  // In another process, so that a crash is a finding, too, and no two MPIs are loaded into one.
  const program =
    "const addon = { exports: {} }; try { process.dlopen(addon, process.argv[1]); console.log(addon.exports.library); } catch (error) { console.log(error.message); process.exitCode = 1; }";
  const { status, signal, stdout } = spawnSync(process.execPath, ["-e", program, path], { encoding: "utf8" });
  if (status === 0) return { name, state: "ok", finding: `${path} (${libraryName(stdout)})` };
  const fault = signal === null ? stdout.trim() : `loading it ends the process by ${signal}`;
  return { name, state: "amiss", finding: `${path}: ${fault}`, remedy };
}
