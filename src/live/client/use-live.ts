import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { LiveEvent, Overview, RunSummary } from "../protocol.js";
import { connect } from "./live-connection.js";
import { type LiveState, stateOf, withEvent } from "./live-state.js";

/** What the server tells, kept up to date by its events. */
export interface Live {
  /** `undefined` until it is known. */
  readonly overview: Overview | undefined;
  /** The newest first. */
  readonly runs: readonly RunSummary[];
  readonly connection: "connecting" | "open" | "lost";
  /** Why nothing can be shown: a sentence. */
  readonly error: string | null;
  /** Of runs whose model has changed since the page was opened: its newest version. Pictures of another one are to be fetched anew. */
  readonly modelVersions: Readonly<Record<string, number>>;
  /** Counts how often all has been learned anew: what was fetched before may have missed events. */
  readonly generation: number;
  /** Hears every event with its number until what is returned is called. */
  readonly follow: (listener: EventListener) => () => void;
}

export type EventListener = (id: number, event: LiveEvent) => void;

/** Connects the page with its server: once, for all of the page. */
export function useLive(): Live {
  const [state, setState] = useState<LiveState>();
  const [connection, setConnection] = useState<Live["connection"]>("connecting");
  const [error, setError] = useState<string | null>(null);
  const [generation, setGeneration] = useState(0);
  const listeners = useRef(new Set<EventListener>()).current;

  useEffect(
    () =>
      connect({
        onOverview: (overview) => {
          setState(stateOf(overview));
          setError(null);
          setGeneration((before) => before + 1);
        },
        onEvent: (id, event) => {
          setState((before) => before && withEvent(before, event));
          for (const listener of listeners) listener(id, event);
        },
        onOpen: () => setConnection("open"),
        onLost: (reason) => {
          setConnection("lost");
          setError(reason);
        },
      }),
    [listeners],
  );

  const follow = useMemo(
    () => (listener: EventListener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    [listeners],
  );
  return {
    overview: state?.overview,
    runs: state?.runs ?? [],
    modelVersions: state?.modelVersions ?? {},
    connection,
    error,
    generation,
    follow,
  };
}
