import { useEffect, useRef, useState } from "preact/hooks";
import type { RunSummary, StartChoices } from "../../protocol.js";
import { formatAddress } from "../address.js";
import { Loading } from "../parts/loading.js";
import { ErrorNotice, Notice } from "../parts/notice.js";
import { OtherRun } from "../parts/other-run.js";
import { pickedRun, RunPicker, runsThatReadImages, useRunInAddress } from "../parts/run-picker.js";
import type { ViewProps } from "../view.js";
import { Answer } from "./answer.js";
import { Corrections } from "./corrections.js";
import { DrawingCanvas } from "./drawing-canvas.js";
import { GivenPicture } from "./given-picture.js";
import { ModelNote, otherKnowledge } from "./model-note.js";
import { NoModel } from "./no-model.js";
import type { Picture } from "./picture.js";
import { firstFile, PictureButtons, PictureError, usePictureInput } from "./picture-input.js";
import { MOST_STROKES } from "./stroke.js";
import { useDrawing } from "./use-drawing.js";
import { useRecognition } from "./use-recognition.js";
import { isForDigits } from "./verdict.js";
import { WhatItSees } from "./what-it-sees.js";
import "./draw.css";

/** What the server calls drawings of one's own where it offers data sets. */
const DRAWINGS = "drawings";

/** Draw a digit, and see what a network makes of it. */
export function DrawView(props: ViewProps) {
  const runs = runsThatReadImages(props.live.runs);
  const run = pickedRun(runs, props.address);
  useRunInAddress(run?.id, props);
  if (run === undefined) return <NoModel live={props.live} />;
  const wanted = props.address.state.run;
  if (wanted !== undefined && wanted !== run.id) {
    return (
      <div class="draw-empty">
        <h1>Draw a digit</h1>
        <OtherRun
          runs={runs}
          run={run}
          why={whyNot(props.live.runs.find(({ id }) => id === wanted))}
          label="Networks that can be drawn for"
          action="Draw for"
          address={props.address}
          change={props.change}
        />
      </div>
    );
  }
  return <Sheet {...props} runs={runs} run={run} />;
}

function whyNot(run: RunSummary | undefined): string {
  if (run === undefined) return "The network that this address names is not here any more.";
  if (!run.readsImages) return `${run.name} does not read images, so nothing can be drawn for it.`;
  return `${run.name} has learned nothing yet: you can draw for it when its first epoch is over.`;
}

/** Where the form for a new run is filled in with the drawings; `null` where it does not offer them. */
function hrefOfTraining(starting: StartChoices | null): string | null {
  const [preset] = starting?.presets ?? [];
  if (preset === undefined || !starting?.datasets.some(({ name }) => name === DRAWINGS)) return null;
  return formatAddress({ view: "train", state: { new: preset.name, dataset: DRAWINGS } });
}

function Sheet({
  live,
  address,
  change,
  runs,
  run,
}: ViewProps & { readonly runs: readonly RunSummary[]; readonly run: RunSummary }) {
  const drawing = useDrawing({ address, change });
  const [picture, setPicture] = useState<Picture | null>(null);
  const [isPenDown, setIsPenDown] = useState(false);
  const [isDropping, setIsDropping] = useState(false);
  const sheet = useRef<HTMLDivElement>(null);
  const { answer, error, ask, retry } = useRecognition({
    runId: run.id,
    modelVersion: live.modelVersions[run.id] ?? 0,
    generation: live.generation,
  });
  const { strokes } = drawing;
  // One thing is recognised: a picture clears the sheet, which Undo brings back, and a stroke takes the picture away.
  const pictureInput = usePictureInput({
    onPicture: (read) => {
      drawing.clear();
      setPicture(read);
    },
    // Its answer would be taken for one of what could not be read.
    onRefused: () => setPicture(null),
  });

  useEffect(() => {
    if (picture !== null) ask({ kind: "picture", picture });
    else ask(strokes.length > 0 ? { kind: "drawing", strokes } : null);
  }, [ask, strokes, picture]);

  function clear(): void {
    setPicture(null);
    pictureInput.dismiss();
    drawing.clear();
  }

  function undo(): void {
    setPicture(null);
    drawing.undo();
  }

  function onPen(isDown: boolean): void {
    setIsPenDown(isDown);
    if (!isDown) return;
    setPicture(null);
    pictureInput.dismiss();
  }

  const recognition = answer?.recognition;
  // The answer before may still be there, of what was drawn.
  const isOfPicture = answer?.subject.kind === "picture" && answer.subject.picture === picture;
  const isOfDrawing = answer?.subject.kind === "drawing" && answer.subject.strokes === strokes;
  // Every drawing is fitted to a network that knows digits; of others, the notes say more than that.
  const hasOtherKnowledge = otherKnowledge(run, recognition?.classes) !== null;
  const hasRoom = strokes.length < MOST_STROKES;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped here can be chosen by a button, too.
    <div
      class={`draw ${isDropping ? "draw-dropping" : ""}`}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        setIsDropping(true);
      }}
      onDragLeave={(event) => {
        const to = event.relatedTarget;
        if (!(to instanceof Node && event.currentTarget.contains(to))) setIsDropping(false);
      }}
      onDrop={(event) => {
        setIsDropping(false);
        const file = firstFile(event.dataTransfer);
        if (file === undefined) return;
        event.preventDefault();
        pictureInput.read(file);
      }}
    >
      <header class="draw-head">
        <h1>{hasOtherKnowledge ? "Draw for this network" : "Draw a digit"}</h1>
        <RunPicker runs={runs} address={address} change={change} />
        <ModelNote run={run} classes={recognition?.classes} isLost={live.connection === "lost"} />
      </header>

      <div class="draw-left" ref={sheet}>
        <PictureError message={pictureInput.error} />
        <DrawingCanvas
          strokes={strokes}
          picture={picture}
          hasRoom={hasRoom}
          onPen={onPen}
          onInk={(ink) => ask(ink.length > 0 ? { kind: "drawing", strokes: ink } : null)}
          onStroke={drawing.add}
          onUndo={undo}
          onClear={clear}
        />
        <div class="draw-tools">
          <button type="button" class="button" disabled={!drawing.canUndo && picture === null} onClick={undo}>
            Undo
          </button>
          <button
            type="button"
            class="button"
            disabled={strokes.length === 0 && picture === null}
            onClick={clear}
          >
            Clear
          </button>
          <PictureButtons input={pictureInput} />
        </div>
        {!hasRoom && <Notice kind="warning">The sheet is full: {MOST_STROKES} strokes are on it.</Notice>}
        {pictureInput.isReading && <Loading what="Reading the picture" />}
      </div>

      <div class="draw-right">
        {picture !== null && (
          <GivenPicture
            picture={picture}
            notes={isOfPicture ? (recognition?.notes ?? []) : []}
            onRemove={() => setPicture(null)}
          />
        )}
        {error !== null && <ErrorNotice message={error} onRetry={retry} />}
        <Answer
          recognition={recognition}
          note={hasOtherKnowledge && picture === null ? recognition?.notes[0] : undefined}
          isPenDown={isPenDown}
        />
        {(recognition === undefined || isForDigits(run.dataset, recognition.classes)) && (
          <Corrections
            recognition={recognition}
            sheet={picture ?? drawing.code}
            isOfSheet={!isPenDown && (picture === null ? isOfDrawing : isOfPicture)}
            trainHref={hrefOfTraining(live.overview?.starting ?? null)}
            onNext={() => {
              clear();
              sheet.current?.querySelector("canvas")?.focus();
            }}
          />
        )}
      </div>

      <p class="muted draw-hint">
        Draw by mouse, pen, finger or arrow keys, or give it a picture: upload it, drop it here, or paste it.
      </p>

      <WhatItSees recognition={recognition} />
    </div>
  );
}
