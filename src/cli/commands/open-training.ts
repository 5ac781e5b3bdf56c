import { performance } from "node:perf_hooks";
import type { Backend } from "../../backend/backend.js";
import { selectBackend } from "../../backend/select.js";
import { openDataOrDraw } from "../../data/open-data.js";
import type { TrainArguments } from "../options/train-arguments.js";

/** Opens the data to train on, and the model to begin with. */
export async function openTraining({ backendOptions, choice, settings }: TrainArguments) {
  const start = performance.now();
  const backend = selectBackend(backendOptions);
  const loaded = await loadStart(settings.from, backend);
  const columns = choice.table === undefined ? undefined : loaded?.columns;
  const data = await openDataOrDraw({ ...choice, columns });
  return { choice, settings, data, startNetwork: loaded?.network, backend, start };
}

/** The network to begin with, and what it knows of a table's columns; most trainings need not load what reads one. */
async function loadStart(path: string | undefined, backend: Backend) {
  if (path === undefined) return undefined;
  const { loadStartNetwork } = await import("../../runs/load-run-model.js");
  return loadStartNetwork(path, backend);
}
