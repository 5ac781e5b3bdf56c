// What a benchmark ran on.
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";

/** @param {import("../../dist/backend/addon.js").AddonInfo} info */
export function describeMachine(info) {
  const { stdout } = spawnSync("c++", ["--version"], { encoding: "utf8" });
  const [compiler] = stdout?.split("\n") ?? [];
  return {
    processor: cpus()[0]?.model ?? "unknown",
    "kernel set": `${info.kernelSet} (${info.kernelSetDescription})`,
    threads: info.defaultThreads,
    threading: info.threading,
    "Node.js": process.version,
    compiler: compiler || "none",
  };
}

/** @param {ReturnType<typeof describeMachine>} machine */
export function machineLines(machine) {
  return Object.entries(machine)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join("\n");
}
