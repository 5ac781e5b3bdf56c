import { SweepError } from "../../../errors.js";

/** What this program says itself, by what it is in sbatch's words. */
const OWN: Readonly<Record<string, string>> = {
  "--array": "the trials are its array; --jobs limits how many run at a time",
  "--chdir": "jobs run in the sweep's folder",
  "--clusters": "jobs are looked for on this cluster",
  "--dependency": "a rung waits for the one before",
  "--error": "what jobs print is in the sweep's folder",
  "--job-name": "jobs are found by their names",
  "--no-requeue": "a trial goes on after its time limit by being requeued",
  "--open-mode": "what jobs print is in the sweep's folder",
  "--output": "what jobs print is in the sweep's folder",
  "--parsable": "the job's id is read",
  "--quiet": "the job's id is read",
  "--requeue": "jobs are requeued anyway",
  "--test-only": "mnist-native sweep --dry-run shows what would run",
  "--wait": "this command waits by itself, but for --no-wait",
  "--wrap": "the script is this program's own",
};
const SHORT: Readonly<Record<string, string>> = {
  "-a": "--array",
  "-D": "--chdir",
  "-M": "--clusters",
  "-d": "--dependency",
  "-e": "--error",
  "-J": "--job-name",
  "-o": "--output",
  "-Q": "--quiet",
  "-W": "--wait",
};

/**
 * Checks options that go to sbatch as they are. What they mean is Slurm's to say.
 *
 * @throws SweepError when one is no option, or one that this program gives itself.
 */
export function checkSbatchOptions(options: readonly string[]): void {
  let mayBeValue = false;
  for (const option of options) {
    // What follows this one, sbatch would take for the script.
    if (option === "--") throw wrong(option, "it is no option");
    if (!option.startsWith("-")) {
      // sbatch would take it for the script.
      if (!mayBeValue) throw wrong(option, "it is no option");
      mayBeValue = false;
      continue;
    }
    const name = option.startsWith("--") ? option.replace(/=.*$/s, "") : option.slice(0, 2);
    const full = SHORT[name] ?? fullName(name);
    const reason = OWN[full];
    if (reason !== undefined) throw wrong(name, reason);
    if (full === "--signal" && !/^--signal=B:(USR1|SIGUSR1|10)(@\d+)?$/.test(option)) {
      throw wrong(option, "trials are told of their time limit by --signal=B:USR1@SECONDS");
    }
    mayBeValue = option.startsWith("--") ? !option.includes("=") : option.length === 2;
  }
}

/** Of an option that may be shortened, as sbatch takes it: `--arr=1`. Where that is the beginning of others, too, it says so itself. */
function fullName(name: string): string {
  if (!name.startsWith("--") || name === "--" || name in OWN) return name;
  return Object.keys(OWN).find((own) => own.startsWith(name)) ?? name;
}

function wrong(option: string, reason: string): SweepError {
  return new SweepError(
    `Expected options for sbatch such as --partition=cpu and --time=10:00, but received ${JSON.stringify(option)}: ${reason}.`,
  );
}
