import type { LookedAtImage, Mistakes as MistakesAnswer } from "../../protocol.js";
import { formatAddress } from "../address.js";
import { nameOf } from "../parts/class-names.js";
import { formatCount, formatSureness } from "../parts/format.js";
import { PART_NAMES } from "../parts/part-names.js";

/** Images that the network takes for something else, the surest first. Each leads to a closer look at it. */
export function Mistakes({ id, mistakes }: { readonly id: string; readonly mistakes: MistakesAnswer }) {
  const { part, total, examples, images, classNames } = mistakes;
  return (
    <>
      <p>
        <strong>{formatCount(total)}</strong> of {formatCount(examples)} {PART_NAMES[part].toLowerCase()}{" "}
        images are read wrong
        {images.length < total ? "; these are the ones it is surest about." : "."}
      </p>
      <ul class="mistakes">
        {images.map((image) => (
          <li key={`${image.part}-${image.position}`}>
            <a href={lookAt(id, image)}>
              <img class="digit" src={image.uri} alt="" width={56} height={56} />
              <span>
                {nameOf(classNames, image.trueClass)} <span class="muted">→</span>{" "}
                <span class="mistaken">{nameOf(classNames, image.predicted)}</span>
              </span>
              <span class="visually-hidden">{restInWords(image)}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function lookAt(run: string, { part, position }: LookedAtImage): string {
  return formatAddress({ view: "look", state: { run, part, position: String(position) } });
}

function restInWords({ part, position, confidence }: LookedAtImage): string {
  const sure = confidence === null ? "" : `, ${formatSureness(confidence)} sure`;
  return `${sure}: look at ${PART_NAMES[part].toLowerCase()} image ${position}`;
}
