import type { LookedAtImage } from "../../protocol.js";
import { nameOf } from "../parts/class-names.js";
import { formatCount, formatSureness } from "../parts/format.js";

interface ImageTileProps {
  readonly image: LookedAtImage;
  readonly classNames: readonly string[];
  readonly onOpen: (image: LookedAtImage) => void;
  /** In place of how sure the network is: how far away it is, say. */
  readonly note?: string;
}

/** An image with what it is and what it is read as: a button that opens it. */
export function ImageTile({ image, classNames, onOpen, note }: ImageTileProps) {
  const { trueClass, predicted, confidence, uri, position, part } = image;
  const isRight = trueClass === predicted;
  return (
    <button
      type="button"
      class={isRight ? "image-tile" : "image-tile is-wrong"}
      data-image={`${part}-${position}`}
      onClick={() => onOpen(image)}
    >
      <img class="digit" src={uri} alt={`Number ${formatCount(position)}:`} />
      <span class="image-tile-words">
        <span class="image-tile-classes">
          {nameOf(classNames, trueClass)}
          {isRight ? null : (
            <span class="image-tile-answer">
              <span aria-hidden="true"> → </span>
              <span class="visually-hidden">, wrongly read as </span>
              {nameOf(classNames, predicted)}
            </span>
          )}
        </span>
        <span class="image-tile-note">{note ?? (confidence === null ? "" : formatSureness(confidence))}</span>
      </span>
    </button>
  );
}
