import { SweepError } from "../../../errors.js";
import { singleQuoted } from "../../../system/shell.js";

/** Seconds before its time limit at which Slurm tells a job of it. Slurm may be a minute early. */
const SECONDS_BEFORE_LIMIT = 60;
/** A task that has come to its time limit so often ends: one that never gets further would otherwise go on for ever. */
const MOST_REQUEUES = 100;

export interface ScriptOptions {
  /** The path of Node.js. */
  readonly node: string;
  /** The path of the command line's main file. */
  readonly commandLine: string;
  /** The sweep's folder. */
  readonly folder: string;
}

/**
 * The batch script of a sweep: `sbatch --array=… SCRIPT RUNG OFFSET` runs the tasks of a rung, from number `OFFSET` on.
 *
 * There is no `srun`: a task is one process on one node, and the batch step holds it to the job's processors and memory as a step of its own
 * would. Of the time limit Slurm tells the script alone, by SIGUSR1. Not by SIGTERM, which a job gets when somebody cancels it: it has to
 * be told apart, as `scontrol requeue` brings back cancelled jobs, too.
 *
 * @param options Absolute paths.
 * @throws SweepError when a path has control characters in it, which no script and no command of Slurm takes.
 */
export function slurmScript({ node, commandLine, folder }: ScriptOptions): string {
  return `#!/bin/bash
# The trials of a sweep of mnist-native: sbatch --array=FIRST-LAST THIS_FILE RUNG OFFSET
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@${SECONDS_BEFORE_LIMIT}
node=${quote(node)}
command_line=${quote(commandLine)}
sweep=${quote(folder)}
rung=$1
offset=$2
task="\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"
most_requeues=${MOST_REQUEUES}
trial=
near_limit=
cancelled=

# Near the time limit the trial keeps a checkpoint, and goes on from it when the task is started again.
trap 'near_limit=yes; [ -z "$trial" ] || kill -TERM "$trial"' USR1
# Whoever cancels the job tells all of its processes: here is only waited until they have ended.
trap 'cancelled=yes' TERM

"$node" "$command_line" slurm-task "$sweep" --rung "$rung" --index "$((offset + SLURM_ARRAY_TASK_ID))" \\
  --threads "\${SLURM_CPUS_PER_TASK:-1}" &
trial=$!
# A signal ends the waiting, and not the trial.
wait "$trial"
status=$?
while kill -0 "$trial" 2>/dev/null; do
  wait "$trial"
  status=$?
done
wait "$trial"
ended=$?
[ "$ended" -lt 0 ] || status=$ended # Bash 5.2 says -1 of a process that ended in the moment of the signal.

if [ -n "$near_limit" ] && [ -z "$cancelled" ] && [ "$status" -ne 0 ]; then
  if [ "\${SLURM_RESTART_COUNT:-0}" -ge "$most_requeues" ]; then
    echo "Task $task was requeued $most_requeues times and has not ended: give it more --time." >&2
    exit 1
  fi
  echo "Task $task is near its time limit: it goes on when Slurm starts it again."
  exec scontrol requeue "$task"
fi
exit "$status"
`;
}

/**
 * A word of a shell script that means this text and nothing else.
 *
 * @throws SweepError when there are control characters in it.
 */
export function quote(text: string): string {
  requirePlain(text);
  return singleQuoted(text);
}

function requirePlain(path: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(path)) {
    throw new SweepError(
      `Expected a path without line breaks and other control characters for a job of Slurm, but received ${JSON.stringify(path)}; move or rename the folder.`,
    );
  }
}
