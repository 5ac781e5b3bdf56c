import {
  double,
  integer,
  optionalBoolean,
  optionalDouble,
  optionalText,
  text,
} from "../../formats/protobuf/field.js";
import { embedded, embeddedList, messageType } from "../../formats/protobuf/message.js";

// What the HPARAMS tab reads: messages of TensorBoard (https://github.com/tensorflow/tensorboard), HParamsPluginData, SessionStartInfo and
// SessionEndInfo of tensorboard/plugins/hparams/plugin_data.proto; Value of google/protobuf/struct.proto. There is no Experiment, which
// would say what is to be seen of all runs: TensorBoard takes that of the first run it finds for all of them, and without one finds out by
// itself what the runs have and in what they differ.

export type Hyperparameter = string | number | boolean;

export type Hyperparameters = Readonly<Record<string, Hyperparameter>>;

export type HyperparameterData =
  /** That a run begins. @param seconds since 1970. */
  | { readonly kind: "start"; readonly hyperparameters: Hyperparameters; readonly seconds: number }
  /** That it has come to its end. */
  | { readonly kind: "end"; readonly seconds: number };

/** The tag of each kind. */
export const HYPERPARAMETER_TAGS: Readonly<Record<HyperparameterData["kind"], string>> = {
  start: "_hparams_/session_start_info",
  end: "_hparams_/session_end_info",
};

/** Of google/protobuf/struct.proto: one of them is given, even where it is 0, "" or false. */
interface Value {
  readonly numberValue?: number | undefined;
  readonly stringValue?: string | undefined;
  readonly boolValue?: boolean | undefined;
}

interface SessionStartInfo {
  /** A map, which is a list of its entries. */
  readonly hparams: readonly { readonly key: string; readonly value: Value | undefined }[];
  readonly startTimeSecs: number;
}

interface SessionEndInfo {
  readonly status: number;
  readonly endTimeSecs: number;
}

const value = messageType<Value>("Value", {
  numberValue: optionalDouble(2),
  stringValue: optionalText(3),
  boolValue: optionalBoolean(4),
});

const entry = messageType<SessionStartInfo["hparams"][number]>("SessionStartInfo.HparamsEntry", {
  key: text(1),
  value: embedded(2, value),
});

const sessionStartInfo = messageType<SessionStartInfo>("SessionStartInfo", {
  hparams: embeddedList(1, entry),
  startTimeSecs: double(5),
});

const sessionEndInfo = messageType<SessionEndInfo>("SessionEndInfo", {
  status: integer(1),
  endTimeSecs: double(2),
});

const pluginData = messageType<{
  readonly sessionStartInfo?: SessionStartInfo | undefined;
  readonly sessionEndInfo?: SessionEndInfo | undefined;
}>("HParamsPluginData", {
  sessionStartInfo: embedded(3, sessionStartInfo),
  sessionEndInfo: embedded(4, sessionEndInfo),
});

const SUCCESS = 1;

/** The message HParamsPluginData. */
export function encodeHyperparameterData(data: HyperparameterData): Uint8Array {
  if (data.kind === "end") {
    return pluginData.encode({ sessionEndInfo: { status: SUCCESS, endTimeSecs: data.seconds } });
  }
  const hparams = Object.entries(data.hyperparameters).map(([key, given]) => ({
    key,
    value: asValue(given),
  }));
  return pluginData.encode({ sessionStartInfo: { hparams, startTimeSecs: data.seconds } });
}

function asValue(given: Hyperparameter): Value {
  if (typeof given === "number") return { numberValue: given };
  return typeof given === "string" ? { stringValue: given } : { boolValue: given };
}
