import type { FloatArray } from "../../backend/backend.js";
import { attributeOf, axisOf, integerOf, integersOf } from "./attributes.js";
import type { Budget } from "./budget.js";
import { type Fail, labelOf } from "./failure.js";
import { DATA_TYPE, type OnnxNode, type OnnxTensor } from "./messages.js";
import { isSameShape, listOf, reshaped } from "./shapes.js";
import { type Constant, constant, MOST_DIMENSIONS, showShape, tensorLabel } from "./tensors.js";

// What is computed of numbers in the file alone: transposed weights, shapes that are put together, and the like.

export interface ConstantContext {
  readonly fail: Fail;
  readonly budget: Budget;
  readTensor(tensor: OnnxTensor, where: string): Constant;
}

type ConstantOperator = (
  node: OnnxNode,
  inputs: readonly (Constant | undefined)[],
  context: ConstantContext,
) => Constant;

const first = (node: OnnxNode, [x]: readonly (Constant | undefined)[], fail: Fail): Constant =>
  given(x, node, fail);

function given(x: Constant | undefined, node: OnnxNode, fail: Fail): Constant {
  if (x === undefined) throw fail(`${labelOf(node)} lacks one of its inputs`);
  return x;
}

/** By the operator's name in the file. */
export const CONSTANT_OPERATORS: Readonly<Record<string, ConstantOperator>> = {
  Constant(node, _, { fail, readTensor }) {
    const tensor = attributeOf(node, "value")?.t;
    if (tensor !== undefined) return readTensor(tensor, tensorLabel(node.output[0] ?? ""));
    for (const [name, isFloat] of [
      ["value_float", true],
      ["value_floats", true],
      ["value_int", false],
      ["value_ints", false],
    ] as const) {
      const attribute = attributeOf(node, name);
      if (attribute === undefined) continue;
      const isList = name.endsWith("s");
      const numbers = isFloat
        ? isList
          ? attribute.floats
          : Float32Array.of(attribute.f)
        : Float64Array.from(isList ? attribute.ints : [attribute.i]);
      return constant(isList ? [numbers.length] : [], numbers, isFloat);
    }
    throw fail(`${labelOf(node)} holds no numbers`);
  },

  Identity: (node, inputs, { fail }) => first(node, inputs, fail),

  Cast(node, inputs, { fail, budget }) {
    const { shape, data, isFloat } = first(node, inputs, fail);
    const to = integerOf(node, "to", 0);
    budget.spend(data.length);
    if (to === DATA_TYPE.float) return constant(shape, Float32Array.from(data), true);
    if (to === DATA_TYPE.double) return constant(shape, Float64Array.from(data), true);
    if (to === DATA_TYPE.int64 || to === DATA_TYPE.int32) {
      const numbers = isFloat ? Float64Array.from(data, Math.trunc) : Float64Array.from(data);
      return constant(shape, numbers, false);
    }
    throw fail(
      `${labelOf(node)} makes numbers of the type ${to}, and float, double, int32 or int64 was expected`,
    );
  },

  Reshape(node, inputs, { fail }) {
    const x = first(node, inputs, fail);
    const sizes = listOf(given(inputs[1], node, fail), node, fail);
    const shape = reshaped(x.shape, sizes, integerOf(node, "allowzero", 0) !== 0, node, fail);
    return constant(shape, x.data, x.isFloat);
  },

  Flatten(node, inputs, { fail }) {
    const { shape, data, isFloat } = first(node, inputs, fail);
    const given = integerOf(node, "axis", 1);
    const axis = given === shape.length ? given : axisOf(given, Math.max(1, shape.length), node, fail);
    const rows = shape.slice(0, axis).reduce((product, size) => product * size, 1);
    return constant([rows, rows === 0 ? 0 : data.length / rows], data, isFloat);
  },

  Squeeze(node, inputs, { fail }) {
    const { shape, data, isFloat } = first(node, inputs, fail);
    const axes = axesOf(node, inputs[1], shape.length, fail);
    const wrong = axes?.find((axis) => shape[axis] !== 1);
    if (wrong !== undefined) throw fail(`${labelOf(node)} leaves out a dimension of size ${shape[wrong]}`);
    const kept = shape.filter((size, i) => (axes === undefined ? size !== 1 : !axes.includes(i)));
    return constant(kept, data, isFloat);
  },

  Unsqueeze(node, inputs, { fail }) {
    const { shape, data, isFloat } = first(node, inputs, fail);
    return constant(unsqueezed(shape, node, inputs[1], fail), data, isFloat);
  },

  Transpose(node, inputs, { fail, budget }) {
    const { shape, data, isFloat } = first(node, inputs, fail);
    const order = integersOf(node, "perm") ?? shape.map((_, i) => shape.length - 1 - i);
    const isOrder = [...order].sort((a, b) => a - b).every((axis, i) => axis === i);
    if (order.length !== shape.length || !isOrder || shape.length > MOST_DIMENSIONS) {
      throw fail(
        `${labelOf(node)} cannot bring the shape ${showShape(shape)} into the order ${showShape(order)}`,
      );
    }
    budget.spend(data.length);
    return constant(
      order.map((axis) => shape[axis] as number),
      transposed(data, shape, order),
      isFloat,
    );
  },

  Concat(node, inputs, { fail, budget }) {
    const parts = inputs.map((input) => given(input, node, fail));
    const length = parts.reduce((sum, { data }) => sum + data.length, 0);
    if (parts.some(({ shape }) => shape.length !== 1)) {
      throw fail(`${labelOf(node)} joins constants that are no lists`);
    }
    budget.spend(length);
    const isFloat = parts.some((part) => part.isFloat);
    const joined = new Float64Array(length);
    let at = 0;
    for (const { data } of parts) {
      joined.set(data, at);
      at += data.length;
    }
    return constant([length], joined, isFloat);
  },

  Gather(node, inputs, { fail }) {
    const { shape, data, isFloat } = first(node, inputs, fail);
    const indices = given(inputs[1], node, fail);
    if (shape.length !== 1 || indices.data.length > 64) {
      throw fail(`${labelOf(node)} picks out of the shape ${showShape(shape)}, and a list was expected`);
    }
    const picked = Float64Array.from(indices.data, (index) => {
      const value = data[index < 0 ? index + data.length : index];
      if (value === undefined) throw fail(`${labelOf(node)} picks number ${index} of ${data.length}`);
      return value;
    });
    return constant(indices.shape, picked, isFloat);
  },

  Slice(node, inputs, { fail, budget }) {
    const { shape, data, isFloat } = first(node, inputs, fail);
    const [start, end, axis = 0, step = 1] = inputs.slice(1, 5).map((input) => input?.data[0]);
    if (shape.length !== 1 || start === undefined || end === undefined || axis !== 0 || step !== 1) {
      throw fail(`${labelOf(node)} cuts a piece out of what is no list`);
    }
    budget.spend(data.length);
    const piece = data.slice(start, end);
    return constant([piece.length], piece, isFloat);
  },

  Neg: (node, inputs, context) => mapped(node, inputs, context, (x) => -x),
  Sqrt: (node, inputs, context) => mapped(node, inputs, context, Math.sqrt),
  Reciprocal: (node, inputs, context) => mapped(node, inputs, context, (x) => 1 / x),
  Add: (node, inputs, context) => combined(node, inputs, context, (a, b) => a + b),
  Sub: (node, inputs, context) => combined(node, inputs, context, (a, b) => a - b),
  Mul: (node, inputs, context) => combined(node, inputs, context, (a, b) => a * b),
  Div: (node, inputs, context) => combined(node, inputs, context, (a, b) => a / b),
};

/** The dimensions that a Squeeze or Unsqueeze is about: an attribute in operator sets before 13, then an input. */
export function axesOf(
  node: OnnxNode,
  input: Constant | undefined,
  rank: number,
  fail: Fail,
): readonly number[] | undefined {
  const axes = input === undefined ? integersOf(node, "axes") : listOf(input, node, fail);
  return axes?.map((axis) => axisOf(axis, rank, node, fail));
}

export function unsqueezed(
  shape: readonly number[],
  node: OnnxNode,
  input: Constant | undefined,
  fail: Fail,
): readonly number[] {
  const count = (input?.data ?? integersOf(node, "axes") ?? []).length;
  if (count === 0 || shape.length + count > MOST_DIMENSIONS)
    throw fail(`${labelOf(node)} puts dimensions where none are said, or makes more than ${MOST_DIMENSIONS}`);
  const axes = [...(axesOf(node, input, shape.length + count, fail) ?? [])].sort((a, b) => a - b);
  const sizes = [...shape];
  for (const axis of axes) sizes.splice(axis, 0, 1);
  return sizes;
}

/** @param order Which dimension of the shape comes where. */
function transposed(data: FloatArray, shape: readonly number[], order: readonly number[]): FloatArray {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, size) => product * size, 1));
  const sizes = order.map((axis) => shape[axis] as number);
  const steps = order.map((axis) => strides[axis] as number);
  const result = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
  const at = sizes.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from] as number;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis] as number;
      at[axis] = (at[axis] as number) + 1;
      if (at[axis] !== sizes[axis]) break;
      from -= (steps[axis] as number) * (sizes[axis] as number);
      at[axis] = 0;
    }
  }
  return result;
}

function mapped(
  node: OnnxNode,
  inputs: readonly (Constant | undefined)[],
  { fail, budget }: ConstantContext,
  f: (x: number) => number,
): Constant {
  const { shape, data, isFloat } = first(node, inputs, fail);
  budget.spend(data.length);
  return constant(shape, data.map(f) as FloatArray, isFloat);
}

/** Of two constants of one shape, or of one and a single number. */
function combined(
  node: OnnxNode,
  inputs: readonly (Constant | undefined)[],
  { fail, budget }: ConstantContext,
  f: (a: number, b: number) => number,
): Constant {
  const [a, b] = [given(inputs[0], node, fail), given(inputs[1], node, fail)];
  const larger = a.data.length >= b.data.length ? a : b;
  if (!isSameShape(a.shape, b.shape) && a.data.length !== 1 && b.data.length !== 1) {
    throw fail(`${labelOf(node)} has inputs of the shapes ${showShape(a.shape)} and ${showShape(b.shape)}`);
  }
  budget.spend(larger.data.length);
  const isFloat = a.isFloat || b.isFloat;
  const numbers = Float64Array.from({ length: larger.data.length }, (_, i) => {
    const value = f(
      a.data[a.data.length === 1 ? 0 : i] as number,
      b.data[b.data.length === 1 ? 0 : i] as number,
    );
    return isFloat ? value : Math.trunc(value);
  });
  const isSingle = a.data instanceof Float32Array && b.data instanceof Float32Array;
  return constant(larger.shape, isSingle ? Float32Array.from(numbers) : numbers, isFloat);
}
