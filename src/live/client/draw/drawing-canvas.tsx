import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { contextOf } from "../parts/canvas.js";
import { useTheme } from "../parts/use-media.js";
import { type KeyPen, movedPen, placeInWords, pointOf, RESTING_PEN } from "./key-pen.js";
import { paintStrokes } from "./paint.js";
import type { Picture } from "./picture.js";
import { finish, isStep, MOST_POINTS, type PenPoint, type Stroke, smooth, USUAL_PRESSURE } from "./stroke.js";
import "./sheet.css";

export interface DrawingCanvasProps {
  /** Those that are finished. */
  readonly strokes: readonly Stroke[];
  /** What is recognised in place of a drawing, and lies on the sheet until something is drawn. */
  readonly picture: Picture | null;
  /** Whether there is room for one more stroke: else the pen leaves no ink. */
  readonly hasRoom: boolean;
  /** The pen has been put down, or lifted. */
  readonly onPen: (isDown: boolean) => void;
  /** What is drawn by now, the unfinished stroke with it: at most once a frame of the screen. */
  readonly onInk: (strokes: readonly Stroke[]) => void;
  readonly onStroke: (stroke: Stroke) => void;
  readonly onUndo: () => void;
  readonly onClear: () => void;
}

/** A square sheet for mouse, pen, finger and keys. */
export function DrawingCanvas(props: DrawingCanvasProps) {
  const { strokes, picture, hasRoom, onUndo, onClear } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const { begin, extend, end, cancel, isDrawing } = useStroke(props, canvas);
  const pointer = useRef<{ readonly id: number; readonly type: string } | null>(null);
  const [keyPen, setKeyPen] = useState<KeyPen>(RESTING_PEN);
  const [hasKeys, setHasKeys] = useState(false);
  const help = useId();

  function onPointerDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { current } = pointer;
    // The palm is on the sheet before the pen is; every other pointer that comes second is a palm itself, or another finger.
    if (current !== null && !(event.pointerType === "pen" && current.type === "touch")) return;
    if (current !== null) cancel();
    if (keyPen.isDown) liftKeyPen();
    canvas.current?.setPointerCapture(event.pointerId);
    setHasKeys(false);
    pointer.current = { id: event.pointerId, type: event.pointerType };
    begin(pointIn(canvas.current, event));
  }

  function onPointerMove(event: PointerEvent): void {
    if (pointer.current?.id !== event.pointerId) return;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    for (const one of coalesced.length > 0 ? coalesced : [event]) extend(pointIn(canvas.current, one));
  }

  function onPointerEnd(event: PointerEvent): void {
    if (pointer.current?.id !== event.pointerId) return;
    pointer.current = null;
    if (event.type === "pointerup") end();
    else cancel(); // The system has found that it was a palm.
  }

  function liftKeyPen(): void {
    setKeyPen((pen) => ({ ...pen, isDown: false }));
    end();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || pointer.current !== null) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "z" || event.shiftKey) return;
      event.preventDefault();
      if (keyPen.isDown) liftKeyPen();
      onUndo();
      return;
    }
    if (event.key === "Escape" || event.key === "Delete") {
      if (isDrawing()) cancel();
      setKeyPen((pen) => ({ ...pen, isDown: false }));
      onClear();
      return;
    }
    const moved =
      event.key === " " ? { ...keyPen, isDown: !keyPen.isDown && hasRoom } : movedPen(keyPen, event);
    if (moved === undefined) return;
    event.preventDefault();
    setHasKeys(true);
    if (moved.isDown && !keyPen.isDown) begin(pointOf(moved));
    else if (!moved.isDown && keyPen.isDown) end();
    else if (moved.isDown) extend(pointOf(moved));
    setKeyPen(moved);
  }

  const penAt = pointOf(keyPen);
  return (
    <div class="draw-sheet">
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a sheet takes keys as an application does. */}
      <canvas
        ref={canvas}
        class="draw-canvas"
        tabIndex={0}
        role="application"
        aria-label={`Sheet to draw on, ${strokes.length === 0 ? "empty" : strokes.length === 1 ? "1 stroke" : `${strokes.length} strokes`}`}
        aria-describedby={help}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerEnd}
        onPointerCancel={onPointerEnd}
        onKeyDown={onKeyDown}
        onBlur={() => {
          setHasKeys(false);
          if (keyPen.isDown) liftKeyPen();
        }}
      />
      {hasKeys && (
        <span
          class={`draw-pen ${keyPen.isDown ? "draw-pen-down" : ""}`}
          aria-hidden="true"
          style={{ left: `${penAt.x * 100}%`, top: `${penAt.y * 100}%` }}
        />
      )}
      {picture !== null && <img class="draw-given" src={picture.uri} alt={`Given: ${picture.name}`} />}
      {strokes.length === 0 && picture === null && !isDrawing() && !hasKeys && (
        <span class="draw-invitation" aria-hidden="true">
          Draw here
        </span>
      )}
      <p id={help} class="visually-hidden">
        The arrow keys move a pen over 28 by 28 places, the keys Home, End, Page Up and Page Down diagonally,
        and with Shift further; the space bar puts the pen down and lifts it. Control and Z takes the last
        stroke back, Delete or Escape clears the sheet.
      </p>
      <p class="visually-hidden" role="status" data-pen-place>
        {hasKeys ? placeInWords(keyPen) : ""}
      </p>
    </div>
  );
}

function pointIn(canvas: HTMLCanvasElement | null, event: PointerEvent): PenPoint {
  if (canvas === null) throw new Error("A pen has moved on a sheet that is not there.");
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const within = (value: number) => Math.min(1, Math.max(0, value));
  return {
    x: within((event.clientX - left) / width),
    y: within((event.clientY - top) / height),
    pressure: event.pointerType === "pen" && event.pressure > 0 ? event.pressure : USUAL_PRESSURE,
  };
}

/** The stroke that is being drawn, and the canvas that shows it with those that are finished. */
function useStroke(props: DrawingCanvasProps, canvas: { readonly current: HTMLCanvasElement | null }) {
  const latest = useRef(props);
  latest.current = props;
  const active = useRef<PenPoint[] | null>(null);
  const frame = useRef(0);
  const theme = useTheme();

  const drawn = () =>
    active.current === null ? latest.current.strokes : [...latest.current.strokes, smooth(active.current)];

  function paint(strokes: readonly Stroke[]): void {
    const element = canvas.current;
    if (element === null) return;
    const side = Math.round(element.clientWidth * devicePixelRatio);
    if (element.width !== side || element.height !== side) {
      element.width = side;
      element.height = side;
    }
    const context = contextOf(element);
    context.clearRect(0, 0, side, side);
    paintStrokes(context, strokes, { side, colour: getComputedStyle(element).color });
  }

  function paintSoon(): void {
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      const strokes = drawn();
      paint(strokes);
      if (active.current !== null) latest.current.onInk(strokes);
    });
  }

  useLayoutEffect(() => paint(drawn()), [props.strokes, theme]);

  useEffect(() => {
    const observer = new ResizeObserver(() => paint(drawn()));
    if (canvas.current !== null) observer.observe(canvas.current);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame.current);
    };
  }, []);

  function begin(point: PenPoint): void {
    if (!latest.current.hasRoom) return;
    active.current = [point];
    latest.current.onPen(true);
    paintSoon();
  }

  function extend(point: PenPoint): void {
    if (active.current === null || !isStep(active.current, point)) return;
    active.current.push(point);
    if (active.current.length < MOST_POINTS) {
      paintSoon();
      return;
    }
    end();
    begin(point);
  }

  function end(): void {
    if (active.current === null) return;
    const stroke = finish(active.current);
    active.current = null;
    latest.current.onPen(false);
    latest.current.onStroke(stroke);
  }

  function cancel(): void {
    if (active.current === null) return;
    active.current = null;
    latest.current.onPen(false);
    paint(latest.current.strokes);
    latest.current.onInk(latest.current.strokes);
  }

  return { begin, extend, end, cancel, isDrawing: () => active.current !== null };
}
