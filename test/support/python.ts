import { spawnSync } from "node:child_process";

// Programs in Python that hold what we write against what others make of it. Where Python or a module of it is missing, the tests are
// skipped, and say so.

const INTERPRETERS = ["/usr/bin/python3", "python3"];
const known = new Map<string, string | undefined>();

/** A Python that has these modules; `undefined` where there is none, which is said once. */
export function pythonWith(...modules: readonly string[]): string | undefined {
  const key = modules.join(", ");
  if (!known.has(key)) {
    const program = modules.map((name) => `import ${name}`).join("\n");
    const found = INTERPRETERS.find((python) => spawnSync(python, ["-c", program]).status === 0);
    if (found === undefined) {
      console.warn(`Tests that hold results against Python are skipped: no python3 here has ${key}.`);
    }
    known.set(key, found);
  }
  return known.get(key);
}

/**
 * What a program in Python prints.
 *
 * @param input What it can read from its standard input.
 */
export function runPython(
  python: string,
  program: string,
  args: readonly string[] = [],
  input: string | undefined = undefined,
): string {
  const { status, stdout, stderr } = spawnSync(python, ["-c", program, ...args], {
    encoding: "utf8",
    input,
    maxBuffer: 1 << 30,
    // One thread is enough for small data, and leaves the other processors to the other tests.
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  });
  if (status !== 0) throw new Error(`Python failed: ${stderr}`);
  return stdout;
}
