// Lays out a map beside the page, which stays quick meanwhile. It is told of by messages of layout-messages.ts.
import { principalComponents, umapLayout } from "./layout.js";
import type { LayoutProgress, LayoutRequest } from "./layout-messages.js";

/** Milliseconds between two pictures of the way. */
const BETWEEN = 80;

addEventListener("message", ({ data: { method, activations, width } }: MessageEvent<LayoutRequest>) => {
  const start = principalComponents(activations, width);
  if (method === "pca") return tell(1, start);
  tell(0, start);
  let last = performance.now();
  for (const { done, positions } of umapLayout(activations, width, start)) {
    if (done < 1 && performance.now() - last < BETWEEN) continue;
    last = performance.now();
    tell(done, positions);
  }
});

function tell(done: number, positions: Float32Array): void {
  const message: LayoutProgress = { done, positions: Float32Array.from(positions) };
  postMessage(message, { transfer: [message.positions.buffer] });
}
