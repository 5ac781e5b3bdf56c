import type { Backend } from "../../backend/backend.js";
import type { Dataset } from "../../data/dataset.js";
import type { OpenData } from "../../data/open-data.js";
import { exampleCount } from "../../data/stream.js";
import { MnistNativeError } from "../../errors.js";
import { createOptimizer } from "../../optim/specification.js";
import type { Plan } from "../../sweeps/plan.js";
import { fit } from "../../training/fit.js";
import { createNetwork, type NetworkSettings } from "../commands/training-network.js";
import { UsageError } from "../process.js";
import { readTrial } from "../trials/train-trial.js";

/** How long a sweep would take. */
export interface SweepEstimate {
  /** From its beginning to its end. */
  readonly seconds: number;
  /** Of the smallest network and of the largest. */
  readonly weights: readonly [least: number, most: number];
  /** What an epoch of each takes, in seconds. */
  readonly epochSeconds: readonly [least: number, most: number];
  /** Trials whose settings cannot be, and why. */
  readonly impossible: readonly { readonly trial: number; readonly reason: string }[];
}

export interface EstimateOptions {
  /** The data of the first trial. */
  readonly data: OpenData;
  readonly backend: Backend;
  /** Trials at a time. */
  readonly jobs: number;
  /** What each trial takes beside its training: to start, and to read its data. */
  readonly overhead: number;
}

/** A network that a trial would train. */
interface Measurable {
  readonly trial: number;
  readonly settings: NetworkSettings;
  readonly weights: number;
}

/**
 * Estimates how long a sweep would take, by what some minibatches of its smallest and its largest network take on rows that are made up. In
 * between, the time is taken to grow evenly with the weights.
 */
export async function estimateSweep(plan: Plan, options: EstimateOptions): Promise<SweepEstimate> {
  const { data, backend, jobs, overhead } = options;
  const { possible, impossible } = await networksOf(plan, options);
  const bySize = possible.toSorted((a, b) => a.weights - b.weights);
  const [least, most] = [bySize[0], bySize.at(-1)];
  if (least === undefined || most === undefined) {
    return { seconds: 0, weights: [0, 0], epochSeconds: [0, 0], impossible };
  }
  const shortest = await secondsOfEpoch(least, data, backend);
  const longest = most.weights === least.weights ? shortest : await secondsOfEpoch(most, data, backend);
  const slope = most.weights === least.weights ? 0 : (longest - shortest) / (most.weights - least.weights);
  const times = possible.map(({ weights }) => Math.max(0, shortest + slope * (weights - least.weights)));
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  let seconds = 0;
  let before = 0;
  for (const { epochs, trials } of plan.rungs) {
    const each = (epochs - before) * mean + overhead;
    seconds += Math.max(each, (each * trials) / Math.min(jobs, trials));
    before = epochs;
  }
  return {
    seconds,
    weights: [least.weights, most.weights],
    epochSeconds: [shortest, longest],
    impossible,
  };
}

async function networksOf({ trials }: Plan, { data, backend }: EstimateOptions) {
  const possible: Measurable[] = [];
  const impossible: { trial: number; reason: string }[] = [];
  const counted = new Map<string, number>();
  for (const trial of trials) {
    try {
      const { settings } = await readTrial(trial);
      const shape = JSON.stringify([
        settings.stack,
        settings.stated,
        settings.loss,
        settings.needsTwoClasses,
      ]);
      const weights =
        counted.get(shape) ?? createNetwork(settings, data.parts, undefined, backend).summary().parameters;
      counted.set(shape, weights);
      possible.push({ trial: trial.number, settings, weights });
    } catch (error) {
      if (!(error instanceof MnistNativeError || error instanceof UsageError)) throw error;
      impossible.push({ trial: trial.number, reason: error.message });
    }
  }
  return { possible, impossible };
}

/** So many minibatches are trained on. */
const BATCHES = 10;
const MOST_ROWS = 5000;
/** So long they are trained on, again and again, so that what other processes take of the machine has its share in the time. */
const LEAST_SECONDS = 0.5;
/** At which nothing grows without end, whatever the trial's own is. */
const SMALL_RATE = 1e-9;

async function secondsOfEpoch({ settings }: Measurable, data: OpenData, backend: Backend): Promise<number> {
  const { train, validation } = data.parts;
  const examples = exampleCount(train);
  const batchSize = settings.batchSize ?? examples;
  const rows = Math.min(examples, MOST_ROWS, BATCHES * batchSize);
  const madeUp = madeUpDataset(train, rows);
  const network = createNetwork(settings, data.parts, undefined, backend);
  const optimizer = createOptimizer(settings.optimizer);
  const isFullBatch = !("step" in optimizer);
  const once = async () => {
    const start = performance.now();
    await fit(network, madeUp, {
      epochs: 1,
      optimizer: createOptimizer(settings.optimizer),
      ...(!isFullBatch && { batchSize: Math.min(batchSize, rows), learningRate: SMALL_RATE }),
    });
    return (performance.now() - start) / 1000;
  };
  await once(); // What is compiled at its first use is no part of the rate.
  let [seconds, times] = [0, 0];
  for (; seconds < LEAST_SECONDS; times++) seconds += await once();
  // An epoch ends with an evaluation of both sets, which takes a third of what training on as many examples takes.
  const evaluated = examples + exampleCount(validation) / 4;
  return (seconds / times / rows) * evaluated;
}

/** Every fifth pixel of an image is ink, as of digits. */
const INK = 5;

/** Rows in the form of the data. What they hold changes nothing about the time. */
function madeUpDataset(like: OpenData["parts"]["train"], count: number): Dataset {
  const { features, targets } = like;
  const { width } = features;
  const rows = Int32Array.from({ length: count }, (_, i) => i);
  const number = (i: number) => ((i * 2654435761) % 1000) / 1000;
  return {
    rows,
    features:
      features.kind === "bytes"
        ? {
            ...features,
            data: Uint8Array.from({ length: count * width }, (_, i) => (i % INK === 0 ? 255 : 0)),
          }
        : { ...features, data: Float32Array.from({ length: count * width }, (_, i) => number(i)) },
    targets:
      targets.kind === "classes"
        ? { ...targets, labels: Int32Array.from(rows, (row) => row % targets.classes) }
        : { ...targets, data: Float32Array.from({ length: count * targets.width }, (_, i) => number(i)) },
  };
}
