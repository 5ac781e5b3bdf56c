import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type Point, panBy, type Size, type ViewTransform, zoomAbout } from "./view-transform.js";

/** Pixels by which a pointer may tremble in a click. */
const STILL = 5;

interface MapPointerOptions {
  readonly surface: RefObject<HTMLElement | null>;
  readonly size: Size;
  readonly change: (to: (view: ViewTransform) => ViewTransform) => void;
  /** `undefined`: it has left the map. */
  readonly onHover: (at: Point | undefined) => void;
  readonly onPick: (at: Point, pointerType: string) => void;
}

/**
 * Mouse, pen and fingers on the map: dragging moves it, two fingers zoom, a click or tap picks. The wheel zooms while Ctrl is held, as
 * pinching on a touchpad has it, or while the map has the focus: otherwise it scrolls the page.
 */
export function useMapPointer(options: MapPointerOptions): void {
  const latest = useRef(options);
  latest.current = options;
  const { surface } = options;

  useEffect(() => {
    const element = surface.current;
    if (element === null) return;
    const controller = new AbortController();
    const listen = <K extends keyof HTMLElementEventMap>(
      type: K,
      listener: (event: HTMLElementEventMap[K]) => void,
    ) => element.addEventListener(type, listener, { signal: controller.signal, passive: false });
    const pointers = new Map<number, Point>();
    let travelled = 0;
    let wasPinched = false;

    const at = ({ clientX, clientY }: MouseEvent): Point => {
      const { left, top } = element.getBoundingClientRect();
      return { x: clientX - left - element.clientLeft, y: clientY - top - element.clientTop };
    };

    listen("pointerdown", (event) => {
      if (event.button !== 0) return;
      if (pointers.size === 0) {
        travelled = 0;
        wasPinched = false;
      } else wasPinched = true;
      pointers.set(event.pointerId, at(event));
      element.setPointerCapture(event.pointerId);
    });
    listen("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      const now = at(event);
      if (before === undefined) {
        if (event.pointerType !== "touch") latest.current.onHover(now);
        return;
      }
      const { size, change } = latest.current;
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      pointers.set(event.pointerId, now);
      if (other !== undefined) {
        const factor = distance(now, other) / Math.max(1, distance(before, other));
        change((view) => zoomAbout(view, factor, middle(now, other), size));
        return;
      }
      travelled += distance(before, now);
      if (travelled > STILL)
        change((view) => panBy(view, { x: now.x - before.x, y: now.y - before.y }, size));
    });
    listen("pointerup", (event) => {
      const isPick = pointers.delete(event.pointerId) && travelled <= STILL && !wasPinched;
      if (isPick) latest.current.onPick(at(event), event.pointerType);
    });
    listen("pointercancel", (event) => void pointers.delete(event.pointerId));
    listen("pointerleave", (event) => {
      if (event.pointerType !== "touch") latest.current.onHover(undefined);
    });
    listen("wheel", (event) => {
      if (!event.ctrlKey && document.activeElement !== element) return;
      event.preventDefault();
      const { size, change } = latest.current;
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
      const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002));
      change((view) => zoomAbout(view, factor, at(event), size));
    });
    return () => controller.abort();
  }, [surface]);
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
