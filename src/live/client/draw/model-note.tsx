import { OWN_DRAWINGS, type Recognition, type RunSummary } from "../../protocol.js";
import { Notice } from "../parts/notice.js";
import { knowsDigits } from "./verdict.js";

/** What is to be known of a network before one draws for it: that it is still learning, or that it has not learned digits. */
export function ModelNote({
  run,
  classes,
  isLost,
}: {
  readonly run: RunSummary;
  /** Whether the program does not answer: then nobody knows whether it learns still. */
  readonly isLost: boolean;
  /** As the last answer names them. */
  readonly classes: Recognition["classes"] | undefined;
}) {
  const knows = otherKnowledge(run, classes);
  const learning = isLost ? null : progressInWords(run);
  if (knows === null && learning === null) return null;
  return (
    <div class="draw-notes">
      {knows !== null && <Notice kind="warning">{knows}</Notice>}
      {learning !== null && <p class="muted">{learning}</p>}
    </div>
  );
}

function progressInWords({ state, epoch, epochs }: RunSummary): string | null {
  const place = `epoch ${Math.min(epochs, epoch + 1)} of ${epochs}`;
  if (state === "paused") return `Its training is paused at ${place}.`;
  if (state === "training" || state === "elsewhere") {
    return `It is still learning, at ${place}: watch its answer change.`;
  }
  return null;
}

/** What else than digits it knows, in a sentence; `null` where nothing else is known of it. */
export function otherKnowledge(
  { dataset }: RunSummary,
  classes: Recognition["classes"] | undefined,
): string | null {
  if (dataset?.includes("fashion")) {
    return "This network knows articles of clothing, not digits: draw a shoe or a shirt for it, or upload a picture of one on a plain ground.";
  }
  if (classes === undefined || knowsDigits(classes)) return null;
  if (dataset === OWN_DRAWINGS) return "This network knows the digits that you have drawn, and no others.";
  return `This network does not know the ten digits, but tells these apart: ${classes.map(({ name }) => name).join(", ")}.`;
}
