import { type Fail, labelOf } from "./failure.js";
import type { Columns } from "./flow.js";
import type { OnnxNode } from "./messages.js";
import { type Constant, MOST_DIMENSIONS, showShape } from "./tensors.js";

function productOf(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}

/**
 * The shape that a Reshape gives.
 *
 * @param sizes -1 for what is left, 0 for the size that was there unless `allowsZero`.
 * @returns `undefined` where the shape cannot be brought into this one.
 */
function shapeOfSizes(
  shape: readonly number[],
  sizes: readonly number[],
  allowsZero: boolean,
): readonly number[] | undefined {
  if (sizes.length > MOST_DIMENSIONS) return undefined;
  const copied = sizes.map((size, i) => (size === 0 && !allowsZero ? (shape[i] ?? Number.NaN) : size));
  const known = copied.filter((size) => size !== -1);
  const rest = productOf(shape) / productOf(known);
  const found = copied.map((size) => (size === -1 ? rest : size));
  const isWhole = found.every((size) => Number.isInteger(size) && size >= 0);
  const isOne = copied.length - known.length <= 1 && productOf(found) === productOf(shape);
  return isWhole && isOne ? found : undefined;
}

/** Whether values meet number by number: other shapes would be repeated over the rows. */
export function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** The sizes or dimensions that a constant tells of. */
export function listOf({ data }: Constant, node: OnnxNode, fail: Fail): readonly number[] {
  if (data.length > MOST_DIMENSIONS) {
    throw fail(
      `${labelOf(node)} is told of ${data.length} dimensions, and at most ${MOST_DIMENSIONS} were expected`,
    );
  }
  return [...data];
}

/** @throws ModelFormatError when the shape cannot be brought into this one. */
export function reshaped(
  shape: readonly number[],
  sizes: readonly number[],
  allowsZero: boolean,
  node: OnnxNode,
  fail: Fail,
): readonly number[] {
  const found = shapeOfSizes(shape, sizes, allowsZero);
  if (found !== undefined) return found;
  throw fail(
    `${labelOf(node)} cannot bring the shape ${showShape(shape)} into the shape ${showShape(sizes)}`,
  );
}

/**
 * The shape of a row after a Reshape of many rows.
 *
 * @param shape Of a row.
 * @param rows The number of rows, where the graph is made for one number alone.
 * @param sizes With the rows first: NaN, which stands for their number; 0; -1; or that number.
 * @throws ModelFormatError when a row does not stay a row.
 */
export function rowReshaped(
  shape: readonly number[],
  rows: number | undefined,
  sizes: readonly number[],
  allowsZero: boolean,
  node: OnnxNode,
  fail: Fail,
): readonly number[] {
  const [first, ...rest] = sizes;
  const isRows =
    first !== undefined && (Number.isNaN(first) || (first === 0 && !allowsZero) || first === rows);
  const isLeft = first === -1 && !rest.includes(-1); // Comes out as the rows where the others make up a row.
  // What is 0 further on means the size at the same place, so the rows have a place in both.
  const found = isRows || isLeft ? shapeOfSizes([1, ...shape], [1, ...rest], allowsZero) : undefined;
  if (found !== undefined) return found.slice(1);
  throw fail(
    `${labelOf(node)} brings ${showShape([Number.NaN, ...shape])} into ${showShape(sizes)}, and the rows were expected to stay rows`,
  );
}

/**
 * A constant as an operator between it and rows sees it: a number for each column, or one for all.
 *
 * @param shape Of a row.
 * @returns `undefined` where the constant has something of its own for each row, or makes rows longer.
 */
export function columnsOf({ shape: own, data }: Constant, shape: readonly number[]): Columns | undefined {
  if (own.length > shape.length + 1) return undefined;
  if (data.length === 1) return data[0] as number;
  const sizes = own.length === shape.length + 1 ? own.slice(1) : own;
  if (sizes !== own && own[0] !== 1) return undefined;
  const padded = [...shape.slice(sizes.length).map(() => 1), ...sizes];
  if (padded.some((size, i) => size !== 1 && size !== shape[i])) return undefined;
  const width = productOf(shape);
  if (data.length === width) return data;
  // Some dimensions are repeated: from the last to the first, where each column reads.
  const columns = new Float64Array(width);
  for (let j = 0; j < width; j++) {
    let rest = j;
    let at = 0;
    let stride = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] as number;
      if (padded[axis] !== 1) at += (rest % size) * stride;
      stride *= padded[axis] as number;
      rest = Math.floor(rest / size);
    }
    columns[j] = data[at] as number;
  }
  return columns;
}
