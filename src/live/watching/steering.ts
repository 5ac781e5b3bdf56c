import type { TrainingContext } from "../../training/callback.js";
import type { TrainingCommand } from "../protocol.js";

/** Why a training ended that was stopped from the page: the end of "Stopped after epoch 3: …". */
export const STOPPED_FROM_PAGE = "it was stopped from the page";

/** What the page may ask of one training. */
export interface Steering {
  obey(command: TrainingCommand): void;
  /** Pauses after the one epoch that was asked for. */
  epochEnded(): void;
}

/**
 * A training that was stopped ends after its epoch, so that its figures are those of the network; one that is paused goes on to there. Until
 * then it cannot be paused.
 *
 * @param onStopping Told once, when it is to stop.
 */
export function createSteering(
  { control }: Pick<TrainingContext, "control">,
  onStopping: () => void,
): Steering {
  let isOneEpochAskedFor = false;
  return {
    obey(command) {
      const isStopping = control.stopReason !== undefined;
      switch (command) {
        case "pause":
          isOneEpochAskedFor = false;
          if (!isStopping) control.pause();
          return;
        case "step":
          isOneEpochAskedFor = !isStopping;
          control.resume();
          return;
        case "resume":
          isOneEpochAskedFor = false;
          control.resume();
          return;
        case "stop":
          isOneEpochAskedFor = false;
          control.stop(STOPPED_FROM_PAGE);
          control.resume();
          if (!isStopping) onStopping();
      }
    },
    epochEnded() {
      if (isOneEpochAskedFor) control.pause();
      isOneEpochAskedFor = false;
    },
  };
}
