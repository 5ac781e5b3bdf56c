import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { peer } from "../../support/interchange-peers.js";
import { readRecords } from "../../support/records.js";

// Event files, read by protobuf.js from the published schemas: another program than the one that writes them. See
// src/interchange/tensorboard/ for where the schemas are.

/** As protobuf.js gives a message as an object: fields that are not there are left out. */
export interface DecodedEvent {
  readonly wallTime?: number;
  readonly step?: number;
  readonly fileVersion?: string;
  readonly sessionLog?: { readonly status: number };
  readonly summary?: { readonly value: readonly DecodedValue[] };
}

export interface DecodedValue {
  readonly tag: string;
  readonly simpleValue?: number;
  readonly image?: {
    readonly height: number;
    readonly width: number;
    readonly colorspace: number;
    readonly encodedImageString: Uint8Array;
  };
  readonly histo?: DecodedHistogram;
  readonly tensor?: object;
  readonly metadata?: { readonly pluginData: { readonly pluginName: string; readonly content: Uint8Array } };
}

export interface DecodedHistogram {
  readonly min?: number;
  readonly max?: number;
  readonly num?: number;
  readonly sum?: number;
  readonly sumSquares?: number;
  readonly bucketLimit: readonly number[];
  readonly bucket: readonly number[];
}

const field = (id: number, type: string) => ({ id, type });
const repeated = (id: number, type: string) => ({ id, type, rule: "repeated" });
const message = (fields: object) => ({ fields });

const SCHEMA = {
  nested: {
    Event: message({
      wallTime: field(1, "double"),
      step: field(2, "int64"),
      fileVersion: field(3, "string"),
      summary: field(5, "Summary"),
      sessionLog: field(7, "SessionLog"),
    }),
    SessionLog: message({ status: field(1, "int32") }),
    Summary: message({ value: repeated(1, "Value") }),
    Value: message({
      tag: field(1, "string"),
      simpleValue: field(2, "float"),
      image: field(4, "Image"),
      histo: field(5, "Histogram"),
      tensor: field(8, "Tensor"),
      metadata: field(9, "Metadata"),
    }),
    Image: message({
      height: field(1, "int32"),
      width: field(2, "int32"),
      colorspace: field(3, "int32"),
      encodedImageString: field(4, "bytes"),
    }),
    Histogram: message({
      min: field(1, "double"),
      max: field(2, "double"),
      num: field(3, "double"),
      sum: field(4, "double"),
      sumSquares: field(5, "double"),
      bucketLimit: repeated(6, "double"),
      bucket: repeated(7, "double"),
    }),
    Tensor: message({ dtype: field(1, "int32"), tensorShape: field(2, "TensorShape") }),
    TensorShape: message({ dim: repeated(2, "Dim") }),
    Dim: message({ size: field(1, "int64") }),
    Metadata: message({ pluginData: field(1, "PluginData") }),
    PluginData: message({ pluginName: field(1, "string"), content: field(2, "bytes") }),
    HParamsPluginData: message({
      version: field(1, "int32"),
      sessionStartInfo: field(3, "SessionStartInfo"),
      sessionEndInfo: field(4, "SessionEndInfo"),
    }),
    SessionStartInfo: message({
      hparams: { id: 1, keyType: "string", type: "StructValue" },
      startTimeSecs: field(5, "double"),
    }),
    SessionEndInfo: message({ status: field(1, "int32"), endTimeSecs: field(2, "double") }),
    StructValue: message({
      numberValue: field(2, "double"),
      stringValue: field(3, "string"),
      boolValue: field(4, "bool"),
    }),
  },
};

interface MessageType {
  decode(bytes: Uint8Array): object;
  toObject(decoded: object, options: object): object;
}

interface ProtobufJs {
  readonly Root: { fromJSON(schema: object): { lookupType(name: string): MessageType } };
}

const root = peer<ProtobufJs>("protobufjs")?.Root.fromJSON(SCHEMA);

/** Whether protobuf.js is there. */
export const canDecode = root !== undefined;

function decode(type: "Event" | "HParamsPluginData", bytes: Uint8Array): object {
  if (root === undefined) throw new Error("Nothing here decodes events.");
  const found = root.lookupType(type);
  return found.toObject(found.decode(bytes), { longs: Number });
}

export function decodeEvent(bytes: Uint8Array): DecodedEvent {
  return decode("Event", bytes) as DecodedEvent;
}

/** What a value for the HPARAMS tab says. */
export function decodeHyperparameters({ metadata }: DecodedValue) {
  if (metadata?.pluginData.pluginName !== "hparams") throw new Error("This is no value for that tab.");
  return decode("HParamsPluginData", metadata.pluginData.content) as {
    readonly sessionStartInfo?: { readonly hparams: object; readonly startTimeSecs?: number };
    readonly sessionEndInfo?: { readonly status: number; readonly endTimeSecs?: number };
  };
}

/** The names of event files in a folder, in TensorBoard's order. */
export function eventFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.includes("tfevents"))
    .sort();
}

/** All events of a folder, as TensorBoard reads them. */
export function readEvents(folder: string): DecodedEvent[] {
  return eventFiles(folder).flatMap((name) => readRecords(readFileSync(join(folder, name))).map(decodeEvent));
}

export interface Point {
  readonly step: number;
  readonly value: DecodedValue;
}

/** The points of each tag that are left when each START takes back those of its step and later ones. */
export function pointsOf(events: readonly DecodedEvent[]): ReadonlyMap<string, readonly Point[]> {
  const points = new Map<string, Point[]>();
  for (const { step = 0, sessionLog, summary } of events) {
    if (sessionLog?.status === 1) {
      for (const [tag, before] of points)
        points.set(
          tag,
          before.filter((point) => point.step < step),
        );
    }
    for (const value of summary?.value ?? []) {
      points.set(value.tag, [...(points.get(value.tag) ?? []), { step, value }]);
    }
  }
  return points;
}
