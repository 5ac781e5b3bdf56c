import { useEffect, useRef, useState } from "preact/hooks";
import type { DrawingBody, Drawings, Recognition } from "../../protocol.js";
import { getJson, postJson, ServerError } from "../api.js";
import { withArticle } from "../parts/class-names.js";
import { ErrorNotice } from "../parts/notice.js";
import { CopyCommand } from "./copy-command.js";
import { forgetLastKept, keptAs, type OnSheet, rememberKept } from "./kept-drawings.js";
import "./corrections.css";

const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

/** "This was a 7": keeps what was drawn among drawings of one's own, that a network can learn from. */
export function Corrections({
  recognition,
  sheet,
  isOfSheet,
  trainHref,
  onNext,
}: {
  readonly recognition: Recognition | undefined;
  /** What is on the sheet now. */
  readonly sheet: OnSheet;
  /** Whether the answer is of all that is on it: only what is drawn to its end is kept. */
  readonly isOfSheet: boolean;
  /** Where a training with the drawings is started; `null` where none can be. */
  readonly trainHref: string | null;
  /** A new sheet. */
  readonly onNext: () => void;
}) {
  const { drawings, error, isBusy, add, undo } = useDrawings();
  const [, draw] = useState(0);
  const input = recognition?.input ?? null;
  const predicted = recognition?.predicted ?? null;
  // Newer answers for the same drawing come as the network learns: it stays kept.
  const kept = input === null ? undefined : keptAs(sheet);
  const isKept = kept !== undefined;
  // Two clicks may come before the page is drawn anew.
  const isKeeping = useRef(false);

  async function keep(label: number): Promise<void> {
    if (input === null || !isOfSheet || isKeeping.current || keptAs(sheet) !== undefined) return;
    isKeeping.current = true;
    const { width, height, pixels } = input;
    if (await add({ label, width, height, pixels })) rememberKept(sheet, label);
    isKeeping.current = false;
    draw((before) => before + 1);
  }

  async function takeBack(): Promise<void> {
    if (await undo()) forgetLastKept();
    draw((before) => before + 1);
  }

  const count = drawings?.count ?? 0;
  if (input === null && count === 0) return null;
  return (
    <section class="card draw-corrections" aria-labelledby="draw-corrections">
      <h2 id="draw-corrections">{input === null ? "Your drawings" : "This was a …"}</h2>
      {input !== null && (
        <fieldset class="draw-labels" aria-labelledby="draw-corrections">
          {DIGITS.map((digit) => (
            <button
              key={digit}
              type="button"
              class={`button ${digit === predicted ? "draw-label-found" : ""}`}
              aria-label={`This was ${withArticle(String(digit))}`}
              aria-pressed={kept === digit}
              disabled={isBusy || isKept || !isOfSheet}
              onClick={() => void keep(digit)}
            >
              {digit}
            </button>
          ))}
        </fieldset>
      )}
      {error !== null && <ErrorNotice message={error} />}
      <p role="status" data-kept>
        {isKept ? `Kept as ${withArticle(String(kept))}. ` : ""}
        {drawings === undefined ? "" : countInWords(count)}
      </p>
      {(isKept || count > 0) && (
        <p class="draw-actions">
          {isKept && (
            <button type="button" class="button button-primary" onClick={onNext}>
              Draw the next one
            </button>
          )}
          {count > 0 && (
            <button type="button" class="button" disabled={isBusy} onClick={() => void takeBack()}>
              Take the last one back
            </button>
          )}
        </p>
      )}
      {drawings !== undefined && count > 0 && <Training drawings={drawings} trainHref={trainHref} />}
    </section>
  );
}

function Training({
  drawings: { command, note },
  trainHref,
}: {
  readonly drawings: Drawings;
  readonly trainHref: string | null;
}) {
  return (
    <>
      {note !== null && <p class="muted">{note}</p>}
      {command !== null && (
        <>
          <p>
            A network learns from them with this command
            {trainHref !== null && (
              <>
                , or <a href={trainHref}>from this page</a>
              </>
            )}
            :
          </p>
          <CopyCommand command={command} />
        </>
      )}
    </>
  );
}

function countInWords(count: number): string {
  if (count === 0) return "Say what it was, and the drawing is kept for a network to learn from.";
  return count === 1 ? "There is 1 drawing of yours." : `There are ${count} drawings of yours.`;
}

function useDrawings() {
  const [drawings, setDrawings] = useState<Drawings>();
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  async function put(change: () => Promise<Drawings>): Promise<boolean> {
    setIsBusy(true);
    try {
      setDrawings(await change());
      setError(null);
      return true;
    } catch (failure) {
      if (!(failure instanceof ServerError)) throw failure;
      setError(failure.message);
      return false;
    } finally {
      setIsBusy(false);
    }
  }

  // They are asked for once: every change answers with all of them.
  useEffect(() => {
    void put(() => getJson<Drawings>("api/drawings"));
  }, []);

  return {
    drawings,
    error,
    isBusy,
    add: (body: DrawingBody) => put(() => postJson<Drawings>("api/drawings", body)),
    undo: () => put(() => postJson<Drawings>("api/drawings/undo", {})),
  };
}
