import type { RunSummary } from "../../protocol.js";
import { formatAddress } from "../address.js";
import { Notice } from "../parts/notice.js";
import { OtherRun } from "../parts/other-run.js";
import { pickedRun, runsThatReadImages, useRunInAddress } from "../parts/run-picker.js";
import type { ViewProps } from "../view.js";
import { RunImages } from "./run-images.js";
import "./look.css";

/** Any image of the data, what a network makes of it, and a map of how alike the network sees them. */
export function LookView({ live, address, change }: ViewProps) {
  const runs = runsThatReadImages(live.runs);
  const run = pickedRun(runs, address);
  useRunInAddress(run?.id, { address, change });
  const wanted = address.state.run;
  const isWanted = wanted === undefined || run?.id === wanted;
  return (
    <div class="look-view">
      <h1 id="look-title" tabIndex={-1}>
        Look at the images
      </h1>
      {run === undefined ? (
        <NothingToSee runs={live.runs} />
      ) : isWanted ? (
        <RunImages key={run.id} run={run} runs={runs} live={live} address={address} change={change} />
      ) : (
        <OtherRun
          runs={runs}
          run={run}
          why={whyNot(live.runs.find(({ id }) => id === wanted))}
          label="Networks whose images can be seen"
          action="Look at"
          address={address}
          change={change}
        />
      )}
    </div>
  );
}

/** What there is to be done where no run has images. */
function NothingToSee({ runs }: { readonly runs: readonly RunSummary[] }) {
  const waiting = runs.find(({ hasModel, readsImages }) => readsImages && !hasModel);
  if (waiting !== undefined) {
    return (
      <Notice title={`${waiting.name} has learned nothing yet.`}>
        <p>Its images can be looked at as soon as its first epoch is over. This page notices by itself.</p>
      </Notice>
    );
  }
  return (
    <Notice title={runs.length === 0 ? "There is no network yet." : "None of these networks reads images."}>
      <p>
        <a href={formatAddress({ view: "train", state: {} })}>Train one on images</a>, such as those of MNIST;
        then its right answers and its mistakes are to be seen here.
      </p>
    </Notice>
  );
}

function whyNot(run: RunSummary | undefined): string {
  if (run === undefined) return "The network that this address names is not here any more.";
  if (!run.readsImages) return `${run.name} does not read images, so there is nothing to look at.`;
  return `${run.name} has learned nothing yet: its images can be looked at when its first epoch is over.`;
}
