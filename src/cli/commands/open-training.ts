import { performance } from "node:perf_hooks";
import type { Backend } from "../../backend/backend.js";
import { selectBackend } from "../../backend/select.js";
import { type DataChoice, openDataOrDraw } from "../../data/open-data.js";
import type { TrainArguments } from "../options/train-arguments.js";

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
