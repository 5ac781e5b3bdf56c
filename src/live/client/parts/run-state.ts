import type { RunState, RunSummary } from "../../protocol.js";

const WORDS: Record<RunState, string> = {
  starting: "starting",
  training: "training",
  paused: "paused",
  stopping: "stopping",
  elsewhere: "training elsewhere",
  interrupted: "interrupted",
  imported: "imported",
  finished: "finished",
  stopped: "stopped",
  failed: "failed",
};

export function stateInWords(state: RunState): string {
  return WORDS[state];
}

/** The state as it is by the last word of it: the program may not answer any more, and then nobody knows whether it is so still. */
export function lastKnownState(run: Pick<RunSummary, "state">, isLost: boolean): string {
  const words = stateInWords(run.state);
  return isLost && isGoingOn(run) ? `${words} when last heard of` : words;
}

/** Whether more is to come of it. */
export function isGoingOn({ state }: Pick<RunSummary, "state">): boolean {
  return ["starting", "training", "paused", "stopping", "elsewhere"].includes(state);
}

/** Whether it is a file or a folder that could not be read: nothing is known of it but the reason. */
export function isUnreadable({ state, network, settings }: RunSummary): boolean {
  return state === "failed" && network === "" && Object.keys(settings).length === 0;
}
