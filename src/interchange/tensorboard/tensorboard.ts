import { type Dataset, requireImages } from "../../data/dataset.js";
import { InvalidArgumentError } from "../../errors.js";
import { expectFunction, expectThat, expectWholeNumber, show } from "../../system/expected.js";
import { isOptions, type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { Callback } from "../../training/callback.js";
import { type Board, type BoardOptions, createBoard } from "./board.js";
import { openEventFolder } from "./event-file.js";
import type { Hyperparameters } from "./hyperparameters.js";

export interface TensorBoardOptions {
  /** The loss of a minibatch and its learning rate are written every so many steps, a whole number of at least 1. Default: 100. */
  readonly everySteps?: number | undefined;
  /**
   * Histograms and images are written after every so many epochs, and after the first and the last one: a whole number of at least 1.
   * Default: for histograms a twentieth of the epochs and for images a tenth, rounded up, so that there are some twenty and ten in a
   * training, as many images as TensorBoard shows.
   */
  readonly everyEpochs?: number | undefined;
  /**
   * Whether there are histograms of all weights, and of their gradients in an epoch's last step; gradients are asked for only in the last
   * steps of such an epoch. Default: `true`.
   */
  readonly histograms?: boolean | undefined;
  /**
   * Images in classes, in memory: some that are taken for another class are shown. To find them, the first 1,000 are predicted once more,
   * and after the last epoch all.
   */
  readonly validation?: Dataset | undefined;
  /**
   * How many mistakes among the images of `validation` are shown after an epoch, of each two classes at most one: a whole number of at least
   * 1. Default: 12.
   */
  readonly images?: number | undefined;
  /** What the HPARAMS tab tells this run from others by: names with a text, a finite number, `true` or `false`. */
  readonly hyperparameters?: Hyperparameters | undefined;
  /**
   * Told of what could not be written while the training goes on; it comes with what is written next. Default: the error ends the
   * training.
   */
  readonly onError?: ((error: Error) => void) | undefined;
}

const OPTIONS: KnownOptions<TensorBoardOptions> = {
  everySteps: true,
  everyEpochs: true,
  histograms: true,
  validation: true,
  images: true,
  hyperparameters: true,
  onError: true,
};

const NAME = "tensorBoard";

/**
 * Writes how a training goes for TensorBoard, into the folder of a run: `tensorboard --logdir` takes it, or better the folder above it,
 * where it shows several runs together. Every point stands at the number of steps taken so far.
 *
 * | Tag | What it is |
 * | --- | --- |
 * | `loss/train`, `loss/validation` | after each epoch; so `accuracy/…` and all other metrics that are measured |
 * | `loss/step` | of a minibatch, every {@link TensorBoardOptions.everySteps} |
 * | `training/learningRate` | as often, and after each epoch |
 * | `training/epochSeconds`, `training/examplesPerSecond` | of each epoch, its evaluation included |
 * | `weights/layers.0.weight`, `gradients/layers.0.weight`, … | histograms |
 * | `mistakes/true 4, predicted 9`, … | images that are taken for another class, those that the network is surest of |
 *
 * A training that is resumed goes on in a new file; what an interrupted one had written beyond that point is taken back. A new training in
 * the same folder replaces what this package has written there. The name of each file has the name of this machine in it, as those of
 * other programs do. It changes no bit of the result. By default it makes the chapter's training about 5 % longer.
 *
 * @param folder Of one run; made if need be.
 * @throws InvalidArgumentError when there is no such option, or when one is out of range.
 * @throws OutputError from `fit`, when the folder cannot be written to; before the first epoch, where that is known by then.
 */
export function tensorBoard(folder: string, options: TensorBoardOptions = {}): Callback {
  expectThat(
    typeof folder === "string" && folder !== "",
    "the path of a folder",
    `the first argument of ${NAME}`,
    folder,
  );
  const read = readOptions(options);
  let board: Board | undefined;
  return {
    async onTrainBegin(context) {
      board = createBoard(await openEventFolder(folder), context, read);
    },
    readsGradients: (context) => board?.readsGradients(context) ?? false,
    onStepEnd: (context) => board?.afterStep(context),
    onEpochEnd: (context) => board?.afterEpoch(context),
    onTrainEnd() {
      board?.trained();
      board = undefined;
    },
  };
}

function readOptions(options: TensorBoardOptions): BoardOptions {
  requireKnownOptions(NAME, options, OPTIONS, "{ everySteps: 100 }");
  const { everySteps = 100, everyEpochs, histograms = true, hyperparameters, onError } = options;
  expectWholeNumber("everySteps", everySteps);
  if (everyEpochs !== undefined) expectWholeNumber("everyEpochs", everyEpochs);
  expectThat(typeof histograms === "boolean", "true or false", "histograms", histograms);
  if (hyperparameters !== undefined) checkHyperparameters(hyperparameters);
  if (onError !== undefined) expectFunction("onError", onError);
  return { everySteps, everyEpochs, histograms, hyperparameters, onError, mistakes: readMistakes(options) };
}

function readMistakes({ validation, images }: TensorBoardOptions): BoardOptions["mistakes"] {
  if (images !== undefined) expectWholeNumber("images", images);
  if (validation === undefined) {
    expectThat(
      images === undefined,
      "validation, a dataset of images to show mistakes of, beside images",
      "validation",
      undefined,
    );
    return undefined;
  }
  const isDataset = isOptions(validation) && "features" in validation && "targets" in validation;
  expectThat(isDataset && "rows" in validation, "a dataset in memory", "validation", validation);
  return { dataset: requireImages("validation of tensorBoard", validation), most: images ?? 12 };
}

function checkHyperparameters(given: Hyperparameters): void {
  expectThat(isOptions(given), "an object, such as { learningRate: 0.1 },", "hyperparameters", given);
  for (const [name, value] of Object.entries(given) as readonly [string, unknown][]) {
    const isOne = typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
    if (isOne) continue;
    throw new InvalidArgumentError(
      `Expected a text, a finite number, true or false for ${JSON.stringify(name)} of hyperparameters but received ${show(value)}.`,
    );
  }
}
