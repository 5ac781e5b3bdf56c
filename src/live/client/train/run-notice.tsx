import type { RunSummary } from "../../protocol.js";
import { formatAddress } from "../address.js";
import { CopyCommand } from "../draw/copy-command.js";
import { formatPercent } from "../parts/format.js";
import { Notice } from "../parts/notice.js";
import { isUnreadable } from "../parts/run-state.js";
import { GoOnButton } from "./run-controls.js";

/** What is to be known of a run: what its state means, and what can be done next. */
export function RunNotice({ run }: { readonly run: RunSummary }) {
  return (
    <>
      {run.notice !== null && (
        <Notice kind="warning" title="It learns from other data">
          {run.notice}
        </Notice>
      )}
      <StateNotice run={run} />
    </>
  );
}

function StateNotice({ run }: { readonly run: RunSummary }) {
  switch (run.state) {
    case "starting":
      return <Notice title="It is about to begin">{run.reason ?? "The data are read first."}</Notice>;
    case "elsewhere":
      return (
        <Notice title="Another program trains this network">
          <p>It can be watched here, as far as its folder tells, and is not steered from here.</p>
          <p>{run.reason ?? "It is paused and stopped where it was started."}</p>
        </Notice>
      );
    case "interrupted":
      return (
        <Notice kind="warning" title="It was interrupted">
          <p>{run.reason ?? "Its program ended before the run was over."}</p>
          <GoingOn run={run} />
        </Notice>
      );
    case "failed":
      return (
        <Notice kind="error" title={isUnreadable(run) ? "This cannot be shown" : "The run has failed"}>
          <p>{run.reason ?? "Nobody has said why."}</p>
        </Notice>
      );
    case "stopped":
      return (
        <Notice title={`Stopped after ${run.epoch} of ${run.epochs} epochs`}>
          <p>{run.reason ?? "What it had learned by then is kept."}</p>
          <NextSteps run={run} />
        </Notice>
      );
    case "imported":
      return (
        <Notice kind="success" title={`Imported${finding(run)}`}>
          <p>{run.reason ?? "Another program has made this network."}</p>
          <NextSteps run={run} />
        </Notice>
      );
    case "finished":
      return (
        <Notice kind="success" title={`Finished${finding(run)}`}>
          {run.reason !== null && <p>{run.reason}</p>}
          <NextSteps run={run} />
        </Notice>
      );
    default:
      return null;
  }
}

/** How a run goes on that was interrupted: by a button where it may, else by a command. */
function GoingOn({ run }: { readonly run: RunSummary }) {
  if (run.canGoOn) {
    return (
      <>
        <p>What it had learned when it was last saved is kept, and it goes on from there.</p>
        <GoOnButton run={run} />
      </>
    );
  }
  if (run.goOnCommand !== null) {
    return (
      <>
        <p>What it had learned when it was last saved is kept. It goes on with this command:</p>
        <CopyCommand command={run.goOnCommand} />
      </>
    );
  }
  return (
    <p>
      What it had learned when it was last saved is kept, if anything; the command{" "}
      <code>npx mnist-native train --resume</code> with the run's folder goes on from there.
    </p>
  );
}

function finding({ testAccuracy, validAccuracy }: RunSummary): string {
  if (testAccuracy !== null) return `: it gets ${formatPercent(testAccuracy)} of the test set right`;
  return validAccuracy === null
    ? ""
    : `: it gets ${formatPercent(validAccuracy)} of the validation set right`;
}

/** Where to go with a network that has learned. */
function NextSteps({ run }: { readonly run: RunSummary }) {
  if (!run.hasModel || !run.readsImages) return null;
  const state = { run: run.id };
  return (
    <p class="next-steps">
      <a href={formatAddress({ view: "draw", state })}>Draw a digit for it</a>
      <a href={formatAddress({ view: "look", state })}>Look at its images</a>
    </p>
  );
}
