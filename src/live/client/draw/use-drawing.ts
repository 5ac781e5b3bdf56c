import { useEffect, useRef, useState } from "preact/hooks";
import type { ViewProps } from "../view.js";
import { decodeDrawing, encodeDrawing } from "./drawing-code.js";
import type { Stroke } from "./stroke.js";

export interface Drawing {
  readonly strokes: readonly Stroke[];
  /** The same for the same strokes; empty for an empty sheet. */
  readonly code: string;
  readonly canUndo: boolean;
  readonly add: (stroke: Stroke) => void;
  /** Takes the last stroke back; or else brings back what has just been cleared. */
  readonly undo: () => void;
  readonly clear: () => void;
}

/** What was on the sheet when the view was left: the way back from another view does not name it. */
let leftBehind = "";

/** The strokes on the sheet, which stand in the address as `drawing`, so that a link shows the same. */
export function useDrawing({ address, change }: Pick<ViewProps, "address" | "change">): Drawing {
  const code = address.state.drawing ?? "";
  const [strokes, setStrokes] = useState(() => decodeDrawing(code || leftBehind));
  const now = useRef({ strokes, code: code || leftBehind });
  const cleared = useRef<readonly Stroke[]>([]);

  useEffect(() => {
    if (now.current.code !== code) change({ drawing: now.current.code });
    return () => {
      leftBehind = now.current.code;
    };
  }, []);

  const isBegun = useRef(false);
  useEffect(() => {
    const isFirst = !isBegun.current;
    isBegun.current = true;
    if (isFirst || code === now.current.code) return; // It was written by us, perhaps with fewer points than are drawn.
    now.current = { strokes: decodeDrawing(code), code };
    setStrokes(now.current.strokes);
  }, [code]);

  function put(next: readonly Stroke[]): void {
    now.current = { strokes: next, code: encodeDrawing(next) };
    setStrokes(next);
    change({ drawing: now.current.code });
  }

  return {
    strokes,
    code: now.current.code,
    canUndo: strokes.length > 0 || cleared.current.length > 0,
    add(stroke) {
      cleared.current = [];
      put([...now.current.strokes, stroke]);
    },
    undo() {
      const { strokes: drawn } = now.current;
      if (drawn.length === 0 && cleared.current.length === 0) return;
      put(drawn.length > 0 ? drawn.slice(0, -1) : cleared.current);
      cleared.current = [];
    },
    clear() {
      if (now.current.strokes.length === 0) return;
      cleared.current = now.current.strokes;
      put([]);
    },
  };
}
