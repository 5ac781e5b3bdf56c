import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { RunDetail } from "../../protocol.js";
import { formatAddress } from "../address.js";
import { Loading } from "../parts/loading.js";
import { ErrorNotice, Notice } from "../parts/notice.js";
import { pickedRun, useRunInAddress } from "../parts/run-picker.js";
import { useMedia } from "../parts/use-media.js";
import { type FollowedRun, useRunDetails } from "../use-run-details.js";
import type { ViewProps } from "../view.js";
import { RunList } from "./run-list.js";
import { RunPanel } from "./run-panel.js";
import { StartForm } from "./start-form.js";
import "./train.css";

/** From this width on the runs stand beside the one that is watched: as in train.css. */
const WIDE = "(min-width: 68rem)";

/** Trains networks, and shows how they learn. */
export function TrainView({ live, address, change }: ViewProps) {
  const { runs, overview } = live;
  const { state } = address;
  const choices = overview?.starting ?? null;
  const isFirst = runs.length === 0 && state.run === undefined;
  const isFormOpen = choices !== null && (state.new !== undefined || isFirst);
  // A run that has just been started may be chosen before the list knows it.
  const chosen = state.run ?? pickedRun(runs, address)?.id;
  const others = (state.with ?? "").split(",");
  const compared = runs.filter(({ id }) => id !== chosen && others.includes(id)).map(({ id }) => id);
  useRunInAddress(isFormOpen || isFirst ? undefined : chosen, { address, change });
  const isLost = live.connection === "lost";
  const shown = isFormOpen || chosen === undefined ? [] : [chosen, ...compared];
  const followed = useRunDetails(live, shown);

  // Whoever has left the form goes on at the run: its button is not there any more.
  const main = useRef<HTMLDivElement>(null);
  const hasLeftForm = useRef(false);
  useEffect(() => {
    if (isFormOpen) hasLeftForm.current = true;
    const heading = main.current?.querySelector<HTMLElement>(".run h1");
    if (isFormOpen || !hasLeftForm.current || !heading) return;
    hasLeftForm.current = false;
    heading.focus();
  });

  const isWide = useMedia(WIDE);
  const list = (
    <RunList
      runs={runs}
      chosen={isFormOpen ? undefined : chosen}
      compared={compared}
      isLost={isLost}
      address={address}
      change={change}
    />
  );
  return (
    <div class={`train${isFirst ? " train-first" : ""}${isFormOpen ? " train-form" : ""}`}>
      {!isFirst && (
        <aside class="train-side" aria-labelledby="runs-title">
          <div class="section-head">
            <h2 id="runs-title" class={isWide ? undefined : "visually-hidden"}>
              Runs
            </h2>
            {!isWide && <FoldedRuns key={chosen} count={runs.length} list={list} />}
            {choices !== null && (
              <a
                class="button"
                href={formatAddress({
                  view: "train",
                  state: { ...state, new: choices.presets[0]?.name ?? "own" },
                })}
              >
                New run
              </a>
            )}
          </div>
          {isWide && list}
        </aside>
      )}
      <div ref={main} class="train-main">
        {isFormOpen ? (
          <StartForm choices={choices} address={address} change={change} isFirst={isFirst} />
        ) : isFirst ? (
          <Notice title="Nothing trained yet">
            No run is served here, and none can be started from this page. Start one with{" "}
            <code>mnist-native train --live</code>.
          </Notice>
        ) : (
          <Shown followed={followed} live={live} address={address} change={change} />
        )}
      </div>
    </div>
  );
}

/** Where there is little room, the runs are one line, so that the one that is watched comes first. */
function FoldedRuns({ count, list }: { readonly count: number; readonly list: ComponentChildren }) {
  return (
    <details class="train-runs">
      <summary>Runs ({count})</summary>
      {list}
    </details>
  );
}

function Shown({
  followed,
  live,
  address,
  change,
}: ViewProps & { readonly followed: readonly FollowedRun[] }) {
  const [chosen, ...others] = followed;
  if (chosen === undefined) return null;
  if (chosen.detail === undefined) {
    return chosen.error === null ? (
      <Loading what="Loading the run" />
    ) : (
      <ErrorNotice message={chosen.error} />
    );
  }
  const details: readonly [RunDetail, ...RunDetail[]] = [
    chosen.detail,
    ...others.flatMap(({ detail }) => (detail === undefined ? [] : [detail])),
  ];
  return <RunPanel details={details} live={live} address={address} change={change} />;
}
