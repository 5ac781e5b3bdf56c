import type { RunSummary } from "../protocol.js";
import { type Address, VIEW_NAMES } from "./address.js";
import { pickedRun } from "./parts/run-picker.js";
import { isGoingOn, stateInWords } from "./parts/run-state.js";

/** @returns The document's title: how far the run is that is looked at, so that it can be read from another tab. */
export function pageTitle(runs: readonly RunSummary[], address: Address): string {
  const run = pickedRun(runs, address);
  const end = `${VIEW_NAMES[address.view]} · mnist-native`;
  if (run === undefined) return end;
  const progress = isGoingOn(run) && run.epochs > 0 ? `${run.epoch} of ${run.epochs} epochs, ` : "";
  return `${progress}${stateInWords(run.state)}: ${run.name} · ${end}`;
}
