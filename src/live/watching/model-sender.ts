import type { TrainingContext } from "../../training/callback.js";
import { encodeModel } from "../../training/model-file.js";
import type { TrainingChannel } from "../channel.js";
import { createRhythm } from "./rhythm.js";

/** Sends the models of one training. */
export interface ModelSender {
  send(context: TrainingContext): void;
  /** Does so at the end of an epoch, where the epoch was a long one, or the last model is old enough. */
  sendIfDue(context: TrainingContext): void;
}

/** Twice a second at most. */
const SHORTEST_MILLISECONDS = 500;
/** Of the time, that models may take. */
const SHARE = 0.01;
/** After an epoch of this length or more there is always one: what such an epoch takes is much more than what its model does. */
const LONG_EPOCH_MILLISECONDS = 1000;

export function createModelSender(channel: TrainingChannel, now: () => number): ModelSender {
  const rhythm = createRhythm({ shortestMilliseconds: SHORTEST_MILLISECONDS, share: SHARE });
  let isFirst = true;
  let sentAt = now();
  let epochBegan = sentAt;
  const send = ({ network, epoch, step }: TrainingContext, start: number) => {
    channel.send({ type: "model", epoch, step, bytes: encodeModel(network) });
    const end = now();
    // The first has learned nothing, and takes longer than all others, as nothing is warm yet: the next one must not wait for it.
    if (!isFirst) rhythm.done(start, end);
    isFirst = false;
    sentAt = end;
    epochBegan = end;
  };
  return {
    send: (context) => send(context, now()),
    sendIfDue(context) {
      const time = now();
      const isLongEpoch = time - epochBegan >= LONG_EPOCH_MILLISECONDS;
      epochBegan = time;
      // A clock that goes back says nothing of how long it is.
      const isOld = time < sentAt || time - sentAt >= SHORTEST_MILLISECONDS;
      if (isLongEpoch || (isOld && rhythm.isDue(time))) send(context, time);
    },
  };
}
