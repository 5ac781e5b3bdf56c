// node --import ./die-at-call.mjs PROGRAM …
//
// Kills the process that it is loaded into, as kill -9 does, at one of the calls that change files beneath a folder, or counts them.
import { writeFileSync } from "node:fs";
import { interceptFileCalls } from "./file-calls.mjs";

/** The folder, and either `at`, such as `{ call: 12, instant: "before" | "middle" | "after" }`, or the file for the number of calls. */
const { folder, at, count } = JSON.parse(process.env.KILLS);
const write = writeFileSync;
let calls = 0;

interceptFileCalls(folder, (_call, proceed) => {
  calls += 1;
  if (at?.call !== calls) return proceed();
  if (at.instant === "before") die();
  const result = proceed(at.instant === "middle" ? 0.5 : 1);
  return result instanceof Promise ? result.finally(die) : die();
});
if (count !== undefined) process.on("exit", () => write(count, String(calls)));

function die() {
  process.kill(process.pid, "SIGKILL");
  for (;;); // Not one step more.
}
