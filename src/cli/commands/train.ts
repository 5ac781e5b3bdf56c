import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { liveOptions, parentOption, readLiveOptions } from "../options/live.js";
import { checkpointOption, jsonOption, readCheckpointEvery } from "../options/shared.js";
import { stoppingOptions } from "../options/stopping.js";
import {
  computationOptions,
  configOption,
  readTrainArguments,
  trainDataOptions,
} from "../options/train-arguments.js";
import { networkOptions, regularisationOptions, trainingOptions } from "../options/training.js";
import { isOneOfSeveral } from "../several-processes.js";
import { loadTrainer } from "./load-trainer.js";
import { openTraining, withThreads } from "./open-training.js";
import type { Together } from "./parallel-training.js";

const run = {
  config: {
    ...configOption,
    describe:
      "File with settings, JSON or YAML, such as the config.json of a run, which makes that run again; relative places in it are taken from its folder, and options win over it",
  },
  ...computationOptions,
  out: {
    type: "string",
    requiresArg: true,
    describe:
      "Folder for config.json, environment.json, metrics.jsonl, summary.json, model.safetensors and checkpoints",
  },
  resume: {
    type: "string",
    requiresArg: true,
    describe:
      "Folder of a run that was interrupted: go on with it, to the bits that it would have had; --epochs may grow",
  },
  "checkpoint-every": checkpointOption,
  force: { type: "boolean", default: false, describe: "Replace a run that is in the folder of --out" },
  tensorboard: {
    type: "string",
    requiresArg: true,
    describe:
      "Folder of runs that TensorBoard shows: also write curves there, and of some twenty epochs histograms and of ten mistakes, in a folder with the name of --out or the time",
  },
  json: jsonOption,
} as const;

const options = {
  ...trainDataOptions,
  ...networkOptions,
  ...trainingOptions,
  ...stoppingOptions,
  ...regularisationOptions,
  ...run,
  ...liveOptions,
  ...parentOption,
} as const;

export type TrainArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options>>;

export function builder(yargs: Argv) {
  return yargs
    .options(options)
    .group(Object.keys(trainDataOptions), "Data:")
    .group(Object.keys(networkOptions), "Network:")
    .group(Object.keys(trainingOptions), "Training:")
    .group(Object.keys(stoppingOptions), "Stopping:")
    .group(Object.keys(regularisationOptions), "Regularisation:")
    .group(Object.keys(run), "Run:")
    .group(Object.keys(liveOptions), "Live page:")
    .example("$0 train", "the chapter's run, 784-50-10 and 50 epochs, on MNIST if it can be had")
    .example("$0 train --data-dir mnist", "the same on the files in the folder mnist")
    .example("$0 train --data-dir mnist --hidden 200,100", "two hidden layers")
    .example("$0 train --preset modern", "what works well today, made of the options below")
    .example("$0 train --preset adaline --classes 3,8", "one linear unit that tells two digits apart")
    .example("$0 train --activation relu --loss crossEntropy --optimizer adam", "another network")
    .example("$0 train --hidden 300 --augment shift=2,rotate=10", "distorted images, which overfit less")
    .example("$0 train --epochs 500 --early-stopping 10", "as long as there is a gain; the best weights")
    .example("$0 train --csv letters.csv --label-column letter", "a network for images of your own")
    .example("$0 train --table iris.csv --target-column species --task classify", "and for a table")
    .example("$0 train --table houses.csv --target-column price --task regress", "numbers to learn")
    .example("$0 train --out runs/a", "keep the run; Ctrl-C, and it goes on by the next line")
    .example("$0 train --resume runs/a", "go on with a run that was interrupted or killed")
    .example("$0 train --out runs/a --tensorboard runs", "and see it by tensorboard --logdir runs")
    .example("$0 train --live --open", "watch it learn in the browser, and draw digits for it")
    .example("$0 train --config runs/a/config.json", "the run in runs/a again, to the bit")
    .example("$0 train --config digits.yaml --epochs 5", "settings of your own, but for the epochs")
    .example("$0 train --from runs/a/model.safetensors --freeze layers.0", "go on from a model");
}

export async function handler(args: TrainArguments): Promise<void> {
  if (!isOneOfSeveral()) return train(args, undefined);
  const { trainTogether } = await import("./parallel-training.js");
  await trainTogether(args.verbose === true, (together) => train(args, together));
}

async function train(args: TrainArguments, together: Together | undefined): Promise<void> {
  const { out, force, json, summary, resume, tensorboard } = args;
  const checkpointEvery = readCheckpointEvery(
    args["checkpoint-every"],
    out !== undefined || resume !== undefined,
  );
  // Of several processes the first alone is watched.
  const isFirst = together === undefined || together.communicator.rank === 0;
  const watching = isFirst ? readLiveOptions(args) : undefined;
  if (resume !== undefined) {
    const { resumeTraining } = await import("./resume-training.js");
    return resumeTraining(
      { ...args },
      { directory: resume, json, summary, checkpointEvery, tensorboard, watching, together },
    );
  }
  const asked = withThreads(await readTrainArguments(args, args.config), args.threads, together);
  // Reading takes longer than importing, and other threads decompress: the two need not wait for each other.
  const [opened, trainer] = await Promise.all([openTraining(asked), loadTrainer(watching)]);
  await trainer({ ...opened, out, force, checkpointEvery, tensorboard, json, summary, together });
}
