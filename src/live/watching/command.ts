import type { TrainingCommand } from "../protocol.js";

const COMMANDS: Readonly<Record<TrainingCommand, true>> = {
  pause: true,
  resume: true,
  step: true,
  stop: true,
};

/** Whether a message asks something of a training; other messages may come the same way. */
export function isTrainingCommand(message: unknown): message is TrainingCommand {
  return typeof message === "string" && Object.hasOwn(COMMANDS, message);
}
