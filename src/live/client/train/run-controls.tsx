import { useState } from "preact/hooks";
import type { RunSummary, TrainingCommand } from "../../protocol.js";
import { postJson, ServerError } from "../api.js";
import { ErrorNotice } from "../parts/notice.js";
import { runPath } from "../run-path.js";

/** What can be asked of a run. */
function commandsFor({ state, isSteerable }: RunSummary): readonly TrainingCommand[] {
  switch (state) {
    case "starting":
      return isSteerable ? ["stop"] : [];
    case "training":
      return ["pause", "step", "stop"];
    case "paused":
      return ["resume", "step", "stop"];
    default:
      return [];
  }
}

/**
 * Pauses a training, goes on with it, for one epoch or to its end, and stops it. What cannot be asked for now stays where it is, and can be
 * reached by the keyboard: nothing moves, and the focus is never lost.
 */
export function RunControls({
  run,
  isLost,
}: {
  readonly run: RunSummary;
  /** Whether the program does not answer: then nothing can be asked of it. */
  readonly isLost: boolean;
}) {
  const [asked, setAsked] = useState<TrainingCommand | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const possible = asked === null && !isLost ? commandsFor(run) : [];

  async function ask(command: TrainingCommand): Promise<void> {
    if (!possible.includes(command)) return;
    setAsked(command);
    setRefusal(null);
    try {
      await postJson<RunSummary>(runPath(run.id, "command"), { command });
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setRefusal(error.message);
    } finally {
      setAsked(null);
    }
  }

  const button = (command: TrainingCommand, label: string, isPrimary = false) => (
    <button
      type="button"
      class={isPrimary ? "button button-primary" : "button"}
      aria-disabled={!possible.includes(command)}
      onClick={() => void ask(command)}
    >
      {label}
    </button>
  );
  return (
    <>
      <fieldset class="run-controls">
        <legend class="visually-hidden">Training</legend>
        {run.state === "paused" ? button("resume", "Go on", true) : button("pause", "Pause", true)}
        {button("step", "One epoch")}
        {button("stop", "Stop")}
      </fieldset>
      {refusal !== null && <ErrorNotice message={refusal} />}
    </>
  );
}

/** Goes on with a run that was interrupted, in a process of its own. */
export function GoOnButton({ run }: { readonly run: RunSummary }) {
  const [isAsked, setIsAsked] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

  async function goOn(): Promise<void> {
    if (isAsked) return;
    setIsAsked(true);
    setRefusal(null);
    try {
      await postJson<RunSummary>(runPath(run.id, "command"), { command: "resume" });
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setRefusal(error.message);
    } finally {
      setIsAsked(false);
    }
  }

  return (
    <>
      <button type="button" class="button button-primary" aria-disabled={isAsked} onClick={() => void goOn()}>
        Go on
      </button>
      {refusal !== null && <ErrorNotice message={refusal} />}
    </>
  );
}
