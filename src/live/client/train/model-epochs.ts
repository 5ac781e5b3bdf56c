import { useRef } from "preact/hooks";
import type { Figure, RunDetail, RunSummary } from "../../protocol.js";
import { isGoingOn } from "../parts/run-state.js";

/** So many models are remembered: pictures are of one of the last. */
const MOST_MODELS = 50;

/** @returns Which epochs a model of a run has learned for, by its version, as far as this page has been told. */
export function useModelEpochs({
  modelVersion,
  modelEpoch,
}: Pick<RunDetail, "modelVersion" | "modelEpoch">): ReadonlyMap<number, Figure> {
  const epochs = useRef(new Map<number, Figure>()).current;
  epochs.set(modelVersion, modelEpoch);
  for (const oldest of epochs.keys()) if (epochs.size > MOST_MODELS) epochs.delete(oldest);
  return epochs;
}

/** When the network was as a picture shows it: `After epoch 3`. Empty where nobody knows. */
export function momentInWords(run: Pick<RunSummary, "state">, epoch: Figure | undefined): string {
  if (epoch === undefined) return "";
  if (epoch === null) return isGoingOn(run) ? "As it was last saved" : "As the run has kept it";
  return epoch === 0 ? "Before the first epoch: it has learned nothing yet" : `After epoch ${epoch}`;
}
