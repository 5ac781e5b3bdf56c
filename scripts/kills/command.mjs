// The command line in a process of its own, which may be killed.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { endWithScript } from "./children.mjs";

const MAIN = fileURLToPath(new URL("../../bin/mnist-native.js", import.meta.url));
const here = (name) => new URL(name, import.meta.url).href;

/**
 * @param {readonly string[]} args
 * @param {object} how
 * @param {boolean} [how.isStreamed] Reads files in windows.
 * @param {number} [how.killAfter] Milliseconds.
 * @param {object} [how.watched] What die-at-call.mjs takes.
 * @returns {Promise<{ wasKilled: boolean, status: number | null, stdout: string, stderr: string, seconds: number }>}
 */
export function runCommand(args, { isStreamed, killAfter, watched } = {}) {
  const hooks = [
    ...(watched ? ["./die-at-call.mjs"] : []),
    ...(isStreamed ? ["./stream-small-files.mjs"] : []),
  ];
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(MNIST_NATIVE|OMP|NODE_OPT)/.test(name),
  );
  const env = { ...Object.fromEntries(inherited), ...(watched && { KILLS: JSON.stringify(watched) }) };
  const node = [...hooks.flatMap((hook) => ["--import", here(hook)]), MAIN, ...args];
  const start = performance.now();
  const stdio = ["ignore", "pipe", "pipe"];
  const child = endWithScript(spawn(process.execPath, node, { env, stdio }));
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      texts[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      const seconds = (performance.now() - start) / 1000;
      resolve({ wasKilled: signal === "SIGKILL", status, ...texts, seconds });
    });
  });
}
