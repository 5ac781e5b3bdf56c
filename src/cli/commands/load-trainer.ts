import type { Watching } from "../options/live.js";
import type { TrainingRunOptions } from "./training-run.js";

/** What trains and tests. What it takes to be watched is loaded where somebody watches. */
export async function loadTrainer(
  watching: Watching | undefined,
): Promise<(options: TrainingRunOptions) => Promise<unknown>> {
  if (watching === undefined) return (await import("./training-run.js")).trainAndTest;
  const { trainWatched } = await import("./watched-training.js");
  return (options) => trainWatched(options, watching);
}
