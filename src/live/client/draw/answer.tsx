import type { Recognition } from "../../protocol.js";
import { ClassBars } from "../parts/recognition/class-bars.js";
import { useRested } from "./use-rested.js";
import { verdictOf } from "./verdict.js";

/** What the network reads, how sure it is, and a bar for each class. */
export function Answer({
  recognition,
  note,
  isPenDown,
}: {
  /** `undefined` where there is nothing on the sheet, or no answer yet. */
  readonly recognition: Recognition | undefined;
  /** What else is to be known of it. */
  readonly note: string | undefined;
  readonly isPenDown: boolean;
}) {
  const verdict = recognition && verdictOf(recognition);
  const spoken = useRested(isPenDown ? "" : (verdict?.spoken ?? ""));
  return (
    <section class="card draw-answer" aria-labelledby="draw-answer">
      <h2 id="draw-answer" class="visually-hidden">
        What the network reads
      </h2>
      {recognition === undefined || verdict === undefined ? (
        <div class="draw-waiting">
          <p class="draw-headline">What is it?</p>
          <p class="muted">Draw on the sheet, and the network says what it reads, anew with every stroke.</p>
        </div>
      ) : (
        <div>
          <p class="draw-headline" data-predicted={recognition.predicted ?? ""}>
            {verdict.headline}
          </p>
          <p class="draw-certainty">{verdict.certainty}</p>
          {note !== undefined && <p class="muted">{note}</p>}
        </div>
      )}
      {recognition !== undefined && recognition.predicted !== null && <ClassBars recognition={recognition} />}
      <p class="visually-hidden" role="status" data-spoken>
        {spoken}
      </p>
    </section>
  );
}
