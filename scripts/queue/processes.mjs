// Coordinators and workers of the command line, each in a process of its own, which may be killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endWithScript } from "../kills/children.mjs";

const MAIN = fileURLToPath(new URL("../../bin/mnist-native.js", import.meta.url));

/**
 * Starts a command.
 *
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} environment
 */
export function startCommand(args, environment = {}) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(MNIST_NATIVE|OMP|NODE_OPT)/.test(name),
  );
  const env = { ...Object.fromEntries(inherited), ...environment };
  const stdio = ["ignore", "pipe", "pipe"];
  const child = endWithScript(spawn(process.execPath, [MAIN, ...args], { env, stdio }));
  let isOver = false;
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      texts[name] += text;
    });
  }
  const ended = once(child, "close").then(([status]) => {
    isOver = true;
    return { status, ...texts };
  });
  return {
    texts,
    ended,
    isOver: () => isOver,
    /** As Ctrl-C does. */
    async interrupt() {
      child.kill("SIGINT");
      await ended;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs a command to its end, which must be a good one. */
export async function runCommand(args, environment) {
  const { status, stdout, stderr } = await startCommand(args, environment).ended;
  if (status !== 0) throw new Error(`${args.join(" ")} ended with exit code ${status}:\n${stdout}${stderr}`);
  return stdout;
}
