// Processes that a script has started: whatever happens to it, none of them outlives it.
const alive = new Set();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
]) {
  process.on(signal, () => process.exit(code));
}

/**
 * Ends a process with the script.
 *
 * @template {import("node:child_process").ChildProcess} C
 * @param {C} child
 * @returns {C}
 */
export function endWithScript(child) {
  alive.add(child);
  child.on("close", () => alive.delete(child));
  return child;
}
