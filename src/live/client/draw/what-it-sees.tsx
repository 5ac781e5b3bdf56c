import type { Recognition } from "../../protocol.js";
import { Explanation } from "../parts/recognition/explanation.js";
import { HiddenActivations } from "../parts/recognition/hidden-activations.js";
import { PixelPicture } from "../parts/recognition/pixel-picture.js";

/** The picture that the network reads, its hidden units as they light up, and which pixels speak for and against what it has found. */
export function WhatItSees({ recognition }: { readonly recognition: Recognition | undefined }) {
  return (
    <section class="draw-sees" aria-labelledby="draw-sees">
      <h2 id="draw-sees">What the network sees</h2>
      {recognition === undefined || recognition.input === null ? (
        <p class="muted">
          Its picture is small: {"28 × 28"} pixels. What you draw is brought to this size and put in the
          middle, as all the digits were that it has learned from. You see it here as soon as there is
          something on the sheet.
        </p>
      ) : (
        <Figures recognition={recognition} input={recognition.input} />
      )}
    </section>
  );
}

function Figures({
  recognition,
  input: { uri, width, height },
}: {
  readonly recognition: Recognition;
  readonly input: NonNullable<Recognition["input"]>;
}) {
  const { explanation, predicted, hidden } = recognition;
  return (
    <div class="draw-figures">
      <div class="card">
        <PixelPicture uri={uri} alt={`The drawing as the network sees it, ${width} by ${height} pixels`}>
          <b>Its picture</b>, {width} × {height} pixels.
        </PixelPicture>
      </div>
      {explanation !== null && predicted !== null && (
        <div class="card">
          <Explanation recognition={recognition} />
        </div>
      )}
      {hidden.length > 0 && (
        <div class="card draw-layers">
          <HiddenActivations hidden={hidden} />
          <p>
            <b>Its hidden units</b> light up by what they find. From them, the last layer tells what it is.
          </p>
        </div>
      )}
    </div>
  );
}
