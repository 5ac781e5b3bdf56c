import { performance } from "node:perf_hooks";
import type { Backend } from "../../backend/backend.js";
import { selectBackend } from "../../backend/select.js";
import { type DataChoice, openDataOrDraw } from "../../data/open-data.js";
import type { TrainArguments } from "../options/train-arguments.js";
import type { Together } from "./parallel-training.js";

/** Opens the data to train on, and the model to begin with. */
export async function openTraining({ backendOptions, choice, settings }: TrainArguments) {
  const start = performance.now();
  const backend = selectBackend(backendOptions);
  const { network, data } = await openBoth(settings.from, backend, choice);
  return { choice, settings, data, startNetwork: network, backend, start };
}

/** Most trainings need not load what reads a model. */
async function openBoth(path: string | undefined, backend: Backend, choice: DataChoice) {
  if (path === undefined) return { network: undefined, data: await openDataOrDraw(choice) };
  const { openFromModel } = await import("./open-from-model.js");
  return openFromModel(path, backend, choice);
}

/**
 * What was asked for, with the threads of one of several processes. Those of a configuration are of a run by itself, and do not count here.
 *
 * @param given What the command line says of threads.
 */
export function withThreads(
  asked: TrainArguments,
  given: unknown,
  together: Together | undefined,
): TrainArguments {
  if (together === undefined || given !== undefined) return asked;
  return { ...asked, backendOptions: { ...asked.backendOptions, threads: together.threads } };
}
