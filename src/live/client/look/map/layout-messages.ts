import type { Method } from "../look-state.js";

/** What the page asks a worker for: one map, after which it is ended. */
export interface LayoutRequest {
  readonly method: Method;
  /** [n_points, width] */
  readonly activations: Float32Array;
  readonly width: number;
}

/** Where points are, [n_points, 2], on the way or at the end. */
export interface LayoutProgress {
  /** 0 to 1; 1 at the end. */
  readonly done: number;
  readonly positions: Float32Array<ArrayBuffer>;
}
