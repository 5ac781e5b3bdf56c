import { arch, cpus, platform } from "node:os";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { chooseBackend } from "../../backend/select.js";
import { findLaunch } from "../../communicator/launch.js";
import { dataHome } from "../../data/catalog/cache.js";
import { listDatasets } from "../../data/catalog/datasets.js";
import { cpuLimits, cpuWords, openMpLibrary } from "../../system/machine.js";
import { packageVersion } from "../../system/package-version.js";
import { builtMpiAddons, launchWords } from "../installation/mpi.js";
import { backendOptions, jsonOption } from "../options/shared.js";
import { print, printJson } from "../process.js";

const options = { backend: backendOptions.backend, json: jsonOption } as const;

type InfoArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options> & { model: string | undefined }>;

export function builder(yargs: Argv) {
  return yargs
    .positional("model", {
      type: "string",
      describe: "A model.safetensors that train wrote, to tell of instead",
    })
    .options(options);
}

export async function handler({ model, backend, json }: InfoArguments): Promise<void> {
  if (model !== undefined) {
    const { tellModel } = await import("../model-info.js"); // At use, as only few calls need what it imports.
    await tellModel(model, { backend, json });
    return;
  }
  const choice = chooseBackend(backend);
  const { addon } = choice;
  const info = {
    version: packageVersion(),
    node: process.version,
    platform: `${platform()}-${arch()}`,
    processor: cpus()[0]?.model ?? "unknown",
    backend: choice.name,
    why: choice.why,
    addon: addon?.path ?? null,
    passedOver: addon?.passedOver ?? [],
    kernelSet: addon?.kernelSet ?? "javascript",
    kernelSetDescription: addon?.kernelSetDescription ?? "TypeScript, one thread",
    runnableKernelSets: addon?.runnableKernelSets ?? [],
    threading: addon?.threading ?? "none",
    openmp: addon?.threading === "OpenMP" ? (openMpLibrary() ?? "linked into the addon") : null,
    threads: addon?.defaultThreads ?? 1,
    cpus: cpuLimits(),
    mpi: { addons: builtMpiAddons(), launch: findLaunch() ?? null },
    dataFolder: dataHome(),
    datasets: await foundDatasets(),
  };
  if (json) {
    printJson(info);
    return;
  }
  print(`mnist-native ${info.version} on Node.js ${info.node}, ${info.platform}`);
  print(`Processor:   ${info.processor}`);
  print(`Backend:     ${info.backend}, because ${info.why}`);
  print(`Addon:       ${info.addon ?? "none"}`);
  for (const { reason } of info.passedOver) print(`Passed over: ${reason}`);
  print(`Kernel set:  ${info.kernelSet}: ${info.kernelSetDescription}`);
  if (info.runnableKernelSets.length > 0) print(`Runnable:    ${info.runnableKernelSets.join(", ")}`);
  print(`Threads:     ${info.threads} (${threadingWords(info.backend, info.threading)})`);
  if (info.openmp !== null) print(`OpenMP:      ${info.openmp}`);
  print(`CPUs:        ${cpuWords(info.cpus)}`);
  const addons = Object.entries(info.mpi.addons).map(([name, path]) => `${name} (${path})`);
  print(`MPI:         ${addons.join(", ") || "no addon has been built"}; ${launchWords()}`);
  print(`Data folder: ${info.dataFolder}`);
  const found = Object.entries(info.datasets).map(([name, path]) => `${name} (${path})`);
  print(`Data sets:   ${found.join(", ") || "none on this machine; synthetic is drawn by the program"}`);
}

/** The paths of the published data sets that are on this machine, by name. */
async function foundDatasets(): Promise<Readonly<Record<string, string>>> {
  const listed = await listDatasets();
  return Object.fromEntries(
    listed.flatMap(({ entry, location }) => (location === undefined ? [] : [[entry.name, location.path]])),
  );
}

function threadingWords(backend: string, threading: string): string {
  if (threading !== "none") return threading;
  return backend === "native" ? "the addon was built without OpenMP" : "no threading";
}
