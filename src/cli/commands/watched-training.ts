import type { Watching } from "../options/live.js";
import { interruptSignal } from "../process.js";
import type { Watch } from "./run-watcher.js";
import { type TrainingRunOptions, trainAndTest } from "./training-run.js";

/** As `trainAndTest`, for a run that somebody watches. */
export async function trainWatched(options: TrainingRunOptions, watching: Watching): Promise<void> {
  const watch = await watchBy(watching, options.json);
  // From the beginning, so that Ctrl-C is heard between the training and its page, too.
  const { signal, release } = interruptSignal();
  try {
    const interrupted = await trainAndTest({ ...options, watcher: watch });
    if (!interrupted && !signal.aborted) await watch.stay(signal);
  } catch (error) {
    watch.ended({ state: "failed", reason: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    await watch.close();
    release();
  }
}

async function watchBy(watching: Watching, json: boolean): Promise<Watch> {
  if (watching.by === "parent") return (await import("./watched-by-parent.js")).watchedByParent();
  return (await import("./live-training.js")).watchedByPage(watching, json);
}
