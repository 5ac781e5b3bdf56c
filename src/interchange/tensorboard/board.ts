import { type ImageDataset, subset } from "../../data/dataset.js";
import { type Tensor, toArray } from "../../tensor/tensor.js";
import type { TrainingContext } from "../../training/callback.js";
import { isBatchOptimizer } from "../../training/full-batch.js";
import type { EpochMetrics } from "../../training/history.js";
import { epochFigures } from "../../training/monitor.js";
import type { SummaryValue } from "./event.js";
import type { EventFolder } from "./event-file.js";
import { histogramOf } from "./histogram.js";
import { HYPERPARAMETER_TAGS, type HyperparameterData, type Hyperparameters } from "./hyperparameters.js";
import { picturesOfMistakes } from "./mistakes.js";

export interface BoardOptions {
  readonly everySteps: number;
  /** `undefined`: by how many epochs there are, see {@link SHOWN}. */
  readonly everyEpochs: number | undefined;
  readonly histograms: boolean;
  readonly mistakes: { readonly dataset: ImageDataset; readonly most: number } | undefined;
  readonly hyperparameters: Hyperparameters | undefined;
  readonly onError: ((error: Error) => void) | undefined;
}

/** What is written of one training. */
export interface Board {
  /** Of the step that comes. */
  readsGradients(context: TrainingContext): boolean;
  afterStep(context: TrainingContext): void;
  afterEpoch(context: TrainingContext): Promise<void>;
  trained(): void;
}

/**
 * How many histograms and images of a training there are, some more or less, where nobody says how often: they cost a network as small as
 * the chapter's more than a tenth of an epoch. TensorBoard shows ten of an image.
 */
const SHOWN = { histograms: 20, images: 10 } as const;
/** Before the last epoch, mistakes are looked for among so many images. */
const SEEN = 1000;
/** During an epoch, points may wait so long before they are written, in milliseconds. */
const LONGEST_WAIT = 1000;

/**
 * @param start Where the training is when it begins: further than its first step, where it is resumed.
 * @throws OutputError when the folder cannot be written to; so do the functions, where there is no `onError`.
 */
export function createBoard(folder: EventFolder, start: TrainingContext, options: BoardOptions): Board {
  const { everySteps, histograms, mistakes, hyperparameters, onError } = options;
  if (start.step === 0) folder.clear();
  const file = folder.create();
  let lastWrite = performance.now();
  let rateStep = Number.NaN;
  let gradients: readonly SummaryValue[] = [];
  const add = (step: number, values: readonly SummaryValue[]) => {
    if (values.length > 0) file.add({ wallTime: now(), step, what: { kind: "summary", values } });
  };
  const addHyperparameters = (data: HyperparameterData) => {
    add(0, [{ tag: HYPERPARAMETER_TAGS[data.kind], value: { kind: "hyperparameters", data } }]);
  };
  const write = () => {
    lastWrite = performance.now();
    try {
      file.flush();
    } catch (error) {
      if (onError === undefined || !(error instanceof Error)) throw error;
      onError(error);
    }
  };

  file.add({ wallTime: now(), step: firstStep(start), what: { kind: "start" } });
  if (hyperparameters !== undefined) addHyperparameters({ kind: "start", hyperparameters, seconds: now() });
  // The epochs before, of a training that has not been written here so far.
  if (!folder.hasEarlier) {
    for (const epoch of start.history) add(epoch.step ?? 0, epochValues(epoch, start.examplesPerEpoch));
  }
  file.flush();

  return {
    readsGradients: (context) => histograms && isDue("histograms", context, options) && isNearEnd(context),
    afterStep(context) {
      const { step, learningRate, examples, examplesPerEpoch } = context;
      if (histograms && examples >= examplesPerEpoch && isDue("histograms", context, options)) {
        gradients = gradientHistograms(context);
      }
      if (step % everySteps !== 0) return;
      add(step, [scalar("loss/step", context.loss), scalar(RATE, learningRate)]);
      rateStep = step;
      if (performance.now() - lastWrite >= LONGEST_WAIT) write();
    },
    async afterEpoch(context) {
      const { history, network, optimizer, step, examplesPerEpoch } = context;
      const metrics = history.at(-1) as EpochMetrics;
      const values = epochValues(metrics, examplesPerEpoch);
      add(step, rateStep === step ? values.filter(({ tag }) => tag !== RATE) : values);
      if (histograms && isDue("histograms", context, options)) {
        // A full-batch optimizer has no steps that one is told of.
        if (isBatchOptimizer(optimizer)) gradients = gradientHistograms(context);
        const weights = network.parameters.map(({ name, value }) => ({
          tag: `weights/${name}`,
          of: value,
        }));
        add(step, [...histogramsOf(weights), ...gradients]);
      }
      if (mistakes !== undefined && isDue("images", context, options)) {
        const { dataset, most } = mistakes;
        const seen = isLast(context) ? dataset : subset(dataset, dataset.rows.subarray(0, SEEN));
        add(step, await picturesOfMistakes(network, seen, most));
      }
      gradients = [];
      write();
    },
    trained() {
      if (hyperparameters === undefined) return;
      addHyperparameters({ kind: "end", seconds: now() });
      write();
    },
  };
}

const RATE = "training/learningRate";

/** In seconds since 1970. */
function now(): number {
  return Date.now() / 1000;
}

/** The first step of those that are still to be written; what an interrupted training has written of them is taken back. */
function firstStep({ step, history, examples, examplesPerEpoch }: TrainingContext): number {
  if (step === 0) return 0;
  // An epoch that is not over is evaluated at its last step, which may be this one.
  const isEvaluated = history.at(-1)?.step === step;
  return !isEvaluated && examples >= examplesPerEpoch ? step : step + 1;
}

/** Whether they are wanted of this epoch: of the first, too, so that nobody waits to see what there is. */
function isDue(
  what: keyof typeof SHOWN,
  context: TrainingContext,
  { everyEpochs = Math.ceil(context.epochs / SHOWN[what]) }: BoardOptions,
): boolean {
  return context.epoch === 1 || isLast(context) || context.epoch % everyEpochs === 0;
}

function isLast({ epoch, epochs, control }: TrainingContext): boolean {
  return epoch === epochs || control.stopReason !== undefined;
}

/** Whether the step that comes may be the epoch's last: of a stream, nobody knows before how long each minibatch is. */
function isNearEnd({ examples, examplesPerEpoch, stepsPerEpoch }: TrainingContext): boolean {
  // Rounded up, a minibatch has more than half of what it may have.
  return examplesPerEpoch - examples <= 2 * Math.ceil(examplesPerEpoch / stepsPerEpoch);
}

function epochValues(metrics: EpochMetrics, examplesPerEpoch: number): readonly SummaryValue[] {
  const { learningRate = Number.NaN, seconds } = metrics;
  return [
    // The figures of a kind in one group.
    ...epochFigures(metrics)
      .filter(({ isMeasured }) => isMeasured)
      .map(({ name, part, value }) => scalar(`${name}/${part}`, value)),
    ...(Number.isNaN(learningRate) ? [] : [scalar(RATE, learningRate)]), // L-BFGS has none.
    scalar("training/epochSeconds", seconds),
    scalar("training/examplesPerSecond", examplesPerEpoch / seconds),
  ];
}

/** Frozen parameters have no gradient. */
function gradientHistograms({ network }: TrainingContext): readonly SummaryValue[] {
  return histogramsOf(
    network.trainable.map(({ name, gradient }) => ({ tag: `gradients/${name}`, of: gradient })),
  );
}

function histogramsOf(
  tensors: readonly { readonly tag: string; readonly of: Tensor }[],
): readonly SummaryValue[] {
  return tensors.flatMap(({ tag, of }) => {
    const histogram = histogramOf(toArray(of));
    return histogram === undefined ? [] : [{ tag, value: { kind: "histogram", histogram } as const }];
  });
}

function scalar(tag: string, value: number): SummaryValue {
  return { tag, value: { kind: "scalar", scalar: value } };
}
