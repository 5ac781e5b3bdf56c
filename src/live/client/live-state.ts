import type { LiveEvent, Overview, RunSummary } from "../protocol.js";

/** What every view knows of the server's runs. */
export interface LiveState {
  readonly overview: Overview;
  /** The newest first. */
  readonly runs: readonly RunSummary[];
  /** Of runs whose model has changed since the page was opened: the newest version that is known. */
  readonly modelVersions: Readonly<Record<string, number>>;
}

export function stateOf(overview: Overview): LiveState {
  return { overview, runs: newestFirst(overview.runs), modelVersions: {} };
}

/** @returns The state after the event: the same object where nothing of it has changed, as with samples, of which there are many. */
export function withEvent(state: LiveState, event: LiveEvent): LiveState {
  switch (event.type) {
    case "run": {
      const others = state.runs.filter(({ id }) => id !== event.run.id);
      return { ...state, runs: newestFirst([...others, event.run]) };
    }
    case "gone":
      return { ...state, runs: state.runs.filter(({ id }) => id !== event.id) };
    case "starting":
      return { ...state, overview: { ...state.overview, starting: event.starting } };
    case "model":
      return { ...state, modelVersions: { ...state.modelVersions, [event.id]: event.modelVersion } };
    default:
      return state;
  }
}

/** ISO 8601 sorts as text; runs of the same moment keep the order of their names, so that none changes its place. */
function newestFirst(runs: readonly RunSummary[]): readonly RunSummary[] {
  return [...runs].sort((a, b) => compare(b.startedAt, a.startedAt) || compare(b.id, a.id));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
