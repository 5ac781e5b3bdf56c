import type { RunSummary } from "../../protocol.js";
import { formatAddress } from "../address.js";
import { lookOf } from "../charts/curve.js";
import { formatMoment, formatPercent } from "../parts/format.js";
import { isGoingOn, stateInWords } from "../parts/run-state.js";
import type { ViewProps } from "../view.js";
import { CLOSED_FORM } from "./start-draft.js";
import "./run-list.css";

/** So many are compared at most: more lines than that cannot be told apart. */
const MOST_COMPARED = 6;

/** The runs, to choose one and to compare it with others. */
export function RunList({
  runs,
  chosen,
  compared,
  isLost,
  address,
  change,
}: Pick<ViewProps, "address" | "change"> & {
  readonly runs: readonly RunSummary[];
  /** `undefined` where none is looked at: then there is nothing to compare with. */
  readonly chosen: string | undefined;
  /** Without the chosen one. */
  readonly compared: readonly string[];
  /** Whether the program does not answer. */
  readonly isLost: boolean;
}) {
  const isFull = compared.length >= MOST_COMPARED - 1;
  const now = new Date();
  return (
    <ul class="run-list" aria-label="Runs, the newest first">
      {runs.map((run) => {
        const isChosen = run.id === chosen;
        const place = isChosen ? 0 : compared.indexOf(run.id) + 1;
        const isCompared = chosen !== undefined && !isChosen && place > 0;
        const others = compared.filter((id) => id !== run.id);
        const ids = isCompared ? others : [...others, run.id];
        return (
          <li key={run.id} class="run-item" data-chosen={isChosen ? "" : undefined}>
            <a
              class="run-link"
              href={formatAddress({
                ...address,
                state: { ...address.state, ...CLOSED_FORM, run: run.id, with: others.join(",") },
              })}
              aria-current={isChosen ? "true" : undefined}
            >
              <span class="run-name" title={run.name}>
                {run.name}
              </span>
              <span class="run-accuracy">{accuracyInWords(run)}</span>
              <span class="run-facts muted">
                <span class={`state state-${run.state}`}>
                  {stateInWords(run.state)}
                  {isGoingOn(run) && run.epochs > 0 && `, ${run.epoch} of ${run.epochs}`}
                </span>
                {` · ${isLost && isGoingOn(run) ? "when last heard of" : formatMoment(run.startedAt, now)}`}
              </span>
              <span class="run-facts muted">
                {[run.network, run.dataset ?? ""].filter((known) => known !== "").join(" · ")}
              </span>
            </a>
            <span class="run-compare">
              {(isCompared || (isChosen && compared.length > 0)) && (
                <span class={`run-colour run-colour-${lookOf(place).colour}`} aria-hidden="true" />
              )}
              {chosen !== undefined && !isChosen && (
                <label>
                  <input
                    type="checkbox"
                    checked={isCompared}
                    disabled={!isCompared && isFull}
                    onChange={() => change({ with: ids.join(",") }, { isStep: true })}
                  />
                  compare<span class="visually-hidden"> with {run.name}</span>
                </label>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** Nothing where it is not known yet: a dash at the end of a row would be taken for a part of the name. */
function accuracyInWords({ testAccuracy, validAccuracy }: RunSummary): string {
  const accuracy = testAccuracy ?? validAccuracy;
  return accuracy === null ? "" : formatPercent(accuracy);
}
