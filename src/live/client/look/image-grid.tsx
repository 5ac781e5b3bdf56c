import type { ImagesPage, LookedAtImage } from "../../protocol.js";
import { ImageTile } from "./image-tile.js";
import { type LookState, PAGE_SIZE } from "./look-state.js";
import { noneOf, rangeOf } from "./words.js";

interface ImageGridProps {
  readonly page: ImagesPage;
  readonly state: LookState;
  readonly isLoading: boolean;
  readonly set: (changes: Partial<LookState>, options?: { readonly isStep: boolean }) => void;
  readonly onOpen: (image: LookedAtImage) => void;
}

/** A page of images, with those before and after it. */
export function ImageGrid({ page, state, isLoading, set, onOpen }: ImageGridProps) {
  const { images, classNames, total } = page;
  const className = state.trueClass === undefined ? undefined : (classNames[state.trueClass] ?? "that class");
  if (total === 0) {
    return (
      <div class="look-none">
        <p>{noneOf(state, className)}</p>
        {(state.trueClass !== undefined || state.verdict !== undefined) && (
          <button
            type="button"
            class="button"
            onClick={() => set({ trueClass: undefined, verdict: undefined, from: 0 })}
          >
            Show all images
          </button>
        )}
      </div>
    );
  }
  if (images.length === 0) {
    return (
      <div class="look-none">
        <p>There are only {rangeOf({ from: 0, shown: 0, total }, state, className)}.</p>
        <button type="button" class="button" onClick={() => set({ from: 0 })}>
          Show the first images
        </button>
      </div>
    );
  }
  const range = rangeOf({ from: state.from, shown: images.length, total }, state, className);
  return (
    <section aria-label="Images" aria-busy={isLoading} class="look-images" data-loading={isLoading}>
      <Pager page={page} from={state.from} range={range} set={set} />
      <ul class="image-grid">
        {images.map((image) => (
          <li key={image.position}>
            <ImageTile image={image} classNames={classNames} onOpen={onOpen} />
          </li>
        ))}
      </ul>
      {images.length > 24 && <Pager page={page} from={state.from} range={range} set={set} isBelow />}
    </section>
  );
}

interface PagerProps {
  readonly page: ImagesPage;
  readonly from: number;
  readonly range: string;
  readonly set: ImageGridProps["set"];
  readonly isBelow?: boolean;
}

function Pager({ page: { images, total }, from, range, set, isBelow = false }: PagerProps) {
  const next = from + images.length;
  const go = (to: number) => set({ from: Math.max(0, to) }, { isStep: true });
  const name = isBelow ? "Pages, below the images" : "Pages";
  return (
    <nav class="look-pager" aria-label={name}>
      <p role={isBelow ? undefined : "status"}>{range}</p>
      {total > images.length && (
        <div class="look-pager-buttons">
          <button type="button" class="button" disabled={from === 0} onClick={() => go(from - PAGE_SIZE)}>
            <span aria-hidden="true">←</span> Previous
          </button>
          <button type="button" class="button" disabled={next >= total} onClick={() => go(next)}>
            Next <span aria-hidden="true">→</span>
          </button>
        </div>
      )}
    </nav>
  );
}
