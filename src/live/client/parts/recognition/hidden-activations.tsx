import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { HiddenActivations as Layer } from "../../../protocol.js";
import { contextOf } from "../canvas.js";
import { formatOutput } from "../format.js";
import { activationsInWords, cellColour, columnsOf } from "./activations.js";
import "./recognition.css";

/** Pixels of a cell, and of the gap to the next one. */
const CELL = 20;
const GAP = 3;

/** Each hidden layer as a field of cells, one for each unit, that light up by their activations. */
export function HiddenActivations({ hidden }: { readonly hidden: readonly Layer[] }) {
  return (
    <div class="hidden-activations">
      {hidden.map((layer, l) => (
        <HiddenLayer key={`${l} ${layer.name}`} layer={layer} number={l + 1} />
      ))}
    </div>
  );
}

function HiddenLayer({ layer, number }: { readonly layer: Layer; readonly number: number }) {
  const { name, units, activations } = layer;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<number>();
  const columns = columnsOf(activations.length);
  const rows = Math.ceil(activations.length / columns);
  const width = extent(columns);
  const height = extent(rows);

  useLayoutEffect(() => {
    if (canvas.current !== null) paintCells(contextOf(canvas.current), layer, columns);
  }, [layer, columns, width, height]);

  function onPointerMove(event: PointerEvent & { readonly currentTarget: HTMLCanvasElement }): void {
    const { left, top, width: shownWidth, height: shownHeight } = event.currentTarget.getBoundingClientRect();
    const column = Math.floor(((event.clientX - left) / shownWidth) * columns);
    const row = Math.floor(((event.clientY - top) / shownHeight) * rows);
    setPointed(row * columns + column);
  }

  const words = activationsInWords(layer);
  return (
    <figure class="hidden-layer-cells">
      <figcaption>
        Layer {number}: {name}
        {activations.length < units && <span class="muted">, the first {activations.length} of them</span>}
      </figcaption>
      <canvas
        ref={canvas}
        width={width}
        height={height}
        role="img"
        aria-label={`Layer ${number}, ${name}: ${words}`}
        title={(pointed === undefined ? undefined : unitInWords(layer, pointed)) ?? words}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setPointed(undefined)}
        style={{ maxWidth: `${width}px` }}
      />
    </figure>
  );
}

function extent(cells: number): number {
  return cells * (CELL + GAP) - GAP;
}

/** Square cells; round ones for units below 0, so that their colour is not all that tells. */
function paintCells(
  context: CanvasRenderingContext2D,
  { activations, largest }: Layer,
  columns: number,
): void {
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  for (const [unit, activation] of activations.entries()) {
    const x = (unit % columns) * (CELL + GAP);
    const y = Math.floor(unit / columns) * (CELL + GAP);
    context.fillStyle = cellColour(activation, largest);
    context.beginPath();
    context.roundRect(x, y, CELL, CELL, (activation ?? 0) < 0 ? CELL / 2 : 2);
    context.fill();
  }
}

function unitInWords({ activations }: Layer, unit: number): string | undefined {
  const activation = activations[unit];
  if (activation === undefined) return undefined;
  return `Unit ${unit + 1}: ${formatOutput(activation)}`;
}
