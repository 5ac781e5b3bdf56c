import { performance } from "node:perf_hooks";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { ACTIVATIONS } from "../../backend/activation.js";
import { selectBackend } from "../../backend/select.js";
import { type DataChoice, type OpenData, openData, ownData } from "../../data/open-data.js";
import { InvalidArgumentError } from "../../errors.js";
import { ImportOptionError } from "../../interchange/import-option-error.js";
import { describeEnvironment } from "../../runs/environment.js";
import { type ImportOrigin, originOfModel } from "../../runs/import-origin.js";
import { recordImportedRun } from "../../runs/imported-run.js";
import { requireFreeFolder } from "../../runs/record-run.js";
import { classesOfModel, openModelsData } from "../../runs/recorded-data.js";
import { packageVersion } from "../../system/package-version.js";
import { printable } from "../../system/printable.js";
import { shellCommand } from "../../system/shell.js";
import { checkFits } from "../../training/compatibility.js";
import { evaluate } from "../../training/evaluate.js";
import type { LoadedModel } from "../../training/model-file.js";
import { learnsValues } from "../../training/model-metadata.js";
import { scoreValues } from "../../training/score-values.js";
import { writeInterruptibly } from "../interruptible-writing.js";
import { noticeAssumedPixels, noticeOtherSplit } from "../model-notices.js";
import {
  dataOptions,
  readClasses,
  readDataOptions,
  readImageShape,
  WITHOUT_TEST_SET,
} from "../options/data.js";
import { readPixels } from "../options/pixels.js";
import { backendOptions, jsonOption, positiveNumber, readBackendOptions } from "../options/shared.js";
import { LOSSES } from "../options/training.js";
import { print, printJson, UsageError } from "../process.js";
import { testLine } from "../result-line.js";
import { readsImages, requireClasses, withFacts } from "./imported-facts.js";

const networkOptions = {
  activation: {
    choices: ACTIVATIONS,
    describe: "Of all hidden layers, where the file has weights alone: safetensors of PyTorch, npz of Keras",
  },
  output: {
    choices: [...ACTIVATIONS, "softmax"] as const,
    describe:
      "Of the last layer, where the file does not tell; also softmax or sigmoid where the file ends with what its loss took for logits",
  },
  loss: {
    choices: LOSSES,
    defaultDescription: "what the file tells; else crossEntropy for a softmax, squaredError for others",
    describe: "What training goes on to make small; of a sigmoid in most programs it was binaryCrossEntropy",
  },
  normalization: {
    choices: ["beforeActivation", "afterActivation"] as const,
    describe: "Where a batch normalisation stands that the file does not place",
  },
  epsilon: {
    requiresArg: true,
    defaultDescription: "1e-5; 1e-3 of Keras",
    describe: "Of batch normalisations, where the file does not tell",
  },
  pixels: {
    requiresArg: true,
    defaultDescription: "-1..1",
    describe:
      "What the other program made of the bytes of pixels: FROM..TO, such as 0..1; or MEAN,DEVIATION of pixels from 0 to 1, as torchvision's Normalize takes them",
  },
  "class-names": {
    type: "string",
    requiresArg: true,
    describe: "Names of the classes, separated by commas, where neither file nor data have them",
  },
} as const;

const options = {
  out: {
    alias: "o",
    type: "string",
    requiresArg: true,
    describe: "Folder for the run: config.json, environment.json, summary.json and model.safetensors",
  },
  force: { type: "boolean", default: false, describe: "Replace a run that is in the folder of --out" },
  ...networkOptions,
  ...dataOptions,
  "image-shape": {
    ...dataOptions["image-shape"],
    defaultDescription: "28x28 for 784 inputs; square with --pixels",
    describe: "HEIGHTxWIDTH of the images, where neither file nor data tell",
  },
  dataset: {
    ...dataOptions.dataset,
    describe: "Published data that the network is tested on, or digits that the program draws",
  },
  classes: {
    requiresArg: true,
    defaultDescription: "all",
    describe: "Of images: the classes that its outputs stand for, in their order, such as 3,8",
  },
  split: { ...dataOptions.split, defaultDescription: "official, where the data have a test set" },
  ...backendOptions,
  json: jsonOption,
} as const;

type ImportArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options> & { file: string }>;

export function builder(yargs: Argv) {
  return yargs
    .positional("file", {
      type: "string",
      demandOption: true,
      describe: "ONNX, safetensors or npz, told by its content",
    })
    .options(options)
    .group(Object.keys(networkOptions), "Network:")
    .group([...Object.keys(dataOptions), "classes"], "Data, to test it on:")
    .example("$0 import digits.onnx -o runs/digits", "a network with its layers, from any program")
    .example(
      "$0 import digits.safetensors --activation relu --output softmax --pixels 0..1 -o runs/torch",
      "what safetensors.torch.save_file(model.state_dict(), path) wrote",
    )
    .example(
      "$0 import keras.npz --activation relu --output softmax --pixels 0..1 -o runs/keras",
      "what numpy.savez(path, *model.get_weights()) wrote",
    )
    .example("$0 import digits.onnx --data-dir mnist -o runs/tested", "and test it on the files in mnist");
}

export async function handler({ file, out, force, json, ...args }: ImportArguments): Promise<void> {
  const start = performance.now();
  if (out === undefined) {
    throw new UsageError("Expected --out FOLDER, or -o FOLDER, in which the imported network is kept.");
  }
  const { choice, imageShape } = readImportedData(args);
  const { activation, output, loss, normalization } = args;
  const epsilon = args.epsilon === undefined ? undefined : positiveNumber("epsilon", args.epsilon);
  const pixels = args.pixels === undefined ? undefined : readPixels(args.pixels);
  const classNames = args["class-names"]?.split(",");
  const backend = selectBackend(readBackendOptions(args));
  requireFreeFolder(out, { force });
  const { importModel } = await import("../../interchange/import-model.js");
  let areAssumed = false;
  const onAssumedPixels = () => {
    areAssumed = true;
  };
  const asked = { backend, activation, output, loss, normalization, epsilon, pixels, onAssumedPixels };
  const read = await importModel(file, asked).catch((error) => {
    if (error instanceof ImportOptionError) throw new UsageError(error.sentence((option) => `--${option}`));
    throw error;
  });
  const model = withFacts(read, {
    classNames,
    imageShape,
    selectedClasses: choice.selectedClasses,
    readsPixels: pixels !== undefined,
  });
  const data = await dataFor(model, choice);
  if (areAssumed && readsImages(model, data)) noticeAssumedPixels(file);
  if (data !== undefined) noticeOtherSplit(model.metadata, data, file);
  const test = data === undefined ? undefined : await testModel(model, data).finally(data.close);
  const { network } = model;
  const summary = {
    ...test?.figures,
    seconds: (performance.now() - start) / 1000,
    backend: backend.name,
    kernelSet: backend.kernelSet,
    dtype: network.dtype,
    threads: backend.threads,
    epochs: 0,
    interrupted: false,
  };
  const environment = describeEnvironment(backend, network.dtype, packageVersion());
  const selectedClasses = classesOfModel(model.metadata);
  const tested = data === undefined ? undefined : { choice: { ...choice, selectedClasses }, data };
  const run = { model, tested, environment, summary };
  if (!(await writeInterruptibly((signal) => recordImportedRun(out, run, { force, signal })))) return;
  const origin = originOfModel(model.metadata) as ImportOrigin; // As importModel gives it.
  if (json) {
    const { inputs, outputs, dtype, specification } = network;
    printJson({ out, ...origin, inputs, outputs, dtype, network: specification, summary });
    return;
  }
  print(
    `Network: ${network.sizes.join("-")}, ${network.dtype}, from ${printable(origin.file)} (${origin.form}).`,
  );
  if (test !== undefined) print(test.line);
  print(`Kept in ${out}`);
  const last = network.specification.layers.at(-1);
  const isLogits = last?.type === "dense" && (last.activation ?? "identity") === "identity";
  if (isLogits && network.outputs > 1) {
    print(
      "Its outputs are as they come. Where its loss took them for logits, --output softmax makes probabilities.",
    );
  }
  const isDrawnFor = data === undefined && model.metadata.imageShape !== undefined;
  const command = ["npx", "mnist-native", isDrawnFor ? "serve" : "report", out];
  print(`${isDrawnFor ? "Draw for it" : "See it all"}: ${shellCommand(command)}`);
}

/** What {@link dataOptions} say; a shape of images may be told without data, too. */
function readImportedData(args: Omit<ImportArguments, "file" | "out" | "force" | "json">) {
  const { "image-shape": shape, classes, ...others } = args;
  const isOfRows = args.csv !== undefined || args.npz !== undefined;
  const choice = readDataOptions(isOfRows ? args : { ...others, "image-shape": undefined });
  const selectedClasses = classes === undefined ? undefined : readClasses(classes);
  return {
    choice: { ...choice, selectedClasses },
    imageShape: shape === undefined ? undefined : readImageShape(shape),
  };
}

/**
 * The data that are named; `undefined` where none are. Others train on the training set of published data, so that it must not be among
 * what the network is tested on.
 */
async function dataFor({ metadata }: LoadedModel, choice: DataChoice): Promise<OpenData | undefined> {
  const { dataDir, dataset } = choice;
  const own = ownData(choice);
  if (dataDir === undefined && dataset === undefined && own === undefined) {
    const alone =
      choice.split !== undefined ? "split" : choice.selectedClasses !== undefined ? "classes" : undefined;
    if (alone === undefined) return undefined;
    throw new UsageError(`Expected data with --${alone}, such as --dataset mnist.`);
  }
  if (own === "table" && metadata.columns === undefined) return openData(choice);
  const hasTestSet = own === undefined ? dataset !== "synthetic" : !WITHOUT_TEST_SET.includes(own);
  const known = metadata.split === undefined && hasTestSet && own === undefined ? "official" : undefined;
  return openModelsData({ ...choice, split: choice.split ?? known }, metadata);
}

async function testModel(model: LoadedModel, { parts: { train, test } }: OpenData) {
  const { network } = model;
  requireClasses(model, train);
  checkFits(network, train);
  const isOfValues = learnsValues(model, "The model");
  if (isOfValues && train.targets.kind === "classes") {
    throw new InvalidArgumentError(
      "Expected data with values to predict, because the network learned values and no classes; name a table with --task regress, or leave the data out.",
    );
  }
  const evaluation = await evaluate(network, test);
  const scores = await scoreValues(network, test);
  return {
    line: testLine(evaluation, network.loss, scores),
    figures: {
      testLoss: evaluation.loss,
      testAccuracy: evaluation.accuracy,
      testCorrect: evaluation.correct,
      testCount: evaluation.count,
      ...(scores !== null && { testScores: scores }),
    },
  };
}
