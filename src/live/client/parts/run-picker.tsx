import { useEffect, useId } from "preact/hooks";
import type { RunSummary } from "../../protocol.js";
import type { ViewProps } from "../view.js";
import { formatPercent } from "./format.js";
import { useMedia } from "./use-media.js";

/** Runs whose model reads images, so that one can draw for it and look at what it makes of images. The newest first. */
export function runsThatReadImages(runs: readonly RunSummary[]): readonly RunSummary[] {
  return runs.filter(({ hasModel, readsImages }) => hasModel && readsImages);
}

/** @returns The run of the address, or else the first; `undefined` where there is none. */
export function pickedRun(
  runs: readonly RunSummary[],
  address: ViewProps["address"],
): RunSummary | undefined {
  return runs.find(({ id }) => id === address.state.run) ?? runs[0];
}

/** The address names the run that is shown, also where none was asked for: a link to it shows the same, whatever run is the newest then. */
export function useRunInAddress(
  run: string | undefined,
  { address, change }: Pick<ViewProps, "address" | "change">,
): void {
  const isNamed = address.state.run !== undefined;
  useEffect(() => {
    if (run !== undefined && !isNamed) change({ run });
  }, [run, isNamed, change]);
}

/** Chooses the run whose network is used. What is chosen stands in the address as `run`. */
export function RunPicker({
  runs,
  address,
  change,
  label = "Network",
}: {
  /** What there is to choose from: see {@link runsThatReadImages}. */
  readonly runs: readonly RunSummary[];
  readonly address: ViewProps["address"];
  readonly change: ViewProps["change"];
  readonly label?: string;
}) {
  const id = useId();
  const hasRoom = useMedia("(min-width: 44rem)");
  return (
    <div class="field run-picker">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={pickedRun(runs, address)?.id}
        onChange={({ currentTarget }) => change({ run: currentTarget.value })}
      >
        {runs.map((run) => (
          <option key={run.id} value={run.id}>
            {run.name}
            {hasRoom && accuracyInWords(run)}
          </option>
        ))}
      </select>
    </div>
  );
}

function accuracyInWords({ testAccuracy, validAccuracy }: RunSummary): string {
  const accuracy = testAccuracy ?? validAccuracy;
  return accuracy === null ? "" : `, ${formatPercent(accuracy)}`;
}
