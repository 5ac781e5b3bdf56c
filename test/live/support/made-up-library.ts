import { InvalidArgumentError } from "../../../src/errors.js";
import type { EventLog } from "../../../src/live/event-log.js";
import type {
  EpochPoint,
  RunDetail,
  RunSummary,
  Sample,
  StartChoices,
  StartSettings,
  TrainingCommand,
} from "../../../src/live/protocol.js";
import { EMPTY_HISTORY, type RunHistory, withEpochs, withSample } from "../../../src/live/run-history.js";
import type { RunLibrary } from "../../../src/live/run-library.js";
import { madeUpRun } from "../client/made-up-run.js";

/** A library whose runs are made up: nothing is trained, and curves look as curves do. */
export interface MadeUpLibrary extends RunLibrary {
  /** Adds a run, which is told of as a new one is. */
  add(run: Partial<RunSummary>): RunSummary;
  /** Takes so many steps of a run that is training, with a sample for each; ends epochs, and the run, as they come. */
  play(id: string, steps: number): void;
  /** What was asked of it so far, which changed something. */
  readonly changes: readonly unknown[];
}

export const STEPS_PER_EPOCH = 20;
const LAYERS = ["layers.0", "layers.1"];
const UNIX_DAY = 86_400_000;

interface MadeUpRun {
  summary: RunSummary;
  history: RunHistory;
  step: number;
  modelVersion: number;
  /** The epoch after which it pauses. */
  pausesAfter: number;
}

export const CHOICES: StartChoices = {
  datasets: [
    { name: "mnist", title: "MNIST: handwritten digits", state: "here" },
    { name: "synthetic", title: "Digits that are drawn by a program", state: "here" },
    { name: "fashion-mnist", title: "Fashion-MNIST: pieces of clothing", state: "download" },
  ],
  activations: ["sigmoid", "relu", "tanh"],
  losses: ["mse", "cross-entropy"],
  optimizers: ["sgd", "adam", "adamw"],
  bounds: {
    layers: 4,
    units: [1, 2048],
    learningRate: [1e-6, 10],
    batchSize: [1, 10_000],
    epochs: [1, 1000],
  },
  presets: [
    { name: "book", title: "As in the book", settings: settingsOf({}) },
    {
      name: "modern",
      title: "More accurate",
      settings: settingsOf({
        hidden: [256, 128],
        activation: "relu",
        loss: "cross-entropy",
        optimizer: "adamw",
        learningRate: 0.001,
        augment: true,
      }),
    },
  ],
};

function settingsOf(some: Partial<StartSettings>): StartSettings {
  return {
    dataset: "mnist",
    hidden: [50],
    activation: "sigmoid",
    loss: "mse",
    optimizer: "sgd",
    learningRate: 0.1,
    batchSize: 100,
    epochs: 10,
    seed: 123,
    augment: false,
    ...some,
  };
}

export function madeUpLibrary(events: EventLog): MadeUpLibrary {
  const runs = new Map<string, MadeUpRun>();
  const changes: unknown[] = [];

  const change = (run: MadeUpRun, facts: Partial<RunSummary>) => {
    run.summary = { ...run.summary, ...facts };
    run.summary = { ...run.summary, isSteerable: ["training", "paused"].includes(run.summary.state) };
    events.append({ type: "run", run: run.summary });
    return run.summary;
  };

  const add = (facts: Partial<RunSummary>): RunSummary => {
    const id = facts.id ?? `run-${runs.size + 1}`;
    const summary = madeUpRun({
      id,
      name: `Run ${runs.size + 1}`,
      startedAt: new Date(20_000 * UNIX_DAY + runs.size * 3_600_000).toISOString(),
      settings: {
        "Data set": "MNIST",
        Network: "784-50-10",
        Loss: "mean squared error",
        "Learning rate": "0.1",
        Epochs: "10",
      },
      ...facts,
    });
    const run: MadeUpRun = {
      summary,
      history: EMPTY_HISTORY,
      step: 0,
      modelVersion: summary.hasModel ? 1 : 0,
      pausesAfter: 0,
    };
    runs.set(id, run);
    return change(run, {});
  };

  const endEpoch = (run: MadeUpRun) => {
    const { id, epochs } = run.summary;
    const epoch = run.step / STEPS_PER_EPOCH;
    const point = epochPoint(epoch, run.step);
    run.history = withEpochs(run.history, [point]);
    events.append({ type: "epochs", id, epochs: [point] });
    run.modelVersion++;
    events.append({ type: "model", id, epoch, modelVersion: run.modelVersion });
    const isOver = epoch >= epochs;
    change(run, {
      epoch,
      validAccuracy: point.validAccuracy,
      hasModel: true,
      ...(isOver && { state: "finished", testAccuracy: 0.95, reason: `All ${epochs} epochs are over.` }),
      ...(!isOver && epoch === run.pausesAfter && { state: "paused" }),
    });
  };

  return {
    changes,
    add,
    starting: CHOICES,
    summaries: () => Array.from(runs.values(), ({ summary }) => summary).reverse(),
    detail(id) {
      const run = runs.get(id);
      if (run === undefined) return undefined;
      const detail: RunDetail = {
        run: run.summary,
        layers: LAYERS,
        stepsPerEpoch: STEPS_PER_EPOCH,
        samples: run.history.samples,
        epochs: run.history.epochs,
        modelVersion: run.modelVersion,
        modelEpoch: run.modelVersion === 0 ? null : Math.floor(run.step / STEPS_PER_EPOCH),
        lastEventId: events.lastId,
      };
      return detail;
    },
    async model(id) {
      const run = runs.get(id);
      if (run === undefined || !run.summary.hasModel) return undefined;
      return { version: run.modelVersion, bytes: new Uint8Array(), folder: null, images: null };
    },
    async start(settings) {
      changes.push(settings);
      const { epochs, hidden, dataset } = (settings ?? {}) as Partial<StartSettings>;
      if (!Number.isInteger(epochs) || !Array.isArray(hidden)) {
        throw new InvalidArgumentError(
          "Expected a whole number from 1 to 1000 for epochs, and a list of layers.",
        );
      }
      return add({ epochs: epochs ?? 1, network: [784, ...hidden, 10].join("-"), dataset: dataset ?? null });
    },
    command(id, command) {
      changes.push({ id, command });
      const run = runs.get(id);
      if (run === undefined) throw new InvalidArgumentError(`There is no run ${id}.`);
      const states: Partial<Record<RunSummary["state"], readonly TrainingCommand[]>> = {
        training: ["pause", "step", "stop"],
        paused: ["resume", "step", "stop"],
      };
      if (!states[run.summary.state]?.includes(command)) {
        throw new InvalidArgumentError(`${run.summary.name} cannot do this: it is ${run.summary.state}.`);
      }
      if (command === "pause") return change(run, { state: "paused" });
      if (command === "stop")
        return change(run, { state: "stopped", reason: "It was stopped from the page." });
      run.pausesAfter = command === "step" ? Math.floor(run.step / STEPS_PER_EPOCH) + 1 : 0;
      return change(run, { state: "training" });
    },
    play(id, steps) {
      const run = runs.get(id);
      for (let i = 0; run !== undefined && i < steps && run.summary.state === "training"; i++) {
        run.step++;
        const sample = sampleAt(run.step, run.summary.epochs);
        run.history = withSample(run.history, sample);
        events.append({ type: "sample", id, sample });
        if (run.step % STEPS_PER_EPOCH === 0) endEpoch(run);
      }
    },
    async close() {
      changes.push("close");
    },
  };
}

/** Falls as losses do, with the unrest of minibatches. */
function lossAt(step: number): number {
  return 0.02 + 0.4 / (1 + step / 8) + 0.01 * Math.sin(step * 2.3);
}

function sampleAt(step: number, epochs: number): Sample {
  return {
    step,
    epoch: Math.ceil(step / STEPS_PER_EPOCH),
    loss: lossAt(step),
    learningRate: 0.1,
    examplesPerSecond: 100_000 + 5000 * Math.sin(step),
    seconds: step / 10,
    secondsLeft: (epochs * STEPS_PER_EPOCH - step) / 10,
    gradientNorms: [0.5 * lossAt(step), lossAt(step)],
    weightNorms: [9 + step / 100, 3 + step / 50],
  };
}

function epochPoint(epoch: number, step: number): EpochPoint {
  const accuracy = 1 - 0.7 / (1 + epoch);
  return {
    epoch,
    step,
    trainLoss: lossAt(step),
    trainAccuracy: accuracy + 0.01,
    validLoss: lossAt(step) + 0.01,
    validAccuracy: accuracy,
    learningRate: 0.1,
    seconds: step / 10,
  };
}
