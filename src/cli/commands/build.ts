import { fileURLToPath } from "node:url";
import type { Argv } from "yargs";
import { BUILD_TOOLS, loadAddon } from "../../backend/addon.js";
import { BackendUnavailableError } from "../../errors.js";
import { compileAddon } from "../installation/node-gyp.js";
import { print } from "../process.js";

const PACKAGE_ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export function builder(yargs: Argv) {
  return yargs.epilogue(`It takes ${BUILD_TOOLS}; mnist-native doctor tells what is missing.`);
}

/** Compiles the addon from the sources in the package, for this machine's compiler and libraries. */
export function handler(): void {
  print("Compiling the native addon, which takes about a minute …");
  compileAddon(PACKAGE_ROOT);
  const result = loadAddon();
  if (result.addon === null) {
    throw new BackendUnavailableError(`The native addon was compiled, but ${result.reason}.`);
  }
  const { path, kernelSet, threading } = result.info;
  const threads = threading === "none" ? "on one thread, without OpenMP" : `threads by ${threading}`;
  print(`Built ${path} (kernel set ${kernelSet}, ${threads}).`);
}
