import type { Callback, CheckpointContext } from "./callback.js";
import type { Training } from "./training.js";

type Saver = Callback & Required<Pick<Callback, "onCheckpoint">>;

export function isSaver(callback: Callback): callback is Saver {
  return callback.onCheckpoint !== undefined;
}

/** Asks callbacks, one after the other, whether they want to save the training. Only those that write make the loop wait. */
export function offerCheckpoint(
  context: Training["context"],
  savers: readonly Saver[],
  at: CheckpointContext["at"],
): void | Promise<void> {
  context.at = at;
  for (let i = 0; i < savers.length; i++) {
    const saving = (savers[i] as Saver).onCheckpoint(context);
    if (saving !== undefined) return offerRest(context, savers.slice(i + 1), saving);
  }
}

async function offerRest(
  context: Training["context"],
  savers: readonly Saver[],
  saving: Promise<void>,
): Promise<void> {
  await saving;
  for (const saver of savers) await saver.onCheckpoint(context);
}
