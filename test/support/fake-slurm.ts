import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./temporary-folder.js";

/** Programs of the names of Slurm's, which keep what they were called with and say what a test wants. */
export interface FakeSlurm {
  /** PATH with them before all others. */
  readonly path: string;
  /** The arguments of each call of a command so far. */
  calls(command: string): readonly (readonly string[])[];
  /** What a command will print, and its exit code. */
  answer(command: string, text: string, code?: number): void;
}

/** `sbatch` counts its jobs from 1; the others say nothing and end well. */
export function fakeSlurm(
  commands: readonly string[] = ["sbatch", "squeue", "scancel", "scontrol"],
): FakeSlurm {
  const folder = join(temporaryFolder(), "bin");
  mkdirSync(folder);
  for (const command of commands) {
    const place = join(folder, command);
    const counts = command === "sbatch" ? `grep -c END '${place}.calls'` : ":";
    writeFileSync(
      place,
      `#!/bin/bash
{ printf '%s\\0' "$@"; printf 'END\\n\\0'; } >>'${place}.calls'
if [ -e '${place}.answer' ]; then cat '${place}.answer'; else ${counts}; fi
if [ -e '${place}.code' ]; then cat '${place}.said' >&2; exit "$(cat '${place}.code')"; fi
`,
    );
    chmodSync(place, 0o755);
  }
  return {
    path: `${folder}:${process.env.PATH}`,
    calls(command) {
      const file = join(folder, `${command}.calls`);
      if (!existsSync(file)) return [];
      return readFileSync(file, "utf8")
        .split("END\n\0")
        .slice(0, -1)
        .map((call) => call.split("\0").slice(0, -1));
    },
    answer(command, text, code = 0) {
      const place = join(folder, command);
      writeFileSync(`${place}.answer`, code === 0 ? text : "");
      writeFileSync(`${place}.said`, text);
      if (code !== 0) writeFileSync(`${place}.code`, String(code));
    },
  };
}
