import {
  ATTRIBUTE_TYPE,
  DATA_TYPE,
  encodeOnnx,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  onnxAttribute,
  onnxDimension,
  onnxGraph,
  onnxModel,
  onnxNode,
  onnxTensor,
  onnxValueInfo,
} from "../../../src/interchange/onnx/messages.js";

// ONNX files that no program wrote, for one rule or one fault each.

type AttributeValue = number | string | readonly number[] | readonly string[] | OnnxTensor;

/** A node; a float is told from a whole number by `float()`. */
export function node(
  operator: string,
  input: readonly string[],
  output: string,
  attributes: Readonly<Record<string, AttributeValue | OnnxAttribute>> = {},
  domain = "",
): OnnxNode {
  const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
  return onnxNode({
    opType: operator,
    input,
    output: [output],
    name: `${operator}_${output}`,
    attribute,
    domain,
  });
}

function attributeOf(name: string, value: AttributeValue | OnnxAttribute): OnnxAttribute {
  if (typeof value === "number") return onnxAttribute({ name, type: ATTRIBUTE_TYPE.int, i: value });
  const encode = (text: string) => new TextEncoder().encode(text);
  if (typeof value === "string")
    return onnxAttribute({ name, type: ATTRIBUTE_TYPE.string, s: encode(value) });
  if ("strings" in value) return { ...value, name };
  if ("dims" in value) return onnxAttribute({ name, type: ATTRIBUTE_TYPE.tensor, t: value });
  const texts = value.filter((item) => typeof item === "string");
  if (texts.length > 0)
    return onnxAttribute({ name, type: ATTRIBUTE_TYPE.strings, strings: texts.map(encode) });
  return onnxAttribute({ name, type: ATTRIBUTE_TYPE.ints, ints: value as readonly number[] });
}

/** The value of an attribute that is a float32. */
export function float(f: number): OnnxAttribute {
  return onnxAttribute({ type: ATTRIBUTE_TYPE.float, f });
}

export function floats(numbers: readonly number[]): OnnxAttribute {
  return onnxAttribute({ type: ATTRIBUTE_TYPE.floats, floats: Float32Array.from(numbers) });
}

/** Real numbers, float32 where nothing else is said. */
export function numbers(
  name: string,
  dims: readonly number[],
  values: readonly number[],
  dataType: number = DATA_TYPE.float,
): OnnxTensor {
  if (dataType === DATA_TYPE.double) {
    return onnxTensor({ name, dims, dataType, doubleData: Float64Array.from(values) });
  }
  return onnxTensor({ name, dims, dataType, floatData: Float32Array.from(values) });
}

export function wholeNumbers(name: string, values: readonly number[]): OnnxTensor {
  return onnxTensor({ name, dims: [values.length], dataType: DATA_TYPE.int64, int64Data: values });
}

export interface GraphByHand {
  readonly nodes: readonly OnnxNode[];
  readonly tensors?: readonly OnnxTensor[];
  /** The dimensions of `x`. Default: rows of 3. */
  readonly shape?: readonly (number | string)[];
  readonly inputType?: number;
  /** Default: `y`. */
  readonly outputs?: readonly string[];
  readonly opset?: number;
  readonly model?: Partial<OnnxModel>;
}

/** The bytes of a file with the input `x`. */
export function fileOf({
  nodes,
  tensors = [],
  shape = ["rows", 3],
  inputType = DATA_TYPE.float,
  outputs = ["y"],
  opset = 17,
  model = {},
}: GraphByHand): Uint8Array {
  const dim = shape.map((size) =>
    onnxDimension(typeof size === "number" ? { dimValue: size } : { dimParam: size }),
  );
  const graph = onnxGraph({
    name: "by hand",
    node: nodes,
    initializer: tensors,
    input: [onnxValueInfo({ name: "x", type: { tensorType: { elemType: inputType, shape: { dim } } } })],
    output: outputs.map((name) =>
      onnxValueInfo({ name, type: { tensorType: { elemType: DATA_TYPE.float, shape: undefined } } }),
    ),
  });
  return encodeOnnx(
    onnxModel({ irVersion: 8, opsetImport: [{ domain: "", version: opset }], graph, ...model }),
  );
}

/** [3, 2], as a MatMul takes it. */
export const WEIGHT = numbers("w", [3, 2], [1, -0.5, 0.25, 2, -1, 0.75]);
/** The same as a Gemm with transB takes it. */
export const TRANSPOSED = numbers("wt", [2, 3], [1, 0.25, -1, -0.5, 2, 0.75]);
export const BIAS = numbers("b", [2], [0.5, -1]);
export const ROWS = [
  [0.5, -1, 2],
  [-2, 0.25, 1],
  [0, 0, 0],
] as const;

/** ROWS times WEIGHT. */
export function products(rows: readonly (readonly number[])[] = ROWS): readonly number[][] {
  const w = WEIGHT.floatData;
  return rows.map((row) =>
    [0, 1].map((unit) => row.reduce((sum, x, j) => sum + x * (w[j * 2 + unit] as number), 0)),
  );
}
