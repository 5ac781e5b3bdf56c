import { useEffect, useRef } from "preact/hooks";
import type { ImageInDetail, LookedAtImage, Neighbours, Part } from "../../protocol.js";
import { inSentence, nameOf } from "../parts/class-names.js";
import { formatCount, formatSureness } from "../parts/format.js";
import { Loading } from "../parts/loading.js";
import { ErrorNotice } from "../parts/notice.js";
import { PART_NAMES } from "../parts/part-names.js";
import { ClassBars } from "../parts/recognition/class-bars.js";
import { Explanation } from "../parts/recognition/explanation.js";
import { HiddenActivations } from "../parts/recognition/hidden-activations.js";
import { PixelPicture } from "../parts/recognition/pixel-picture.js";
import { useFetched } from "../parts/use-fetched.js";
import { runPath } from "../run-path.js";
import { CopyLink } from "./copy-link.js";
import { NearestImages } from "./nearest-images.js";
import type { Step, Steps } from "./steps.js";
import "./image-detail.css";

const NEIGHBOURS = 12;

interface ImageDetailProps {
  readonly run: string;
  readonly part: Part;
  readonly position: number;
  /** Of the model that is looked at: another one asks anew. */
  readonly version: number;
  readonly steps: Steps;
  readonly onStep: (step: Step) => void;
  readonly onOpen: (image: LookedAtImage) => void;
  readonly onClose: () => void;
}

/** One image by itself, before the rest of the page: what the network makes of it, and why. */
export function ImageDetail({
  run,
  part,
  position,
  version,
  steps,
  onStep,
  onOpen,
  onClose,
}: ImageDetailProps) {
  const path = runPath(run, `images/${part}/${position}`);
  const detail = useFetched<ImageInDetail>(path, version);
  const nearest = useFetched<Neighbours>(
    detail.value === undefined ? null : `${path}/nearest?count=${NEIGHBOURS}`,
    version,
  );
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);

  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  // Another image is shown from its top, and what was clicked may be gone.
  useEffect(() => {
    dialog.current?.scrollTo(0, 0);
    const { activeElement } = document;
    const isInside = activeElement !== dialog.current && dialog.current?.contains(activeElement);
    if (!isInside || isFirst.current) heading.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [part, position]);

  const step = (to: Step | undefined) => {
    if (to !== undefined) onStep(to);
  };
  const classNames = detail.value?.recognition.classes.map(({ name }) => name) ?? [];
  return (
    <dialog
      ref={dialog}
      class="image-detail"
      aria-labelledby="image-detail-title"
      onClose={onClose}
      onClick={(event) => {
        // What is clicked beside the dialog's content is the backdrop.
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
      onKeyDown={(event) => {
        if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
        if (event.target instanceof HTMLInputElement) return;
        if (event.key === "ArrowLeft") step(steps.previous);
        else if (event.key === "ArrowRight") step(steps.next);
        else return;
        event.preventDefault();
      }}
    >
      <div class="image-detail-content">
        <header class="image-detail-head">
          <div>
            <h2 id="image-detail-title" tabIndex={-1} ref={heading}>
              {PART_NAMES[part]} image number {formatCount(position)}
            </h2>
            {steps.place !== null && <p class="muted">{steps.place} in the list</p>}
          </div>
          <div class="image-detail-tools">
            <StepButton label="Previous image" arrow="←" to={steps.previous} onStep={onStep} />
            <StepButton label="Next image" arrow="→" to={steps.next} onStep={onStep} />
            <CopyLink />
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              Close
            </button>
          </div>
        </header>
        {detail.value !== undefined ? (
          <>
            <Verdict image={detail.value.image} classNames={classNames} />
            <WhatItMakesOfIt detail={detail.value} />
            <NearestImages
              nearest={nearest}
              image={detail.value.image}
              classNames={classNames}
              onOpen={onOpen}
            />
          </>
        ) : detail.error !== null && !detail.isLoading ? (
          <ErrorNotice message={detail.error} onRetry={detail.retry} />
        ) : (
          <Loading what="Asking the network" />
        )}
      </div>
    </dialog>
  );
}

/** Where there is no image to go to it stays, so that the focus is not lost. */
function StepButton({
  label,
  arrow,
  to,
  onStep,
}: {
  readonly label: string;
  readonly arrow: string;
  readonly to: Step | undefined;
  readonly onStep: (step: Step) => void;
}) {
  return (
    <button
      type="button"
      class="button"
      aria-label={label}
      title={`${label} (${arrow})`}
      aria-disabled={to === undefined}
      onClick={() => to && onStep(to)}
    >
      <span aria-hidden="true">{arrow}</span>
    </button>
  );
}

/** In one sentence; said by a screen reader whenever another image is shown. */
function Verdict(props: { readonly image: LookedAtImage; readonly classNames: readonly string[] }) {
  const { image, classNames } = props;
  const { trueClass, predicted, confidence } = image;
  const sure = confidence === null ? "" : `, ${formatSureness(confidence)} sure`;
  const answer = inSentence(nameOf(classNames, predicted));
  return (
    <p class={`image-detail-verdict ${trueClass === predicted ? "is-right" : "is-wrong"}`} role="status">
      {trueClass === predicted
        ? `The network reads it as ${answer}${sure}: right.`
        : `The network reads it as ${answer}${sure}: wrong, it is ${inSentence(nameOf(classNames, trueClass))}.`}
    </p>
  );
}

function WhatItMakesOfIt({ detail: { image, recognition } }: { readonly detail: ImageInDetail }) {
  return (
    <div class="image-detail-parts">
      <PixelPicture uri={image.uri} alt={`What the network sees, number ${image.position}`}>
        What the network sees
      </PixelPicture>
      <Explanation recognition={recognition} />
      <div class="image-detail-bars">
        <ClassBars recognition={recognition} trueClass={image.trueClass} />
      </div>
      {recognition.hidden.length > 0 && (
        <section class="image-detail-hidden" aria-label="Hidden layers">
          <h3>What its hidden layers do</h3>
          <HiddenActivations hidden={recognition.hidden} />
        </section>
      )}
      {recognition.notes.map((note) => (
        <p key={note} class="muted image-detail-note">
          {note}
        </p>
      ))}
    </div>
  );
}
