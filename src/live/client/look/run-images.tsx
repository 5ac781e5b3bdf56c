import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { HiddenSpace, LookedAtImage, RunSummary } from "../../protocol.js";
import { Loading } from "../parts/loading.js";
import { ErrorNotice } from "../parts/notice.js";
import { RunPicker } from "../parts/run-picker.js";
import { isGoingOn } from "../parts/run-state.js";
import { useFetched } from "../parts/use-fetched.js";
import { runPath } from "../run-path.js";
import type { ViewProps } from "../view.js";
import { Filters } from "./filters.js";
import { GoToNumber } from "./go-to-number.js";
import { ImageDetail } from "./image-detail.js";
import { ImageGrid } from "./image-grid.js";
import { formatLookState, type LookState, parseLookState } from "./look-state.js";
import { MapView } from "./map/map-view.js";
import { NewerModel } from "./newer-model.js";
import { type Step, stepsFrom } from "./steps.js";
import { useImagesPage } from "./use-images-page.js";

/** Images in a map: more of them cover each other, and take longer. */
const MAPPED = 1500;

interface RunImagesProps extends ViewProps {
  readonly run: RunSummary;
  /** What else could be chosen. */
  readonly runs: readonly RunSummary[];
}

/** The images of one run: as a grid or a map, and one of them in detail before it. */
export function RunImages({ run, runs, live, address, change }: RunImagesProps) {
  const state = useMemo(() => parseLookState(address.state), [address.state]);
  const set = (changes: Partial<LookState>, options?: { readonly isStep: boolean }) =>
    change((now) => formatLookState({ ...parseLookState(now), ...changes }), options);
  const { part, opened, map } = state;

  const newest = live.modelVersions[run.id] ?? 0;
  const [version, setVersion] = useState(newest);
  const page = useImagesPage(run.id, state, version);
  const hidden = useFetched<HiddenSpace>(
    map === undefined ? null : runPath(run.id, `hidden?part=${part}&count=${MAPPED}`),
    version,
  );
  useEffect(() => {
    if (state.follows) setVersion(newest);
  }, [state.follows, newest]);

  const pendingStep = useRef<Step & { readonly kind: "page" }>(undefined);
  const { fresh, shown } = page;
  useEffect(() => {
    const pending = pendingStep.current;
    if (fresh === undefined || pending?.from !== state.from) return;
    pendingStep.current = undefined;
    const image = pending.edge === "first" ? fresh.images[0] : fresh.images.at(-1);
    if (image !== undefined) set({ opened: { part: image.part, position: image.position } });
  });
  const takeStep = (step: Step) => {
    if (step.kind === "image") return set({ opened: { part: step.part, position: step.position } });
    pendingStep.current = step;
    set({ from: step.from });
  };
  const open = ({ part, position }: LookedAtImage) =>
    set({ opened: { part, position } }, { isStep: opened === undefined });
  useFocusAfter(opened);

  const shownVersion = (map === undefined ? shown?.page : hidden.value)?.modelVersion ?? newest;
  return (
    <>
      <div class="look-controls card">
        <RunPicker runs={runs} address={address} change={change} />
        <Filters state={state} set={set} page={shown?.page} />
      </div>
      <div class="look-bar">
        <fieldset class="look-switch">
          <legend class="visually-hidden">Show the images as</legend>
          <button
            type="button"
            class="button"
            aria-pressed={map === undefined}
            onClick={() => set({ map: undefined })}
          >
            Grid
          </button>
          <button
            type="button"
            class="button"
            aria-pressed={map !== undefined}
            onClick={() => set({ map: map ?? "umap" })}
          >
            Map
          </button>
        </fieldset>
        <GoToNumber
          most={shown?.page.parts.find((known) => known.part === part)?.count}
          onGo={(position) => set({ opened: { part, position } }, { isStep: true })}
        />
        <NewerModel
          isOutdated={newest > Math.max(shownVersion, version)}
          canFollow={isGoingOn(run)}
          follows={state.follows}
          onLook={() => setVersion(newest)}
          onFollow={(follows) => set({ follows })}
        />
      </div>
      {map !== undefined ? (
        <MapView fetched={hidden} state={{ ...state, map }} set={set} />
      ) : page.error !== null && !page.isLoading ? (
        <ErrorNotice message={page.error} onRetry={page.retry} />
      ) : shown !== undefined ? (
        <ImageGrid page={shown.page} state={shown.state} isLoading={page.isLoading} set={set} onOpen={open} />
      ) : (
        <Loading what="Looking through the images" />
      )}
      {opened !== undefined && (
        <ImageDetail
          run={run.id}
          part={opened.part}
          position={opened.position}
          version={version}
          steps={stepsFrom({
            opened,
            images: map === undefined ? (shown?.page.images ?? []) : [],
            from: shown?.state.from ?? 0,
            total: shown?.page.total ?? 0,
            partCount: shown?.page.parts.find((known) => known.part === opened.part)?.count,
          })}
          onStep={takeStep}
          onOpen={open}
          onClose={() => set({ opened: undefined })}
        />
      )}
    </>
  );
}

/** When an image is closed, the focus goes to its place in the grid, or else to where it was; never to nowhere. */
function useFocusAfter(opened: LookState["opened"]): void {
  const before = useRef(opened);
  useEffect(() => {
    const last = before.current;
    before.current = opened;
    if (opened !== undefined || last === undefined) return;
    const tile = document.querySelector<HTMLElement>(
      `.look-view [data-image="${last.part}-${last.position}"]`,
    );
    const isNowhere = document.activeElement === null || document.activeElement === document.body;
    const target = tile ?? (isNowhere ? document.getElementById("look-title") : null);
    target?.focus();
  }, [opened]);
}
