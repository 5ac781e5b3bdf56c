import { type Fail, labelOf } from "./failure.js";
import type { OnnxAttribute, OnnxNode } from "./messages.js";

// What a node says of itself, with the defaults of the operators' published list (https://onnx.ai/onnx/operators/).

export function attributeOf({ attribute }: OnnxNode, name: string): OnnxAttribute | undefined {
  return attribute.find((candidate) => candidate.name === name);
}

export function integerOf(node: OnnxNode, name: string, byDefault: number): number {
  return attributeOf(node, name)?.i ?? byDefault;
}

export function floatOf(node: OnnxNode, name: string, byDefault: number): number {
  const value = attributeOf(node, name)?.f;
  return value === undefined ? byDefault : shortest(value);
}

export function integersOf(node: OnnxNode, name: string): readonly number[] | undefined {
  return attributeOf(node, name)?.ints;
}

export function textOf(node: OnnxNode, name: string, byDefault: string): string {
  const value = attributeOf(node, name)?.s;
  return value === undefined ? byDefault : new TextDecoder().decode(value);
}

/** The decimal that was meant by a float32: 1e-5, not 0.000009999999747378752. */
function shortest(value: number): number {
  const short = Number(value.toPrecision(7));
  return Math.fround(short) === value ? short : value;
}

/** @throws ModelFormatError when the value is not in the order of a tensor's dimensions. */
export function axisOf(axis: number, rank: number, node: OnnxNode, fail: Fail): number {
  const found = axis < 0 ? axis + rank : axis;
  if (!(found >= 0 && found < rank)) {
    throw fail(`${labelOf(node)} works along the dimension ${axis} of what has ${rank} dimensions`);
  }
  return found;
}
