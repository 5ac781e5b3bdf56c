import { expectThat } from "../../system/expected.js";
import type { Callback } from "../callback.js";
import { readSaved } from "../saved-state.js";

const NAME = "timeLimit";

/**
 * Ends a training after the epoch in which its time is used up. Epochs are finished, so that the last figures are those of the network: it
 * may take as much longer as an epoch does. What a training took before it was interrupted counts; the time in between does not.
 *
 * @param seconds A finite number above 0.
 * @throws InvalidArgumentError when it is not.
 */
export function timeLimit(seconds: number): Callback {
  expectThat(
    Number.isFinite(seconds) && seconds > 0,
    "a finite number of seconds above 0",
    "seconds",
    seconds,
  );
  let before = 0;
  let start = 0;
  const used = () => before + (performance.now() - start) / 1000;
  return {
    name: NAME,
    onTrainBegin() {
      before = 0;
      start = performance.now();
    },
    onEpochEnd({ control }) {
      if (used() >= seconds) control.stop(`the time limit of ${seconds} s is reached`);
    },
    save: () => ({ seconds: used() }),
    restore(saved) {
      before = readSaved(NAME, saved).number("seconds");
    },
  };
}
