import { processChannel } from "../../live/watching/process-channel.js";
import { figure } from "../../live/watching/training-facts.js";
import { watchTraining } from "../../live/watching/watch-training.js";
import type { Watch } from "./run-watcher.js";

/** Tells the process that has started this one how the training goes, and obeys it. */
export function watchedByParent(): Watch {
  const channel = processChannel();
  const { callback, ended } = watchTraining(channel);
  return {
    begin: async () => callback,
    ended: ({ testAccuracy, ...end }) => ended({ ...end, testAccuracy: figure(testAccuracy) }),
    stay: async () => {},
    async close() {
      channel.close();
    },
  };
}
