import { arch, cpus, platform } from "node:os";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { chooseBackend } from "../backend/select.js";
import { cpuLimits, cpuWords, openMpLibrary } from "./machine.js";
import { backendOptions, jsonOption } from "./options.js";
import { print, printJson } from "./run.js";
import { packageVersion } from "./version.js";

const options = { backend: backendOptions.backend, json: jsonOption } as const;

type InfoArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options>>;

export function builder(yargs: Argv) {
  return yargs.options(options);
}

export function handler({ backend, json }: InfoArguments): void {
  const choice = chooseBackend(backend);
  const { addon } = choice;
  const info = {
    version: packageVersion,
    node: process.version,
    platform: `${platform()}-${arch()}`,
    processor: cpus()[0]?.model ?? "unknown",
    backend: choice.name,
    why: choice.why,
    addon: addon?.path ?? null,
    kernelSet: addon?.kernelSet ?? "javascript",
    kernelSetDescription: addon?.kernelSetDescription ?? "TypeScript, one thread",
    runnableKernelSets: addon?.runnableKernelSets ?? [],
    threading: addon?.threading ?? "none",
    openmp: addon?.threading === "OpenMP" ? (openMpLibrary() ?? "linked into the addon") : null,
    threads: addon?.defaultThreads ?? 1,
    cpus: cpuLimits(),
  };
  if (json) {
    printJson(info);
    return;
  }
  print(`mnist-native ${info.version} on Node.js ${info.node}, ${info.platform}`);
  print(`Processor:   ${info.processor}`);
  print(`Backend:     ${info.backend}, because ${info.why}`);
  print(`Addon:       ${info.addon ?? "none"}`);
  print(`Kernel set:  ${info.kernelSet}: ${info.kernelSetDescription}`);
  if (info.runnableKernelSets.length > 0) print(`Runnable:    ${info.runnableKernelSets.join(", ")}`);
  print(`Threads:     ${info.threads} (${threadingWords(info.backend, info.threading)})`);
  if (info.openmp !== null) print(`OpenMP:      ${info.openmp}`);
  print(`CPUs:        ${cpuWords(info.cpus)}`);
}

function threadingWords(backend: string, threading: string): string {
  if (threading !== "none") return threading;
  return backend === "native" ? "the addon was built without OpenMP" : "no threading";
}
