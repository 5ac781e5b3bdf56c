import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  type AddonInfo,
  addonPaths,
  isAddonNamed,
  type LoadResult,
  loadAddon,
  prebuildName,
} from "../../backend/addon.js";
import { MnistNativeError } from "../../errors.js";
import { cpuLimits, cpuWords, openMpLibrary } from "../../system/machine.js";
import type { Check } from "./check.js";
import { checkMpi } from "./check-mpi.js";
import { findNodeGyp } from "./node-gyp.js";

const REBUILD = "run npx mnist-native build";
const ALLOW_ADDONS = "start Node.js with --allow-addons, or without --no-addons";

/** Everything that the native backend depends on, the most important first. */
export function checkInstallation(): readonly Check[] {
  const loaded = tryLoad();
  const info = "refusal" in loaded || loaded.addon === null ? null : loaded.info;
  const works = info !== null;
  return [
    checkNode(),
    checkAddon(loaded),
    ...addonPaths().map((path) => checkFile(path, info)),
    ...(info === null ? [] : [checkThreads(info)]),
    ...checkTools(works),
    ...checkMpi(),
  ];
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const finding = `${process.version}, ${process.platform}-${process.arch}`;
  return major > 20 || (major === 20 && minor >= 19)
    ? { name: "Node.js", state: "ok", finding }
    : { name: "Node.js", state: "amiss", finding, remedy: "install Node.js 20.19 or later" };
}

/** Loads the addon; `refusal` where the environment asks for what this machine cannot do. */
function tryLoad(): LoadResult | { readonly refusal: string } {
  try {
    return loadAddon();
  } catch (error) {
    if (error instanceof MnistNativeError) return { refusal: error.message };
    throw error;
  }
}

function checkAddon(loaded: ReturnType<typeof tryLoad>): Check {
  const name = "Native addon";
  if ("refusal" in loaded) {
    return { name, state: "amiss", finding: loaded.refusal, remedy: "unset MNIST_NATIVE_CPU" };
  }
  if (loaded.forbidden) {
    return { name, state: "amiss", finding: loaded.reason, remedy: ALLOW_ADDONS };
  }
  if (loaded.addon === null) {
    const remedy = isAddonNamed() ? `unset MNIST_NATIVE_ADDON, or ${REBUILD}` : REBUILD;
    return { name, state: "amiss", finding: loaded.reason, remedy };
  }
  const { kernelSet, path } = loaded.info;
  return { name, state: "ok", finding: `${path} loads and computes correctly (kernel set ${kernelSet})` };
}

/**
 * Has another process load the file, so that a crash is a finding, too, and the dynamic linker's words are whole.
 *
 * @param info The addon that is in use, which may have been chosen because this file is of no use.
 */
function checkFile(path: string, info: AddonInfo | null): Check {
  const name = path.includes(prebuildName()) ? "Prebuilt file" : "Built file";
  if (!existsSync(path)) {
    return {
      name,
      state: info === null ? "amiss" : "note",
      finding: `there is no ${path}`,
      ...(info === null ? { remedy: REBUILD } : {}),
    };
  }
  const program =
    "try { process.dlopen({ exports: {} }, process.argv[1]); } catch (error) { console.log(error.message); process.exitCode = 1; }";
  const { MNIST_NATIVE_CPU: _, ...env } = process.env;
  const { status, signal, stdout } = spawnSync(process.execPath, ["-e", program, path], {
    encoding: "utf8",
    env,
  });
  if (status === 0) {
    const passedOver = info?.passedOver.find((fault) => fault.path === path);
    if (passedOver === undefined) return { name, state: "ok", finding: path };
    return { name, state: "amiss", finding: passedOver.reason, remedy: REBUILD };
  }
  const fault = signal === null ? stdout.trim() : `loading it ends the process by ${signal}`;
  return { name, state: "amiss", finding: `${path}: ${fault}`, remedy: linkerRemedy(fault) };
}

function linkerRemedy(fault: string): string {
  if (/loading addons is disabled/.test(fault)) return ALLOW_ADDONS;
  if (/libgomp/.test(fault)) return `install libgomp1 (on Alpine libgomp), or ${REBUILD}`;
  if (/GLIBC_/.test(fault)) return `this system's C library is older than the binary's; ${REBUILD}`;
  return REBUILD;
}

function checkThreads({ threading, defaultThreads }: { threading: string; defaultThreads: number }): Check {
  const name = "Threads";
  const limits = cpuWords(cpuLimits());
  if (threading === "OpenMP") {
    const library = openMpLibrary() ?? "linked into the addon";
    return { name, state: "ok", finding: `${defaultThreads} by OpenMP, ${library}; CPUs: ${limits}` };
  }
  const finding = `1, because the addon was built without OpenMP; CPUs: ${limits}`;
  if (process.platform === "win32") return { name, state: "note", finding };
  const library = process.platform === "darwin" ? "libomp (brew install libomp)" : "your compiler's OpenMP";
  return { name, state: "amiss", finding, remedy: `install ${library} and ${REBUILD}` };
}

/** What compiles the addon. While it works without, a missing tool is worth a note only. */
function checkTools(works: boolean): readonly Check[] {
  const missing = works ? "note" : "amiss";
  const tool = (name: string, commands: readonly string[], state: Check["state"], remedy: string): Check => {
    const finding = commands.map(firstLine).find((line) => line !== undefined);
    if (finding !== undefined) return { name, state: "ok", finding };
    return { name, state, finding: "it is missing, and needed to build the addon only", remedy };
  };
  const isWindows = process.platform === "win32";
  const { CXX, PYTHON } = process.env;
  const python = isWindows ? ["python", "py"] : ["python3", "python"];
  const unixOnly = isWindows
    ? []
    : [
        tool("C++ compiler", CXX ? [CXX] : ["c++", "g++", "clang++"], missing, compilerRemedy()),
        tool("make", ["make", "gmake"], missing, "install make"),
      ];
  return [
    ...unixOnly,
    tool("python3", PYTHON ? [PYTHON] : python, missing, "install Python 3"),
    checkNodeGyp(missing),
    tool("cmake", ["cmake"], "note", "install cmake to run the C++ tests"),
  ];
}

function compilerRemedy(): string {
  if (process.platform === "darwin") return "run xcode-select --install";
  return "install g++ (on Debian: apt install g++, on Alpine: apk add g++)";
}

function checkNodeGyp(missing: Check["state"]): Check {
  const name = "node-gyp";
  try {
    return { name, state: "ok", finding: findNodeGyp() };
  } catch (error) {
    if (!(error instanceof MnistNativeError)) throw error;
    return { name, state: missing, finding: "it is missing", remedy: "install npm, which brings it along" };
  }
}

/** What a command answers to `--version`; `undefined` where it cannot be run. */
function firstLine(command: string): string | undefined {
  const [program = "", ...args] = command.split(" ");
  const { status, stdout } = spawnSync(program, [...args, "--version"], { encoding: "utf8" });
  return status === 0 ? stdout.split("\n")[0]?.trim() : undefined;
}
