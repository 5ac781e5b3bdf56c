import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { HiddenSpace } from "../../../protocol.js";
import { nameOf } from "../../parts/class-names.js";
import { formatSureness } from "../../parts/format.js";
import { imageInWords } from "../words.js";
import { drawMap } from "./draw-map.js";
import { type MapScene, sceneOf } from "./map-scene.js";
import { type Direction, nearestInDirection, nearestPoint } from "./nearest-point.js";
import { useMapPointer } from "./use-map-pointer.js";
import { useMediaChanges, useSize } from "./use-size.js";
import { type Point, type ViewTransform, WHOLE, zoomAbout } from "./view-transform.js";

/** How near a pointer has to be to a point, in pixels. */
const REACH = { mouse: 14, touch: 28 };
const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};
const ZOOM = 1.5;

interface MapCanvasProps {
  readonly space: HiddenSpace;
  readonly positions: Float32Array;
  readonly isAskedFor: (image: HiddenSpace["images"][number]) => boolean;
  readonly onOpen: (position: number) => void;
}

/** The map itself: points to hover over, to tap, and to walk over by the arrow keys. */
export function MapCanvas({ space, positions, isAskedFor, onOpen }: MapCanvasProps) {
  const surface = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(surface);
  const media = useMediaChanges();
  const [view, setView] = useState<ViewTransform>(WHOLE);
  const [active, setActive] = useState<number>();
  const { images, classNames } = space;
  const scene = useMemo(() => sceneOf({ space, positions, size, view }), [space, positions, size, view]);

  // Colours are read when it is drawn, and change with the medium.
  useEffect(() => {
    if (canvas.current === null || size.width === 0) return;
    drawMap(canvas.current, {
      ...scene,
      size,
      density: size.density,
      images,
      isAskedFor: (i) => {
        const image = images[i];
        return image !== undefined && isAskedFor(image);
      },
      active,
    });
  }, [scene, size, images, isAskedFor, active, media]);

  const open = (index: number | undefined) => {
    const image = index === undefined ? undefined : images[index];
    if (image !== undefined) onOpen(image.position);
  };
  useMapPointer({
    surface,
    size,
    change: setView,
    onHover: (at) => setActive(at && nearestPoint(scene.pixels, at, REACH.mouse)),
    onPick: (at, pointerType) => {
      const isTouch = pointerType === "touch";
      const index = nearestPoint(scene.pixels, at, isTouch ? REACH.touch : REACH.mouse);
      setActive(index);
      // A finger hides what it taps: the card says what it is, and opens it.
      if (!isTouch) open(index);
    },
  });

  const zoom = (factor: number, at: Point = { x: size.width / 2, y: size.height / 2 }) =>
    setView((before) => zoomAbout(before, factor, at, size));
  const middle = { x: size.width / 2, y: size.height / 2 };

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const direction = DIRECTIONS[event.key];
    if (direction !== undefined) {
      const next =
        active === undefined
          ? nearestPoint(scene.pixels, middle)
          : nearestInDirection(scene.pixels, active, direction);
      if (next !== undefined) {
        setActive(next);
        setView((before) => showing(before, scene, next, size));
      }
    } else if (event.key === "Enter" || event.key === " ") open(active);
    else if (event.key === "+" || event.key === "=")
      zoom(ZOOM, active === undefined ? middle : pixelOf(scene, active));
    else if (event.key === "-") zoom(1 / ZOOM);
    else if (event.key === "0") setView(WHOLE);
    else if (event.key === "Escape" && active !== undefined) setActive(undefined);
    else return;
    event.preventDefault();
  }

  const shown = active === undefined ? undefined : images[active];
  return (
    <div class="map-frame">
      <div
        ref={surface}
        class="map-surface"
        data-zoomed={view.scale > 1}
        // Its own keys are told below, and all that it shows stands in the table.
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application's keys need its focus.
        tabIndex={0}
        aria-label={`Map of ${images.length} images`}
        aria-describedby="map-keys"
        onKeyDown={onKeyDown}
      >
        <canvas ref={canvas} />
      </div>
      <p id="map-keys" class="visually-hidden">
        Arrow keys go from image to image, Enter opens one, plus and minus zoom, 0 shows all. The table below
        says the same in words.
      </p>
      <p class="visually-hidden" role="status">
        {shown === undefined ? "" : imageInWords(shown, classNames)}
      </p>
      <fieldset class="map-tools">
        <legend class="visually-hidden">Zoom</legend>
        <button
          type="button"
          class="button"
          aria-label="Zoom in"
          title="Zoom in (+)"
          onClick={() => zoom(ZOOM)}
        >
          <span aria-hidden="true">+</span>
        </button>
        <button
          type="button"
          class="button"
          aria-label="Zoom out"
          title="Zoom out (−)"
          disabled={view.scale <= 1}
          onClick={() => zoom(1 / ZOOM)}
        >
          <span aria-hidden="true">−</span>
        </button>
        <button
          type="button"
          class="button"
          title="Show all (0)"
          disabled={view.scale <= 1}
          onClick={() => setView(WHOLE)}
        >
          Reset
        </button>
      </fieldset>
      {shown !== undefined && active !== undefined && (
        <div class="map-card" style={cardPlace(pixelOf(scene, active), size)}>
          <img class="digit" src={shown.uri} alt="" />
          <p>
            <strong>{nameOf(classNames, shown.trueClass)}</strong>
            {shown.trueClass !== shown.predicted && <>, read as {nameOf(classNames, shown.predicted)}</>}
            <br />
            <span class="muted">
              {shown.confidence === null
                ? `number ${shown.position}`
                : `${formatSureness(shown.confidence)} sure`}
            </span>
          </p>
          <button type="button" class="button map-card-open" onClick={() => open(active)}>
            Open
          </button>
        </div>
      )}
    </div>
  );
}

function pixelOf({ pixels }: MapScene, index: number): Point {
  return { x: pixels[2 * index] ?? 0, y: pixels[2 * index + 1] ?? 0 };
}

/** Moves the view where the point would lie beyond the canvas's edges. */
function showing(
  view: ViewTransform,
  scene: MapScene,
  index: number,
  size: { width: number; height: number },
) {
  const { x, y } = pixelOf(scene, index);
  if (x >= 0 && y >= 0 && x <= size.width && y <= size.height) return view;
  return zoomAbout(
    { ...view, x: view.x + size.width / 2 - x, y: view.y + size.height / 2 - y },
    1,
    { x: 0, y: 0 },
    size,
  );
}

/** Beside the point, on that side where there is more room. */
function cardPlace({ x, y }: Point, { width, height }: { width: number; height: number }) {
  return {
    ...(x < width / 2 ? { left: `${x + 18}px` } : { right: `${width - x + 18}px` }),
    ...(y < height / 2 ? { top: `${y + 8}px` } : { bottom: `${height - y + 8}px` }),
  };
}
