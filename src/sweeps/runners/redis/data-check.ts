import { DATA } from "../../../runs/config/data-schema.js";
import type { SweepFolder } from "../../sweep-folder.js";
import type { Task } from "../../trial.js";

/**
 * Says it once when a trial has learned from other data than the trials before it: each worker finds its data by itself. Of a sweep whose
 * trials are to differ by their data, nothing is said.
 */
export function createDataCheck(
  { plan }: Pick<SweepFolder, "plan">,
  onNotice: ((line: string) => void) | undefined,
): (task: Task, fingerprint: string) => void {
  const differs = plan.varied.some((path) => Object.hasOwn(DATA, path.split(".", 1)[0] as string)); // There is always a first.
  let first: { readonly trial: number; readonly fingerprint: string } | undefined;
  let isTold = false;
  return ({ trial }, fingerprint) => {
    first ??= { trial, fingerprint };
    if (differs || isTold || fingerprint === first.fingerprint) return;
    isTold = true;
    onNotice?.(
      `Trial ${trial} has learned from other data than trial ${first.trial}, so that their figures cannot be compared; give all workers the same data, and run the sweep anew.`,
    );
  };
}
