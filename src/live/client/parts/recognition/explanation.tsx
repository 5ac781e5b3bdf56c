import type { Recognition } from "../../../protocol.js";
import { inSentence } from "../class-names.js";
import { PixelPicture } from "./pixel-picture.js";

interface ExplanationProps {
  readonly recognition: Pick<Recognition, "explanation" | "predicted" | "classes">;
}

/** Which pixels speak for the class that was found, and which against it. Nothing where there is nothing to explain. */
export function Explanation({ recognition: { explanation, predicted, classes } }: ExplanationProps) {
  const found = predicted === null ? undefined : classes[predicted];
  if (explanation === null || found === undefined) return null;
  const name = inSentence(found.name);
  return (
    <PixelPicture
      uri={explanation.uri}
      alt={`The pixels that speak for ${name} in red-brown, those against it in blue`}
    >
      <b>Why?</b> <span class="explanation-key is-for" aria-hidden="true" />
      Red-brown pixels speak for {name}, <span class="explanation-key is-against" aria-hidden="true" />
      blue ones against it.
    </PixelPicture>
  );
}
