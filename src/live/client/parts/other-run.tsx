import type { RunSummary } from "../../protocol.js";
import type { ViewProps } from "../view.js";
import { Notice } from "./notice.js";
import { RunPicker } from "./run-picker.js";

/** Says why the run of the address cannot be used, and offers the others: nobody shall take one network for another. */
export function OtherRun({
  runs,
  run,
  why,
  label,
  action,
  address,
  change,
}: Pick<ViewProps, "address" | "change"> & {
  /** Those that can be used. */
  readonly runs: readonly RunSummary[];
  /** The one that is offered first. */
  readonly run: RunSummary;
  /** A sentence. */
  readonly why: string;
  readonly label: string;
  /** What is done with a run, such as `Draw for`. */
  readonly action: string;
}) {
  return (
    <Notice kind="warning" title={why}>
      <RunPicker runs={runs} address={address} change={change} label={label} />
      <button type="button" class="button" onClick={() => change({ run: run.id })}>
        {action} {run.name}
      </button>
    </Notice>
  );
}
