import { InvalidArgumentError, ModelFormatError } from "../../errors.js";
import {
  byteLists,
  bytes,
  float,
  floats,
  integer,
  integers,
  optionalInteger,
  optionalText,
  packedDoubles,
  packedFloats,
  packedIntegers,
  text,
  texts,
} from "../../formats/protobuf/field.js";
import { embedded, embeddedList, messageType } from "../../formats/protobuf/message.js";

// The messages of an ONNX file, with the names and field numbers of the published schema
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). What plain networks do not have, such as graphs within a node, sparse tensors
// and functions, is passed over when reading. 64-bit integers beyond 2 ** 53 are rounded.

/** TensorProto.DataType */
export const DATA_TYPE = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;

/** AttributeProto.AttributeType */
export const ATTRIBUTE_TYPE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
} as const;

/** TensorProto.DataLocation */
export const DATA_LOCATION = { default: 0, external: 1 } as const;

/** StringStringEntryProto */
export interface StringEntry {
  readonly key: string;
  readonly value: string;
}

/** OperatorSetIdProto */
export interface OperatorSet {
  /** "" and "ai.onnx" are the standard's own. */
  readonly domain: string;
  readonly version: number;
}

/** TensorProto */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** One of `DATA_TYPE`, as far as the file keeps to it. */
  readonly dataType: number;
  readonly floatData: Float32Array;
  /** Also of narrower integers, of booleans, and of the bits of a float16 or bfloat16. */
  readonly int32Data: readonly number[];
  /** Of a tensor of texts, in UTF-8. */
  readonly stringData: readonly Uint8Array[];
  readonly int64Data: readonly number[];
  readonly doubleData: Float64Array;
  /** Little-endian elements. A view of the file. */
  readonly rawData: Uint8Array | undefined;
  /** One of `DATA_LOCATION`. */
  readonly dataLocation: number;
  /** location, offset, length, checksum */
  readonly externalData: readonly StringEntry[];
  readonly docString: string;
}

/** AttributeProto; `type` says which of the others holds the value. */
export interface OnnxAttribute {
  readonly name: string;
  /** One of `ATTRIBUTE_TYPE`; 0 in files of the oldest versions. */
  readonly type: number;
  readonly f: number;
  readonly i: number;
  readonly s: Uint8Array | undefined;
  readonly t: OnnxTensor | undefined;
  readonly floats: Float32Array;
  readonly ints: readonly number[];
  readonly strings: readonly Uint8Array[];
}

/** NodeProto */
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  /** Names of values; "" for an optional one that is left out. */
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly OnnxAttribute[];
  readonly docString: string;
}

/** TensorShapeProto.Dimension: a number, a name, or neither where nothing is known. */
export interface OnnxDimension {
  readonly dimValue: number | undefined;
  readonly dimParam: string | undefined;
}

/** TensorShapeProto */
export interface OnnxShape {
  readonly dim: readonly OnnxDimension[];
}

/** TypeProto.Tensor */
export interface OnnxTensorType {
  /** One of `DATA_TYPE`. */
  readonly elemType: number;
  /** `undefined`: not even the number of dimensions is known. */
  readonly shape: OnnxShape | undefined;
}

/** TypeProto */
export interface OnnxType {
  /** `undefined`: a sequence, a map or the like. */
  readonly tensorType: OnnxTensorType | undefined;
}

/** ValueInfoProto */
export interface OnnxValueInfo {
  readonly name: string;
  readonly type: OnnxType | undefined;
  readonly docString: string;
}

/** GraphProto */
export interface OnnxGraph {
  readonly name: string;
  readonly node: readonly OnnxNode[];
  readonly initializer: readonly OnnxTensor[];
  readonly input: readonly OnnxValueInfo[];
  readonly output: readonly OnnxValueInfo[];
  readonly valueInfo: readonly OnnxValueInfo[];
  readonly docString: string;
}

/** ModelProto, with a graph. */
export interface OnnxModel {
  readonly irVersion: number;
  readonly opsetImport: readonly OperatorSet[];
  readonly producerName: string;
  readonly producerVersion: string;
  readonly domain: string;
  readonly modelVersion: number;
  readonly docString: string;
  readonly graph: OnnxGraph;
  readonly metadataProps: readonly StringEntry[];
}

const stringEntry = messageType<StringEntry>("StringStringEntryProto", { key: text(1), value: text(2) });

const operatorSet = messageType<OperatorSet>("OperatorSetIdProto", { domain: text(1), version: integer(2) });

const tensor = messageType<OnnxTensor>("TensorProto", {
  dims: integers(1),
  dataType: integer(2),
  floatData: packedFloats(4),
  int32Data: packedIntegers(5),
  stringData: byteLists(6),
  int64Data: packedIntegers(7),
  name: text(8),
  rawData: bytes(9),
  doubleData: packedDoubles(10),
  docString: text(12),
  externalData: embeddedList(13, stringEntry),
  dataLocation: integer(14),
});

const attribute = messageType<OnnxAttribute>("AttributeProto", {
  name: text(1),
  f: float(2),
  i: integer(3),
  s: bytes(4),
  t: embedded(5, tensor),
  floats: floats(7),
  ints: integers(8),
  strings: byteLists(9),
  type: integer(20),
});

const node = messageType<OnnxNode>("NodeProto", {
  input: texts(1),
  output: texts(2),
  name: text(3),
  opType: text(4),
  attribute: embeddedList(5, attribute),
  docString: text(6),
  domain: text(7),
});

const dimension = messageType<OnnxDimension>("TensorShapeProto.Dimension", {
  dimValue: optionalInteger(1),
  dimParam: optionalText(2),
});

const shape = messageType<OnnxShape>("TensorShapeProto", { dim: embeddedList(1, dimension) });

const tensorType = messageType<OnnxTensorType>("TypeProto.Tensor", {
  elemType: integer(1),
  shape: embedded(2, shape),
});

const type = messageType<OnnxType>("TypeProto", { tensorType: embedded(1, tensorType) });

const valueInfo = messageType<OnnxValueInfo>("ValueInfoProto", {
  name: text(1),
  type: embedded(2, type),
  docString: text(3),
});

const graph = messageType<OnnxGraph>("GraphProto", {
  node: embeddedList(1, node),
  name: text(2),
  initializer: embeddedList(5, tensor),
  docString: text(10),
  input: embeddedList(11, valueInfo),
  output: embeddedList(12, valueInfo),
  valueInfo: embeddedList(13, valueInfo),
});

const model = messageType<Omit<OnnxModel, "graph"> & { readonly graph: OnnxGraph | undefined }>(
  "ModelProto",
  {
    irVersion: integer(1),
    producerName: text(2),
    producerVersion: text(3),
    domain: text(4),
    modelVersion: integer(5),
    docString: text(6),
    graph: embedded(7, graph),
    opsetImport: embeddedList(8, operatorSet),
    metadataProps: embeddedList(14, stringEntry),
  },
);

/** Messages of the values that are given; the others are empty. */
export const onnxTensor = tensor.of;
export const onnxAttribute = attribute.of;
export const onnxNode = node.of;
export const onnxDimension = dimension.of;
export const onnxValueInfo = valueInfo.of;
export const onnxGraph = graph.of;

/** A model with this graph; what else is not given is empty. */
export function onnxModel(values: Partial<OnnxModel> & Pick<OnnxModel, "graph">): OnnxModel {
  return { ...model.of(values), graph: values.graph };
}

/** Protocol buffers have no longer messages. */
export const LONGEST_ONNX = 2 ** 31 - 1;

/**
 * The bytes of an ONNX file.
 *
 * @throws InvalidArgumentError when they would exceed 2 GiB, which protocol buffers cannot have.
 */
export function encodeOnnx(onnx: OnnxModel): Uint8Array {
  const numbers = onnx.graph.initializer.reduce(
    (sum, { rawData, floatData, doubleData }) =>
      sum + (rawData?.length ?? 0) + floatData.byteLength + doubleData.byteLength,
    0,
  );
  requireRoom(numbers);
  const texts = onnx.metadataProps.reduce((sum, { key, value }) => sum + 3 * (key.length + value.length), 0);
  const encoded = model.encode(onnx, numbers + texts + 1024 * (1 + onnx.graph.node.length));
  requireRoom(encoded.length);
  return encoded;
}

function requireRoom(length: number): void {
  if (length <= LONGEST_ONNX) return;
  throw new InvalidArgumentError(
    `Expected an ONNX file of at most ${LONGEST_ONNX} bytes, which is what protocol buffers can have, but this one takes ${length}.`,
  );
}

/**
 * What an ONNX file holds. Nothing in it is trusted, and nothing but the encoding is checked: names may lead nowhere, and shapes and
 * data may not meet. Time and memory are in proportion to the bytes.
 *
 * @param bytes The whole file. Raw data are views of it.
 * @param name The name of the file, for messages.
 * @throws ModelFormatError when it is not an ONNX file.
 */
export function decodeOnnx(bytes: Uint8Array, name: string): OnnxModel {
  const fail = (fault: string) => new ModelFormatError(`${name} is not a readable ONNX model: ${fault}.`);
  if (bytes.length > LONGEST_ONNX) {
    throw fail(`it has ${bytes.length} bytes, and an ONNX file has at most ${LONGEST_ONNX}`);
  }
  const { graph: found, ...rest } = model.decode(bytes, fail);
  if (found === undefined) throw fail("it has no graph");
  return { ...rest, graph: found };
}
