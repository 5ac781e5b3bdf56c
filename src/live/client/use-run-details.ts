import { useEffect, useRef, useState } from "preact/hooks";
import type { LiveEvent, RunDetail } from "../protocol.js";
import { getJson, ServerError } from "./api.js";
import { detailAfter, runOfEvent } from "./run-curves.js";
import { runPath } from "./run-path.js";
import type { Live } from "./use-live.js";

/** Curves of a run: `undefined` until they are known. */
export interface FollowedRun {
  readonly detail: RunDetail | undefined;
  /** Why they cannot be shown: a sentence. */
  readonly error: string | null;
}

/** Milliseconds between two drawings: the page runs where the training does, and each drawing takes time from it. */
const PAUSE = 200;

const UNKNOWN: FollowedRun = { detail: undefined, error: null };

/** @returns The curves of each of the runs, kept up to date: what happens within a moment is drawn at once. */
export function useRunDetails(live: Live, ids: readonly string[]): readonly FollowedRun[] {
  const { follow, generation } = live;
  const known = useRef(new Map<string, FollowedRun>()).current;
  const [, draw] = useState(0);
  const wanted = ids.join(",");

  // A new generation has missed events, and asks for all of them again.
  useEffect(() => {
    const controller = new AbortController();
    const early: (readonly [number, LiveEvent])[] = []; // Of runs that are still being asked for.
    const waiting = new Set(wanted === "" ? [] : wanted.split(","));
    const completed = new Set<string>(); // Those that were asked for once more.
    let timer = 0;
    let frame = 0;
    const drawSoon = () => {
      timer ||= window.setTimeout(() => {
        frame = requestAnimationFrame(() => {
          timer = 0;
          draw((before) => before + 1);
        });
      }, PAUSE);
    };

    const stopFollowing = follow((id, event) => {
      const runId = runOfEvent(event);
      if (runId === undefined) return;
      if (waiting.has(runId)) early.push([id, event]);
      const before = known.get(runId);
      if (before?.detail === undefined) {
        // It was not there when it was asked for, and now it is.
        if (before !== undefined && event.type === "run" && !waiting.has(runId)) {
          waiting.add(runId);
          void ask(runId);
        }
        return;
      }
      const detail = detailAfter(before.detail, id, event);
      if (detail === before.detail) return;
      known.set(runId, { ...before, detail });
      drawSoon();
      // It was asked for before it had begun: its layers and the length of its epochs come with no event.
      if (event.type === "sample" && detail.stepsPerEpoch === null && !completed.has(runId)) {
        completed.add(runId);
        waiting.add(runId);
        void ask(runId);
      }
    });

    async function ask(id: string): Promise<void> {
      try {
        const fresh = await getJson<RunDetail>(runPath(id), { signal: controller.signal });
        const detail = early.reduce((so, [number, event]) => detailAfter(so, number, event), fresh);
        known.set(id, { detail, error: null });
      } catch (error) {
        if (controller.signal.aborted) return;
        if (!(error instanceof ServerError)) throw error;
        // The line is lost: what is shown stays, and all is asked for again when it is back.
        if (error.status !== 0) known.set(id, { detail: undefined, error: error.message });
      } finally {
        waiting.delete(id);
      }
      draw((before) => before + 1);
    }

    for (const id of known.keys()) if (!waiting.has(id)) known.delete(id);
    if (generation > 0) for (const id of waiting) void ask(id);
    return () => {
      controller.abort();
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      stopFollowing();
    };
  }, [follow, generation, known, wanted]);

  return ids.map((id) => known.get(id) ?? UNKNOWN);
}
