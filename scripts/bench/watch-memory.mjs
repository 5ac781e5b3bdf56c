// Loaded before a run (runs.mjs): at its end reports on file descriptor 3 the most memory that the process had at a time, in bytes.
import { readFileSync, writeSync } from "node:fs";

process.on("exit", () => writeSync(3, String(peakMemory())));

/** Linux hands on the maximum of `resourceUsage` from the process that started this one, however large that was; VmHWM is our own. */
function peakMemory() {
  if (process.platform === "linux") {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    return Number(kibibytes) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}
