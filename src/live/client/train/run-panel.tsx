import { useMemo } from "preact/hooks";
import type { Figure, RunDetail } from "../../protocol.js";
import { chartsOfRuns } from "../charts/charts-of-runs.js";
import { LineChart } from "../charts/line-chart.js";
import { formatFigure, formatPercent } from "../parts/format.js";
import { isGoingOn, lastKnownState, stateInWords } from "../parts/run-state.js";
import type { ViewProps } from "../view.js";
import { CompareTable } from "./compare-table.js";
import { RunControls } from "./run-controls.js";
import { RunNotice } from "./run-notice.js";
import { RunPictures } from "./run-pictures.js";
import { RunProgress } from "./run-progress.js";
import "./run.css";

/** All that there is to see of a run, and of those that it is compared with. */
export function RunPanel({
  details,
  live,
  address,
  change,
}: ViewProps & {
  /** The chosen run first. */
  readonly details: readonly [RunDetail, ...RunDetail[]];
}) {
  const [detail] = details;
  const { run } = detail;
  const isLost = live.connection === "lost";
  return (
    <article class="run">
      <header class="run-head">
        <div>
          <h1 tabIndex={-1}>{run.name}</h1>
          <p class="muted">
            <span class={`state state-${run.state}`}>{lastKnownState(run, isLost)}</span>
            {[run.network, run.dataset ?? ""].filter((known) => known !== "").map((known) => ` · ${known}`)}
          </p>
          <p class="visually-hidden" role="status">{`${run.name}: ${stateInWords(run.state)}`}</p>
        </div>
        {run.isSteerable && isGoingOn(run) && <RunControls run={run} isLost={isLost} />}
      </header>
      {isGoingOn(run) && run.epochs > 0 && <RunProgress detail={detail} isLost={isLost} />}
      <RunNotice run={run} />
      <KeyFigures detail={detail} />
      {details.length > 1 && <CompareTable details={details} />}
      <Charts details={details} address={address} change={change} />
      <section aria-labelledby="run-pictures">
        <h2 id="run-pictures">What it has learned</h2>
        <RunPictures detail={detail} generation={live.generation} />
      </section>
      <Settings settings={run.settings} />
    </article>
  );
}

function KeyFigures({ detail: { run, epochs } }: { readonly detail: RunDetail }) {
  const last = epochs.at(-1);
  const figures: readonly (readonly [string, Figure, string])[] = [
    ["Validation accuracy", run.validAccuracy, formatPercent(run.validAccuracy, 2)],
    ["Test accuracy", run.testAccuracy, formatPercent(run.testAccuracy, 2)],
    ["Validation loss", last?.validLoss ?? null, formatFigure(last?.validLoss ?? null)],
    ["Training loss", last?.trainLoss ?? null, formatFigure(last?.trainLoss ?? null)],
  ];
  // Before the first epoch the places are there already, so that nothing moves when it ends.
  const isAwaited = epochs.length === 0 && isGoingOn(run);
  const known = figures.filter(([name, value]) => value !== null || (isAwaited && name !== "Test accuracy"));
  if (known.length === 0) return null;
  return (
    <dl class="key-figures">
      {known.map(([name, , text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Charts({
  details,
  address,
  change,
}: Pick<ViewProps, "address" | "change"> & { readonly details: readonly RunDetail[] }) {
  const isLog = address.state.scale === "log";
  // The list is made anew each time; what is in it is not.
  const charts = useMemo(() => chartsOfRuns(details), details);
  return (
    <section aria-labelledby="run-curves">
      <div class="section-head">
        <h2 id="run-curves">How it learns</h2>
        {charts.length > 0 && (
          <label class="check">
            <input
              type="checkbox"
              checked={isLog}
              onChange={({ currentTarget }) => change({ scale: currentTarget.checked ? "log" : "" })}
            />
            Loss by powers of ten
          </label>
        )}
      </div>
      {charts.length === 0 && (
        <p class="muted">
          {details.some(({ run }) => isGoingOn(run))
            ? "Curves begin with the first step."
            : details.every(({ run }) => run.state === "imported")
              ? "It has learned elsewhere, and nothing here tells how."
              : "It has left no figures behind that could be drawn."}
        </p>
      )}
      <div class="charts">
        {charts.map((chart) => (
          <div key={chart.id} class={`card chart-card chart-${chart.id}`}>
            <LineChart chart={chart} isLog={isLog && chart.id === "loss"} />
          </div>
        ))}
      </div>
    </section>
  );
}

function Settings({ settings }: { readonly settings: Readonly<Record<string, string>> }) {
  const entries = Object.entries(settings);
  if (entries.length === 0) return null;
  return (
    <section aria-labelledby="run-settings">
      <h2 id="run-settings">Settings</h2>
      <dl class="settings">
        {entries.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
