import type { DType, FloatArray } from "../../backend/backend.js";
import {
  ATTRIBUTE_TYPE,
  DATA_TYPE,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  onnxAttribute,
  onnxNode,
  onnxTensor,
} from "./messages.js";

/** Collects the nodes and numbers of a graph, whose names are as those of graphs that PyTorch writes: `/layers.0/Gemm`. */
export class GraphBuilder {
  readonly dtype: DType;
  readonly nodes: OnnxNode[] = [];
  /** How many nodes there are of a layer's operator. */
  private readonly counts = new Map<string, number>();
  private readonly tensors = new Map<string, OnnxTensor>();

  constructor(dtype: DType) {
    this.dtype = dtype;
  }

  /** The element type of all numbers but bytes: one of `DATA_TYPE`. */
  get dataType(): number {
    return DATA_TYPE[this.dtype === "float32" ? "float" : "double"];
  }

  get initializers(): readonly OnnxTensor[] {
    return [...this.tensors.values()];
  }

  /**
   * Adds an operation of a layer.
   *
   * @param layer Its name: `layers.0`.
   * @param input Names of values.
   * @returns The name of its result.
   */
  apply(
    layer: string,
    opType: string,
    input: readonly string[],
    attribute: readonly OnnxAttribute[] = [],
  ): string {
    const base = `/${layer}/${opType}`;
    const count = this.counts.get(base) ?? 0;
    this.counts.set(base, count + 1);
    const name = count === 0 ? base : `${base}_${count}`;
    const output = `${name}_output_0`;
    this.nodes.push(onnxNode({ name, opType, input, output: [output], attribute }));
    return output;
  }

  /**
   * Adds numbers that were learned.
   *
   * @returns Their name.
   */
  numbers(name: string, data: FloatArray, dims: readonly number[] = [data.length]): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.tensors.set(name, onnxTensor({ name, dims, dataType: this.dataType, rawData }));
    return name;
  }

  /**
   * A number that the formula of a layer has. It is there once, however often it is asked for.
   *
   * @returns Its name.
   */
  constant(name: string, value: number): string {
    if (this.tensors.has(name)) return name;
    const data = this.dtype === "float32" ? Float32Array.of(value) : Float64Array.of(value);
    return this.numbers(name, data, []);
  }

  /** What the last node gives has another name from now on. */
  nameResult(name: string): void {
    const last = this.nodes.pop();
    if (last === undefined) throw new TypeError("There is no node whose result could be named.");
    this.nodes.push({ ...last, output: [name] });
  }

  graph(rest: Omit<OnnxGraph, "node" | "initializer">): OnnxGraph {
    return { ...rest, node: this.nodes, initializer: this.initializers };
  }
}

export function intAttribute(name: string, i: number): OnnxAttribute {
  return onnxAttribute({ name, type: ATTRIBUTE_TYPE.int, i });
}

/** ONNX has no attributes of doubles: the number is rounded to a float32. */
export function floatAttribute(name: string, f: number): OnnxAttribute {
  return onnxAttribute({ name, type: ATTRIBUTE_TYPE.float, f });
}
