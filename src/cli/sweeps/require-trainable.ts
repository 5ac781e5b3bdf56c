import { ConfigFormatError } from "../../errors.js";
import type { Plan } from "../../sweeps/plan.js";
import { UsageError } from "../process.js";
import { readTrial } from "../trials/train-trial.js";

/** So many trials are read at the most, which takes a second or so. */
const MOST_READ = 1000;

/**
 * Reads trials' settings as `train` would, before anything runs, until one can be trained: some settings go together with no others that a
 * schema could name, such as `hidden` beside `layers`. Where some of a grid do not and others do, that is a result of those trials.
 *
 * @throws ConfigFormatError saying what `train` says of the first, where it refuses all.
 */
export async function requireTrainable({ trials }: Pick<Plan, "trials">): Promise<void> {
  let first: Error | undefined;
  for (const trial of trials.slice(0, MOST_READ)) {
    try {
      await readTrial(trial);
      return;
    } catch (error) {
      if (!(error instanceof ConfigFormatError || error instanceof UsageError)) return; // As of data, which are looked for next.
      first ??= error;
    }
  }
  if (first === undefined || trials.length > MOST_READ) return;
  const what = trials.length === 1 ? "The one trial" : `All ${trials.length} trials`;
  throw new ConfigFormatError(`${what} of the sweep would be refused by train. ${first.message}`, {
    cause: first,
  });
}
