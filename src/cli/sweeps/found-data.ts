import { ownData } from "../../data/open-data.js";
import { planSweep } from "../../sweeps/plan.js";
import type { SweepConfig } from "../../sweeps/sweep-config.js";
import { openTraining } from "../commands/open-training.js";
import { DATA_ERRORS, DATA_SETTINGS, readTrial } from "../trials/train-trial.js";

/**
 * Looks for the data before anything is made of a sweep: what has to be downloaded is, once, and what cannot be had is told at once. Where
 * no data are named and MNIST cannot be had, the sweep's configuration says from now on that it is of digits drawn by the program, so that
 * all trials have the same, wherever they run.
 *
 * @throws FileAccessError, DownloadError or DataFormatError where the data of the first trial cannot be had.
 */
export async function withFoundData(config: SweepConfig): Promise<SweepConfig> {
  const [trial] = (await planSweep(config)).trials;
  if (trial === undefined) return config;
  try {
    const asked = await readTrial(trial);
    const { data } = await openTraining(asked);
    await data.close();
    const { dataDir, dataset } = asked.choice;
    const isNamed = dataDir !== undefined || dataset !== undefined || ownData(asked.choice) !== undefined;
    if (isNamed || data.dataset !== "synthetic") return config;
    return { ...config, train: { ...config.train, dataset: "synthetic" } };
  } catch (error) {
    const isAboutData = DATA_ERRORS.some((kind) => error instanceof kind);
    if (isAboutData && !isVaried(config)) throw error;
    return config; // Settings that cannot be are a result of their trial.
  }
}

/** Whether trials have data of their own: what the first one meets says nothing of the others. */
function isVaried({ parameters }: SweepConfig): boolean {
  return DATA_SETTINGS.some((name) => name in parameters);
}
