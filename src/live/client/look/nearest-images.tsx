import type { LookedAtImage, Neighbours } from "../../protocol.js";
import { inSentence, nameOf } from "../parts/class-names.js";
import { formatCount } from "../parts/format.js";
import { Loading } from "../parts/loading.js";
import { ErrorNotice } from "../parts/notice.js";
import type { Latest } from "../parts/use-latest.js";
import { ImageTile } from "./image-tile.js";

interface NearestImagesProps {
  readonly nearest: Latest<Neighbours>;
  /** Whose nearest they are. */
  readonly image: LookedAtImage;
  readonly classNames: readonly string[];
  readonly onOpen: (image: LookedAtImage) => void;
}

/** Training images that look most alike to the network, the nearest first. */
export function NearestImages({ nearest, image, classNames, onOpen }: NearestImagesProps) {
  return (
    <section class="nearest-images" aria-label="Nearest training images">
      <h3>Training images that look most alike to the network</h3>
      {nearest.value !== undefined ? (
        <>
          <p class="muted">{inWords(nearest.value, image, classNames)}</p>
          <ul class="image-grid">
            {nearest.value.neighbours.map((neighbour) => (
              <li key={`${neighbour.part}-${neighbour.position}`}>
                <ImageTile
                  image={neighbour}
                  classNames={classNames}
                  onOpen={onOpen}
                  note={`${neighbour.distance.toPrecision(3)} away`}
                />
              </li>
            ))}
          </ul>
        </>
      ) : nearest.error !== null && !nearest.isLoading ? (
        <ErrorNotice message={nearest.error} onRetry={nearest.retry} />
      ) : (
        <Loading what="Searching the training images" />
      )}
    </section>
  );
}

function inWords(
  { neighbours, searched, layer }: Neighbours,
  { predicted }: LookedAtImage,
  classNames: readonly string[],
): string {
  const alike = neighbours.filter(({ trueClass }) => trueClass === predicted).length;
  const answer = inSentence(nameOf(classNames, predicted));
  return `The network reads ${answer}, and ${alike} of the ${neighbours.length} nearest are of that class. An image is near where the units of the last hidden layer (${layer}) do much the same for it. ${formatCount(searched)} images were searched.`;
}
