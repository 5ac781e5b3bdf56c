import { useEffect, useRef, useState } from "preact/hooks";
import type { HiddenSpace } from "../../../protocol.js";
import type { Method } from "../look-state.js";
import type { LayoutProgress, LayoutRequest } from "./layout-messages.js";

export interface Layout {
  /** [n_points, 2]; `undefined` until there is a first picture. */
  readonly positions: Float32Array | undefined;
  /** 0 to 1. */
  readonly done: number;
  readonly state: "running" | "stopped" | "finished" | "failed";
  /** Leaves the points where they are. */
  readonly stop: () => void;
  readonly resume: () => void;
}

/** Finished maps of activations: choosing between them takes no second computation. */
const finished = new WeakMap<Float32Array, Map<Method, Float32Array>>();

/** Lays out activations in a worker of their own, which ends with the map or when another one is asked for. */
export function useLayout(
  activations: Float32Array | undefined,
  width: HiddenSpace["width"],
  method: Method,
): Layout {
  const [progress, setProgress] = useState<{ readonly of: Float32Array; readonly at: LayoutProgress }>();
  const [state, setState] = useState<Layout["state"]>("running");
  const [attempt, setAttempt] = useState(0);
  const worker = useRef<Worker>(undefined);

  // Another attempt begins anew.
  useEffect(() => {
    if (activations === undefined) return;
    const known = finished.get(activations)?.get(method);
    if (known !== undefined) {
      setProgress({ of: activations, at: { done: 1, positions: Float32Array.from(known) } });
      setState("finished");
      return;
    }
    const running = new Worker(new URL("./map-worker.ts", import.meta.url), { type: "module" });
    worker.current = running;
    setState("running");
    setProgress((before) =>
      before?.of === activations ? { of: activations, at: { ...before.at, done: 0 } } : before,
    );
    running.onmessage = ({ data: at }: MessageEvent<LayoutProgress>) => {
      setProgress({ of: activations, at });
      if (at.done < 1) return;
      keep(activations, method, at.positions);
      setState("finished");
      running.terminate();
    };
    running.onerror = (event) => {
      event.preventDefault();
      setState("failed");
      running.terminate();
    };
    const request: LayoutRequest = { method, activations, width };
    running.postMessage(request);
    return () => running.terminate();
  }, [activations, width, method, attempt]);

  const current = progress !== undefined && progress.of === activations ? progress.at : undefined;
  return {
    positions: current?.positions,
    done: current?.done ?? 0,
    state,
    stop: () => {
      worker.current?.terminate();
      setState("stopped");
    },
    resume: () => setAttempt((before) => before + 1),
  };
}

function keep(activations: Float32Array, method: Method, positions: Float32Array): void {
  const maps = finished.get(activations) ?? new Map<Method, Float32Array>();
  maps.set(method, positions);
  finished.set(activations, maps);
}
