import type { Histogram } from "./histogram.js";
import { encodeHyperparameterData, type HyperparameterData } from "./hyperparameters.js";
import { type EventMessage, eventMessage, type ValueMessage } from "./messages.js";

/** Something that TensorBoard shows, at a step of a training. */
export interface BoardEvent {
  /** When it happened, in seconds since 1970. */
  readonly wallTime: number;
  /** Whole. Default: 0. */
  readonly step?: number | undefined;
  readonly what: EventContent;
}

export type EventContent =
  /** The first event of a file. */
  | { readonly kind: "version" }
  /** A training begins, or goes on: what was written before of this step and later ones no longer holds. */
  | { readonly kind: "start" }
  | { readonly kind: "summary"; readonly values: readonly SummaryValue[] };

/** A point of what goes by a name. */
export interface SummaryValue {
  /** What stands before its first slash is the group that it is shown in. */
  readonly tag: string;
  readonly value:
    | { readonly kind: "scalar"; readonly scalar: number }
    | { readonly kind: "histogram"; readonly histogram: Histogram }
    | { readonly kind: "image"; readonly image: GrayPng }
    | { readonly kind: "hyperparameters"; readonly data: HyperparameterData };
}

/** A gray picture. */
export interface GrayPng {
  readonly height: number;
  readonly width: number;
  /** The bytes of a PNG file. */
  readonly png: Uint8Array;
}

const VERSION = "brain.Event:2";
const SESSION_START = 1;
const GRAY = 1;
const FLOAT = 1;
const HYPERPARAMETERS_PLUGIN = "hparams";

/** The bytes of the message Event. */
export function encodeEvent({ wallTime, step = 0, what }: BoardEvent): Uint8Array {
  return eventMessage.encode({ wallTime, step, ...contentOf(what) });
}

function contentOf(what: EventContent): Omit<EventMessage, "wallTime" | "step"> {
  switch (what.kind) {
    case "version":
      return { fileVersion: VERSION };
    case "start":
      return { sessionLog: { status: SESSION_START } };
    case "summary":
      return { summary: { value: what.values.map(({ tag, value }) => ({ tag, ...shownAs(value) })) } };
  }
}

function shownAs(value: SummaryValue["value"]): Omit<ValueMessage, "tag"> {
  switch (value.kind) {
    case "scalar":
      return { simpleValue: value.scalar };
    case "image": {
      const { height, width, png } = value.image;
      return { image: { height, width, colorspace: GRAY, encodedImageString: png } };
    }
    case "histogram": {
      const { min, max, count, sum, sumOfSquares, limits, counts } = value.histogram;
      return {
        histo: {
          min,
          max,
          num: count,
          sum,
          sumSquares: sumOfSquares,
          bucketLimit: Float64Array.from(limits),
          bucket: Float64Array.from(counts),
        },
      };
    }
    case "hyperparameters":
      // All is in the metadata; the tensor has no elements, and stands there because a value has to be one.
      return {
        tensor: { dtype: FLOAT, tensorShape: { dim: [{ size: 0 }] } },
        metadata: {
          pluginData: { pluginName: HYPERPARAMETERS_PLUGIN, content: encodeHyperparameterData(value.data) },
        },
      };
  }
}
