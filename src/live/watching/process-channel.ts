import { InvalidArgumentError } from "../../errors.js";
import type { TrainingChannel } from "../channel.js";
import type { TrainingMessage } from "../protocol.js";
import { isTrainingCommand } from "./command.js";

/** So many messages may be on their way to a process that does not read them; further samples are left out. */
const MOST_ON_THE_WAY = 100;

/** As much of a process as it takes. */
export type ProcessWithParent = Pick<
  NodeJS.Process,
  "send" | "connected" | "disconnect" | "on" | "off" | "channel"
>;

/**
 * The channel to the process that has started this one, by `fork` or `spawn` with an IPC channel and `serialization: "advanced"`. It does not
 * keep this process alive; a paused training goes on when the other process is gone. Where that one is slow, samples and models are left out,
 * but for the last model.
 *
 * @param own Default: this process.
 * @throws InvalidArgumentError when no process is at the other end.
 */
export function processChannel(own: ProcessWithParent = process): TrainingChannel {
  if (own.send === undefined) {
    throw new InvalidArgumentError(
      "Expected a process that was started with an IPC channel, for a training that tells how it goes; start it by fork of node:child_process.",
    );
  }
  let isClosed = false;
  let onTheWay = 0;
  let isModelOnTheWay = false;
  let waitingModel: TrainingMessage | undefined;
  let stopListening = () => {};

  const post = (message: TrainingMessage) => {
    const isModel = message.type === "model";
    onTheWay += 1;
    isModelOnTheWay ||= isModel;
    // An error says that the other process has ended, as "disconnect" does.
    own.send?.(message, undefined, undefined, () => {
      onTheWay -= 1;
      if (isModel) isModelOnTheWay = false;
      proceed();
    });
  };
  const proceed = () => {
    if (!own.connected) return;
    const model = waitingModel;
    if (model !== undefined && !isModelOnTheWay) {
      waitingModel = undefined;
      post(model);
    } else if (isClosed && onTheWay === 0) {
      // Not before all has been written: what waits would be lost.
      own.disconnect();
    }
  };

  return {
    send(message) {
      if (isClosed || !own.connected) return;
      if (message.type === "model" && isModelOnTheWay) waitingModel = message;
      else if (message.type !== "sample" || onTheWay < MOST_ON_THE_WAY) post(message);
    },
    listen(listener) {
      stopListening();
      if (isClosed) return;
      const hear = (message: unknown) => {
        if (isTrainingCommand(message)) listener(message);
      };
      const goOn = () => listener("resume");
      own.on("message", hear);
      own.on("disconnect", goOn);
      own.channel?.unref();
      stopListening = () => {
        own.off("message", hear);
        own.off("disconnect", goOn);
      };
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      stopListening();
      proceed();
    },
  };
}
