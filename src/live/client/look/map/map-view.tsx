import { useMemo } from "preact/hooks";
import type { HiddenSpace } from "../../../protocol.js";
import { nameOf } from "../../parts/class-names.js";
import { formatCount } from "../../parts/format.js";
import { Loading } from "../../parts/loading.js";
import { ErrorNotice } from "../../parts/notice.js";
import type { Latest } from "../../parts/use-latest.js";
import { isAskedFor, type LookState, METHODS, type Method } from "../look-state.js";
import { ClassLegend } from "./class-legend.js";
import { ClassTable } from "./class-table.js";
import { decodeActivations } from "./hidden-space.js";
import { MapCanvas } from "./map-canvas.js";
import { useLayout } from "./use-layout.js";
import "./map.css";

const METHOD_NAMES: Readonly<Record<Method, string>> = {
  umap: "Neighbourhoods (UMAP)",
  pca: "Main directions (PCA)",
};
const METHOD_HINTS: Readonly<Record<Method, string>> = {
  umap: "Keeps images together that are alike; how far groups are apart says little. It takes some seconds.",
  pca: "Shows the two directions in which the images differ most; groups may cover each other. It is quick.",
};

interface MapViewProps {
  readonly fetched: Latest<HiddenSpace>;
  readonly state: LookState & { readonly map: Method };
  readonly set: (changes: Partial<LookState>, options?: { readonly isStep: boolean }) => void;
}

/** Images laid out by what the last hidden layer makes of them. */
export function MapView({ fetched: { value: space, error, isLoading, retry }, state, set }: MapViewProps) {
  const activations = useMemo(() => space && decodeActivations(space), [space]);
  const layout = useLayout(activations, space?.width ?? 0, state.map);
  const { trueClass, verdict } = state;
  const asked = useMemo(
    () => (image: HiddenSpace["images"][number]) => isAskedFor({ trueClass, verdict }, image),
    [trueClass, verdict],
  );
  if (space === undefined || activations === undefined) {
    if (error !== null && !isLoading) return <ErrorNotice message={error} onRetry={retry} />;
    return <Loading what="Asking the network about its images" />;
  }
  if (space.images.length === 0) {
    return <p class="look-none">There are no images in this part of the data, so there is nothing to map.</p>;
  }
  return (
    <section class="look-map" aria-label="Map">
      <div class="map-head">
        <p>
          Close together means: the network sees them alike. Each point is one of{" "}
          {formatCount(space.images.length)} images; a ring marks a mistake.
        </p>
        <fieldset class="map-methods">
          <legend class="visually-hidden">How the map is made</legend>
          {METHODS.map((method) => (
            <label key={method} class="check">
              <input
                type="radio"
                name="map-method"
                checked={state.map === method}
                onChange={() => set({ map: method })}
              />
              {METHOD_NAMES[method]}
            </label>
          ))}
          <p class="field-hint">{METHOD_HINTS[state.map]}</p>
        </fieldset>
      </div>
      <div class="map-body">
        <div class="map-place">
          {layout.positions === undefined ? (
            <div class="map-frame">
              <div class="map-surface map-waiting">
                {layout.state === "running" && <Loading what="Laying out the map" />}
              </div>
            </div>
          ) : (
            <MapCanvas
              space={space}
              positions={layout.positions}
              isAskedFor={asked}
              onOpen={(position) => set({ opened: { part: space.part, position } }, { isStep: true })}
            />
          )}
          <Progress layout={layout} />
        </div>
        <ClassLegend
          classNames={space.classNames}
          picked={trueClass}
          onPick={(classIndex) => set({ trueClass: classIndex, from: 0 })}
        />
      </div>
      <ClassTable space={space} activations={activations} nameOf={(k) => nameOf(space.classNames, k)} />
    </section>
  );
}

/** How far the map is; the place is kept where there is nothing to say, so that nothing jumps. */
function Progress({
  layout: { state, done, stop, resume },
}: {
  readonly layout: ReturnType<typeof useLayout>;
}) {
  if (state === "failed") {
    return (
      <ErrorNotice
        message="The map could not be made: this browser stopped its computation."
        onRetry={resume}
      />
    );
  }
  return (
    <div class="map-progress" data-state={state}>
      {state !== "finished" && <progress max={1} value={done} aria-label="Progress of the map" />}
      <p role="status" class={state === "finished" ? "visually-hidden" : undefined}>
        {state === "finished"
          ? "The map is finished."
          : state === "stopped"
            ? "Stopped on the way."
            : "The points find their places …"}
      </p>
      {state === "running" && (
        <button type="button" class="button" onClick={stop}>
          Stop
        </button>
      )}
      {state === "stopped" && (
        <button type="button" class="button" onClick={resume}>
          Begin again
        </button>
      )}
    </div>
  );
}
