import {
  bytes,
  double,
  integer,
  optionalFloat,
  optionalText,
  packedDoubles,
  text,
} from "../../formats/protobuf/field.js";
import { embedded, embeddedList, messageType } from "../../formats/protobuf/message.js";

// What an event file holds, as protocol buffers. Names and numbers of fields are those of the published schemas of TensorFlow
// (https://github.com/tensorflow/tensorflow): Event and SessionLog of tensorflow/core/util/event.proto; Summary and SummaryMetadata of
// tensorflow/core/framework/summary.proto; HistogramProto of tensorflow/tsl/protobuf/histogram.proto; TensorProto and TensorShapeProto of
// tensorflow/core/framework/tensor.proto and tensor_shape.proto. TensorBoard has the same under tensorboard/compat/proto. Only the fields
// that are written are here.

/** One of `fileVersion`, `summary` and `sessionLog` is given. */
export interface EventMessage {
  readonly wallTime: number;
  readonly step: number;
  readonly fileVersion?: string | undefined;
  readonly summary?: SummaryMessage | undefined;
  readonly sessionLog?: { readonly status: number } | undefined;
}

interface SummaryMessage {
  readonly value: readonly ValueMessage[];
}

/** Summary.Value: one of `simpleValue`, `image`, `histo` and `tensor` is given, `simpleValue` even where it is 0. */
export interface ValueMessage {
  readonly tag: string;
  readonly simpleValue?: number | undefined;
  readonly image?: ImageMessage | undefined;
  readonly histo?: HistogramMessage | undefined;
  readonly tensor?: TensorMessage | undefined;
  readonly metadata?: { readonly pluginData: PluginData | undefined } | undefined;
}

/** Summary.Image */
interface ImageMessage {
  readonly height: number;
  readonly width: number;
  readonly colorspace: number;
  readonly encodedImageString: Uint8Array | undefined;
}

/** HistogramProto */
interface HistogramMessage {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly bucketLimit: Float64Array;
  readonly bucket: Float64Array;
}

/** TensorProto */
interface TensorMessage {
  readonly dtype: number;
  readonly tensorShape: { readonly dim: readonly { readonly size: number }[] } | undefined;
}

/** SummaryMetadata.PluginData */
interface PluginData {
  readonly pluginName: string;
  readonly content: Uint8Array | undefined;
}

const image = messageType<ImageMessage>("Summary.Image", {
  height: integer(1),
  width: integer(2),
  colorspace: integer(3),
  encodedImageString: bytes(4),
});

const histogram = messageType<HistogramMessage>("HistogramProto", {
  min: double(1),
  max: double(2),
  num: double(3),
  sum: double(4),
  sumSquares: double(5),
  bucketLimit: packedDoubles(6),
  bucket: packedDoubles(7),
});

const dimension = messageType<{ readonly size: number }>("TensorShapeProto.Dim", { size: integer(1) });

const shape = messageType<{ readonly dim: readonly { readonly size: number }[] }>("TensorShapeProto", {
  dim: embeddedList(2, dimension),
});

const tensor = messageType<TensorMessage>("TensorProto", {
  dtype: integer(1),
  tensorShape: embedded(2, shape),
});

const pluginData = messageType<PluginData>("SummaryMetadata.PluginData", {
  pluginName: text(1),
  content: bytes(2),
});

const metadata = messageType<{ readonly pluginData: PluginData | undefined }>("SummaryMetadata", {
  pluginData: embedded(1, pluginData),
});

const value = messageType<ValueMessage>("Summary.Value", {
  tag: text(1),
  simpleValue: optionalFloat(2),
  image: embedded(4, image),
  histo: embedded(5, histogram),
  tensor: embedded(8, tensor),
  metadata: embedded(9, metadata),
});

const summary = messageType<SummaryMessage>("Summary", { value: embeddedList(1, value) });

const sessionLog = messageType<{ readonly status: number }>("SessionLog", { status: integer(1) });

/** The message Event. */
export const eventMessage = messageType<EventMessage>("Event", {
  wallTime: double(1),
  step: integer(2),
  fileVersion: optionalText(3),
  summary: embedded(5, summary),
  sessionLog: embedded(7, sessionLog),
});
