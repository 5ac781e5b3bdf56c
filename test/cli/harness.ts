import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/** The program of the command line. */
export const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Whether this machine has the addon; tests of the native backend are skipped where it has not. */
export const hasAddon = existsSync(new URL("../../build/Release/mnist_native.node", import.meta.url));

if (!hasAddon) {
  console.warn("Tests of the native backend are skipped: the addon has not been built (npm run build).");
}

/** What a command left behind. */
export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves when this text was printed; rejects when the command ends without it. */
  printed(text: string): Promise<void>;
  readonly finished: Promise<Finished>;
}

export type Environment = Readonly<Record<string, string>>;

/** Runs the command line in a process of its own, as a shell does. */
export function cli(args: readonly string[], environment: Environment = {}): Promise<Finished> {
  return start(args, environment).finished;
}

export function start(args: readonly string[], environment: Environment = {}): Running {
  return startProgram(process.execPath, [MAIN, ...args], environment);
}

/** One line for a POSIX shell that runs the command line. */
export function shellLine(args: readonly string[]): string {
  return [process.execPath, MAIN, ...args].map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(" ");
}

export function startProgram(
  program: string,
  args: readonly string[],
  environment: Environment = {},
  cwd = process.cwd(),
): Running {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(MNIST_NATIVE|OMP|NODE_OPT)/.test(name),
  );
  // One thread is enough for small data, and leaves the other processors to the other tests.
  const env = { ...Object.fromEntries(inherited), OMP_NUM_THREADS: "1", ...environment };
  const child = spawn(program, [...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    child.emit("printed");
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
  const printed = async (text: string) => {
    while (!stdout.includes(text)) {
      const next = new Promise<false>((resolve) => child.once("printed", () => resolve(false)));
      // It may have ended before it is asked.
      const isOver = await Promise.race([next, finished.then(() => true)]);
      if (isOver && !stdout.includes(text)) {
        throw new Error(`"${text}" was never printed: ${stdout}${stderr}`);
      }
    }
  };
  return { child, printed, finished };
}

/** Checks that a command worked, and said nothing on standard error. */
export function expectSuccess({ status, stdout, stderr }: Finished): string {
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout;
}

const HELP = /\nRun mnist-native (?:[a-z-]+ --help for its|--help for the commands and) options\.\n$/;

/** Checks that a command failed with one clear sentence, printed nothing else, and showed no stack. */
export function expectFault(result: Finished, status: 1 | 2, sentence: RegExp): void {
  expect(result.stderr).toMatch(/^mnist-native: .*[.?]\n/);
  expect(result.stderr.split("\n")).toHaveLength(status === 2 ? 3 : 2);
  if (status === 2) expect(result.stderr).toMatch(HELP);
  expect(result.stderr).not.toContain("unexpected error");
  expect(result.stderr).toMatch(sentence);
  expect(`${result.stdout}\n${result.stderr}`).not.toMatch(/^ {4}at /m);
  expect(result.stdout).toBe("");
  expect(result.status).toBe(status);
}
