import type { TrainingChannel } from "../../../src/live/channel.js";
import type { TrainingCommand, TrainingMessage } from "../../../src/live/protocol.js";

/** A channel whose other side is the test. */
export interface RecordingChannel extends TrainingChannel {
  readonly messages: TrainingMessage[];
  /** As the page asks. */
  ask(command: TrainingCommand): void;
}

/** @param onMessage Told of each message, when it is sent. */
export function recordingChannel(onMessage: (message: TrainingMessage) => void = () => {}): RecordingChannel {
  const messages: TrainingMessage[] = [];
  let hear: (command: TrainingCommand) => void = () => {};
  return {
    messages,
    ask: (command) => hear(command),
    send(message) {
      messages.push(message);
      onMessage(message);
    },
    listen(listener) {
      hear = listener;
    },
    close() {},
  };
}

type OfType<Type extends TrainingMessage["type"]> = Extract<TrainingMessage, { readonly type: Type }>;

export function ofType<Type extends TrainingMessage["type"]>(
  { messages }: Pick<RecordingChannel, "messages">,
  type: Type,
): readonly OfType<Type>[] {
  return messages.filter((message): message is OfType<Type> => message.type === type);
}

/** The messages in short: `state paused`, `epoch 2`, `model 3`. */
export function inShort(messages: readonly TrainingMessage[]): readonly string[] {
  return messages.flatMap((message) => {
    if (message.type === "state" || message.type === "end") return `${message.type} ${message.state}`;
    if (message.type === "epochs") return message.epochs.map(({ epoch }) => `epoch ${epoch}`);
    return message.type === "model" ? `model ${message.step}` : message.type;
  });
}
