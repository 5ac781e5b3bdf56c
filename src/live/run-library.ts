import type { RunDetail, RunSummary, StartChoices, StartSettings, TrainingCommand } from "./protocol.js";

/** The runs that a page shows, whatever keeps them. Every change goes into the event log that it was made with. */
export interface RunLibrary {
  /** The newest first. */
  summaries(): readonly RunSummary[];
  /** `undefined` where there is no such run. */
  detail(id: string): RunDetail | undefined;
  /** The run's present model; `undefined` where there is no such run, or no model yet. */
  model(id: string): Promise<RunModel | undefined>;
  /** What a new run may be; `null` where none can be started. */
  readonly starting: StartChoices | null;
  /**
   * Starts a training in a process of its own.
   *
   * @throws InvalidArgumentError saying which setting is out of its bounds, or that too many runs are going on.
   */
  start(settings: unknown): Promise<RunSummary>;
  /**
   * Steers a training; `resume` also starts one again that was interrupted, in a process of its own.
   *
   * @throws InvalidArgumentError when the run cannot be steered, or not so now.
   */
  command(id: string, command: TrainingCommand): RunSummary | Promise<RunSummary>;
  /** Ends what it has started, and waits for it: each run writes a checkpoint first. */
  close(): Promise<void>;
}

/** A model of a run, and where the data are that it learns from. */
export interface RunModel {
  /** Grows with each model of the run, from 1. */
  readonly version: number;
  /** A model file. */
  readonly bytes: Uint8Array;
  /** The run's folder, by whose config.json its data are found; `null` where there is none. */
  readonly folder: string | null;
  /** Images to look at, where the training has handed some over, because no file has them. */
  readonly images: SharedImages | null;
}

/** Images with their classes, as they travel between threads. */
export interface SharedImages {
  /** [n_images, height * width] */
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
  readonly classes: number;
  readonly classNames: readonly string[] | null;
  readonly imageShape: readonly [height: number, width: number];
}

export type { StartSettings };
