import { resolve } from "node:path";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { queueOption, workerDataOptions } from "../options/queue.js";
import { positiveNumber, wholeNumber } from "../options/shared.js";
import { localOptions } from "../options/sweep.js";
import { interruptionOf, interruptSignal, outliveReader, print, printWarning } from "../process.js";
import { outcomeLine } from "../sweeps/sweep-display.js";

const options = {
  queue: { ...queueOption, defaultDescription: "env" },
  folder: {
    type: "string",
    requiresArg: true,
    demandOption: "Expected --folder and a sweep's folder that is shared, or one for the sweeps that come.",
    describe:
      "The folder of a sweep, where its machines share it; or one of this machine's own, for a folder for each sweep",
  },
  jobs: localOptions.jobs,
  threads: { ...localOptions.threads, defaultDescription: "1, or the CPUs that fewer jobs leave" },
  "until-idle": {
    type: "boolean",
    default: false,
    describe:
      "End when there has been nothing to do for some seconds, or no first trial for a minute, as for batch systems",
  },
  // So that a test need not wait for half a minute until a killed worker's trial is another's.
  "lock-seconds": { requiresArg: true, hidden: true },
} as const;

type WorkerArguments = ArgumentsCamelCase<
  InferredOptionTypes<typeof options> & InferredOptionTypes<typeof workerDataOptions>
>;

export function builder(yargs: Argv) {
  return yargs
    .options({ ...options, ...workerDataOptions })
    .group(Object.keys(options), "Worker:")
    .group(Object.keys(workerDataOptions), "Data, where the folder is not the sweep's:")
    .example("$0 worker --queue redis://host:6379 --folder /shared/sweeps/a", "take trials of that sweep")
    .example(
      "$0 worker --folder work --until-idle",
      "of any sweep, from the queue that MNIST_NATIVE_QUEUE says",
    );
}

export async function handler(args: WorkerArguments): Promise<void> {
  const [{ runWorker }, { printedAddress, queueAddress }, { usableProcessors }] = await Promise.all([
    import("../../sweeps/runners/redis/worker.js"),
    import("../../sweeps/runners/redis/address.js"),
    import("../../sweeps/runners/local.js"),
  ]);
  const url = queueAddress(args.queue);
  const { folder, threads, "lock-seconds": lockSeconds } = args;
  const processors = usableProcessors();
  const jobs = args.jobs === undefined ? processors : wholeNumber("jobs", args.jobs, 1, 1024);
  const { signal, release } = interruptSignal();
  let hasBegun = false;
  outliveReader();
  try {
    await runWorker({
      url,
      folder: resolve(folder),
      jobs,
      threads:
        threads === undefined
          ? Math.max(1, Math.floor(processors / jobs))
          : wholeNumber("threads", threads, 1, 1024),
      data: dataOf(args),
      untilIdle: args["until-idle"],
      lockSeconds: lockSeconds === undefined ? undefined : positiveNumber("lock-seconds", lockSeconds),
      signal,
      onReady: () =>
        print(
          `Takes ${jobs === 1 ? "one trial" : `${jobs} trials`} at a time from ${printedAddress(url)}; Ctrl-C ends it.`,
        ),
      onStart({ trial, rung }, { id }) {
        hasBegun = true;
        print(`Trial ${trial}${rung === 0 ? "" : `, rung ${rung},`} of sweep ${id} begins.`);
      },
      onOutcome: (outcome, sweep) => print(outcomeLine(sweep, outcome)),
      onNotice: printWarning,
    });
  } finally {
    release();
  }
  const interruption = interruptionOf(signal.reason);
  if (interruption === undefined) {
    return print(
      hasBegun ? "There is nothing more to do." : "There was nothing to do: no trial came for this worker.",
    );
  }
  print("Interrupted: trials that ran have kept a checkpoint, and other workers take them up.");
  process.exitCode = interruption.exitCode;
}

function dataOf(args: WorkerArguments) {
  const { csv, npz, table, "data-dir": dataDir, "image-folder": imageFolder } = args;
  const given = Object.entries({ dataDir, csv, npz, imageFolder, table }).flatMap(([name, path]) =>
    path === undefined ? [] : [[name, resolve(path)] as const],
  );
  return Object.fromEntries(given);
}
