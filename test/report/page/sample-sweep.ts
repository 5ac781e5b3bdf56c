import { RandomState } from "../../../src/random/random-state.js";
import type { ReportedSweep } from "../../../src/report/page/reported-sweep.js";
import { rankTrials } from "../../../src/sweeps/standings.js";
import type { Outcome } from "../../../src/sweeps/trial.js";
import { failed, type MadeUpTrial, madeUpPlan, trained } from "../../sweeps/made-up.js";
import { sampleEpochs } from "../figures/sample-data.js";

export interface SampleSweepOptions {
  readonly trials?: number;
  readonly seeds?: number;
  /** Epochs of each rung. Default: one of 9. */
  readonly rungs?: readonly number[];
  /** Default: `validation.accuracy`. */
  readonly metric?: string;
  /** How many trials have an outcome. Default: all. */
  readonly done?: number;
  /** Every so many trials, one fails. Default: 10. */
  readonly failEvery?: number;
  readonly name?: string;
  readonly activations?: readonly string[];
}

/** A sweep whose value depends on the learning rate most, on the width less, and on the activation hardly. */
export function sampleSweep(options: SampleSweepOptions = {}): ReportedSweep {
  const { trials = 27, seeds = 1, rungs = [9], metric = "validation.accuracy", failEvery = 10 } = options;
  const {
    name = "widths-and-rates",
    activations = ["relu", "tanh", "sigmoid"],
    done = trials * seeds,
  } = options;
  const random = new RandomState(5);
  const draw = (low: number, high: number) => random.uniform(low, high, 1)[0] ?? low;
  const isHigh = metric === "validation.accuracy";
  const settings = Array.from({ length: trials }, (_, i): MadeUpTrial[] => {
    const own = {
      learningRate: 10 ** draw(-4, 0),
      "layers.0.units": Math.floor(draw(10, 201)),
      activation: activations[i % activations.length] ?? "relu",
    };
    return Array.from({ length: seeds }, (_, seed) => (seeds === 1 ? own : { ...own, seed }));
  }).flat();
  const plan = madeUpPlan({ trials: settings, rungs, metric, mode: isHigh ? "max" : "min" });
  const quality = plan.trials.map(({ settings }) => {
    const rate = Number(settings.learningRate);
    const width = Number(settings["layers.0.units"]);
    return 0.05 * (Math.log10(rate) + 1.5) ** 2 + 1 / width + draw(0, 0.02);
  });
  const outcomes: Outcome[] = [];
  let standing = plan.trials.slice(0, done).map(({ number }) => number);
  for (const [rung, { epochs, trials: most }] of plan.rungs.entries()) {
    for (const number of standing.slice(0, most)) {
      const loss = (quality[number] ?? 1) * (1 + 1 / epochs);
      const value = isHigh ? 1 - Math.min(0.9, loss) : loss;
      const figures = {
        "validation.loss": loss,
        "validation.accuracy": 1 - Math.min(0.9, loss),
        "test.loss": loss * 1.05,
        "test.accuracy": 1 - Math.min(0.9, loss * 1.05),
      };
      if (rung === 0 && failEvery > 0 && number % failEvery === failEvery - 1) {
        outcomes.push(
          number % (2 * failEvery) === failEvery - 1
            ? failed(number, "It was given up after 3 tries: its process was ended by SIGKILL")
            : {
                ...failed(number, "the training loss is not a number after epoch 1", { rung }),
                state: "diverged",
                epochs: 1,
              },
        );
      } else outcomes.push(trained(number, value, { rung, epochs, figures, seconds: epochs * 0.4 }));
    }
    standing = rankTrials(plan, outcomes)
      .filter(({ rung: own }) => own === rung)
      .map(({ trial }) => trial.number);
  }
  const curves = rankTrials(plan, outcomes)
    .slice(0, 6)
    .map(({ trial, outcome }) => ({
      name: `trial ${trial.number}`,
      epochs: sampleEpochs(outcome.epochs).map((epoch) => ({
        ...epoch,
        validAccuracy: epoch.validAccuracy - trial.number / 1000,
        validLoss: epoch.validLoss * (1 + trial.number / 100),
      })),
      lossName: "cross-entropy",
      hasAccuracy: true,
    }));
  return {
    name,
    config: {
      search: { type: "random", trials },
      ...(rungs.length > 1 && { halving: { type: "synchronous" } }),
    },
    plan,
    outcomes,
    isFinished: done >= plan.trials.length,
    trialFolder: (trial) => `sweeps/${name}/trials/${String(trial).padStart(4, "0")}`,
    curves,
    notices: [],
  };
}
