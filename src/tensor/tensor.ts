import type { Backend, DType, FloatArray } from "../backend/backend.js";
import { lineLength } from "../backend/cache-line.js";
import { selectBackend } from "../backend/select.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";

/**
 * Numbers in rows of equal length, or a single row. Their order in memory is private to a tensor: {@link toArray} and {@link assign}
 * see one row after the other, whatever it is.
 */
export interface Tensor {
  /** [rows, columns], or [length]. */
  readonly shape: readonly number[];
  /** The numbers as they lie in memory. Of all but a network's weights, these are its rows, one after the other. */
  readonly data: FloatArray;
  readonly order: MemoryOrder;
  /** How far apart stored rows, or columns, begin. What lies between them is 0. */
  readonly stride: number;
  readonly dtype: DType;
  readonly backend: Backend;
}

/**
 * `rows`: element (i, j) stands at i * stride + j. `columns`: at j * stride + i. So lie weights, [units, inputs], of which a layer
 * wants all of one input: NumPy's Fortran order, with a stride of whole cache lines.
 */
export type MemoryOrder = "rows" | "columns";

export interface TensorOptions {
  /** Default: `float32`. */
  readonly dtype?: DType | undefined;
  /** Default: the one that {@link selectBackend} chooses. */
  readonly backend?: Backend | undefined;
}

const OPTIONS: KnownOptions<TensorOptions> = {
  dtype: true,
  backend: true,
};

/**
 * A tensor of zeros.
 *
 * @throws ShapeError when the shape is not one or two whole numbers.
 */
export function zeros(shape: readonly number[], options: TensorOptions = {}): Tensor {
  checkOptions("zeros", options);
  const size = sizeOf(shape);
  const { dtype = "float32", backend = selectBackend() } = options;
  return view(shape, backend.allocate(dtype, size), "rows", columnsOf(shape), dtype, backend);
}

/**
 * A matrix of zeros that lies column by column, each beginning on a cache line of its own.
 *
 * @throws ShapeError when the shape is not two whole numbers.
 */
export function zerosByColumns(shape: readonly number[], options: TensorOptions = {}): Tensor {
  checkOptions("zerosByColumns", options);
  const { dtype = "float32", backend = selectBackend() } = options;
  return byColumns(shape, backend.allocate(dtype, sizeByColumns(shape, dtype)), { dtype, backend });
}

/** How many elements a matrix takes that lies column by column. */
export function sizeByColumns(shape: readonly number[], dtype: DType): number {
  const [rows = 0, columns = 1] = shape;
  return columns * wholeLines(rows, dtype);
}

/** A matrix over memory of the size that {@link sizeByColumns} says. */
export function byColumns(
  shape: readonly number[],
  data: FloatArray,
  { dtype, backend }: { readonly dtype: DType; readonly backend: Backend },
): Tensor {
  sizeOf(shape);
  const [rows = 0, columns] = shape;
  if (columns === undefined) throw new ShapeError(`Expected a matrix but received the shape ${show(shape)}.`);
  return view(shape, data, "columns", wholeLines(rows, dtype), dtype, backend);
}

/** A number of elements, rounded up to whole lines of the processor's cache: the same for every kernel set, so that their bits agree. */
export function wholeLines(count: number, dtype: DType): number {
  const line = lineLength(dtype);
  return Math.ceil(count / line) * line;
}

/**
 * A tensor over given numbers. A typed array of floats is used as it is, not copied, and decides the type.
 *
 * @throws ShapeError when there are not as many numbers as the shape has places.
 */
export function tensor(
  values: FloatArray | readonly number[],
  shape: readonly number[] = [values.length],
  options: TensorOptions = {},
): Tensor {
  checkOptions("tensor", options);
  const { backend = selectBackend() } = options;
  const isTyped = values instanceof Float32Array || values instanceof Float64Array;
  const data = isTyped
    ? values
    : options.dtype === "float64"
      ? Float64Array.from(values)
      : Float32Array.from(values);
  const dtype = data instanceof Float32Array ? "float32" : "float64";
  if (options.dtype !== undefined && options.dtype !== dtype) {
    throw new InvalidArgumentError(`Expected an array of ${options.dtype} but received one of ${dtype}.`);
  }
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError(
      `Expected ${sizeOf(shape)} numbers for shape ${show(shape)} but received ${data.length}.`,
    );
  }
  return view(shape, data, "rows", columnsOf(shape), dtype, backend);
}

/** A tensor or a network may stand for options, as it has a type and a backend. Where both are there, neither is misspelt. */
function checkOptions(call: string, options: TensorOptions): void {
  if (options?.dtype === undefined || options.backend === undefined) {
    requireKnownOptions(call, options, OPTIONS, '{ dtype: "float64" }');
  }
}

/** The first `count` rows of a matrix as a view of the same memory, or the first elements of a vector. */
export function firstRows(x: Tensor, count: number): Tensor {
  const [rows = 0, ...rest] = x.shape;
  if (!Number.isInteger(count) || count < 0 || count > rows) {
    throw new ShapeError(
      `Expected 0 to ${rows} rows of a tensor of shape ${show(x.shape)} but received ${count}.`,
    );
  }
  const shape = [count, ...rest];
  const data = x.order === "rows" ? x.data.subarray(0, count * (rest.length === 0 ? 1 : x.stride)) : x.data;
  return view(shape, data, x.order, x.stride, x.dtype, x.backend);
}

/** A copy of the numbers, one row after the other. */
export function toArray(x: Tensor): FloatArray {
  if (isDense(x)) return x.data.slice();
  const [rows, columns] = matrix(x);
  const numbers = x.dtype === "float32" ? new Float32Array(rows * columns) : new Float64Array(rows * columns);
  move(x.data, stepsOf(x), numbers, [columns, 1], x.shape);
  return numbers;
}

/**
 * Writes all numbers of a tensor.
 *
 * @param numbers One row after the other.
 * @throws ShapeError when there are not as many as the shape has places.
 */
export function assign(x: Tensor, numbers: ArrayLike<number>): void {
  const size = sizeOf(x.shape);
  if (numbers.length !== size) {
    throw new ShapeError(
      `Expected ${size} numbers for shape ${show(x.shape)} but received ${numbers.length}.`,
    );
  }
  if (isDense(x)) {
    x.data.set(numbers);
    return;
  }
  const [, columns] = matrix(x);
  move(numbers, [columns, 1], x.data, stepsOf(x), x.shape);
}

/** Writes the same number to every place of a tensor; what lies between them stays 0. */
export function fill(x: Tensor, number: number): void {
  const { data, order, stride } = x;
  if (isDense(x)) {
    data.fill(number);
    return;
  }
  const [rows, columns] = matrix(x);
  const [lines, length] = order === "rows" ? [rows, columns] : [columns, rows];
  // A call of TypedArray.fill for each line takes several times as long where lines are short.
  for (let line = 0; line < lines; line++) {
    const start = line * stride;
    for (let i = start; i < start + length; i++) data[i] = number;
  }
}

/**
 * Writes some rows of a matrix, for what writes a large one in pieces.
 *
 * @param first The first of them.
 * @param numbers One row after the other.
 * @throws ShapeError when they are not whole rows, or more than there are from there on.
 */
export function assignRows(x: Tensor, first: number, numbers: FloatArray): void {
  const [rows, columns] = matrix(x);
  const count = numbers.length / columns;
  if (!Number.isInteger(first) || first < 0 || !Number.isInteger(count) || first + count > rows) {
    throw new ShapeError(
      `Expected whole rows of ${columns} numbers, ${rows - first} at most from row ${first} on, but received ${numbers.length} numbers.`,
    );
  }
  const steps = stepsOf(x);
  move(numbers, [columns, 1], x.data.subarray(first * steps[0]), steps, [count, columns]);
}

/** How far apart in memory the next row is, and the next column. */
type Steps = readonly [row: number, column: number];

function stepsOf({ order, stride }: Tensor): Steps {
  return order === "rows" ? [stride, 1] : [1, stride];
}

/** A line of the cache in float32. */
const TILE = 16;

/**
 * Copies a matrix to where its rows and columns lie otherwise, tile by tile: numbers a power of two apart share few places of the cache,
 * and line by line a large matrix takes several times as long.
 */
function move(
  from: ArrayLike<number>,
  [fromRow, fromColumn]: Steps,
  to: FloatArray,
  [toRow, toColumn]: Steps,
  [rows = 0, columns = 0]: readonly number[],
): void {
  for (let row = 0; row < rows; row += TILE) {
    const rowEnd = Math.min(row + TILE, rows);
    for (let column = 0; column < columns; column += TILE) {
      const columnEnd = Math.min(column + TILE, columns);
      for (let j = column; j < columnEnd; j++) {
        for (let i = row; i < rowEnd; i++) {
          to[i * toRow + j * toColumn] = from[i * fromRow + j * fromColumn] as number;
        }
      }
    }
  }
}

/** Whether the numbers lie one row after the other, without gaps. */
function isDense(x: Tensor): boolean {
  return x.order === "rows" && x.stride === columnsOf(x.shape);
}

/** The shape of a matrix, the very array, as the training loop allocates nothing. Throws ShapeError for anything else. */
export function matrix(x: Tensor): readonly [rows: number, columns: number] {
  if (x.shape.length !== 2) {
    throw new ShapeError(
      `Expected a matrix, [rows, columns], but received a tensor of shape ${show(x.shape)}.`,
    );
  }
  return x.shape as readonly [number, number];
}

/** Throws ShapeError unless the tensor has this shape. */
export function requireShape(name: string, x: Tensor, shape: readonly number[]): void {
  let fits = x.shape.length === shape.length;
  for (let i = 0; fits && i < shape.length; i++) fits = x.shape[i] === shape[i];
  if (!fits) throw new ShapeError(`Expected shape ${show(shape)} for ${name} but received ${show(x.shape)}.`);
}

/** The same for a matrix, without an array for its shape. */
export function requireMatrix(name: string, x: Tensor, rows: number, columns: number): void {
  if (x.shape.length !== 2 || x.shape[0] !== rows || x.shape[1] !== columns) {
    requireShape(name, x, [rows, columns]);
  }
}

/** The same for a vector. */
export function requireVector(name: string, x: Tensor, length: number): void {
  if (x.shape.length !== 1 || x.shape[0] !== length) requireShape(name, x, [length]);
}

/** Throws ShapeError unless the tensor's elements lie where those of another, of the same shape, do. */
export function requireSameLayout(name: string, x: Tensor, like: Tensor): void {
  if (x.order !== like.order || x.stride !== like.stride) {
    throw new ShapeError(
      `Expected ${name} in the same order in memory as its companion, by ${like.order}, but received it by ${x.order}.`,
    );
  }
}

/** A tensor over other memory, in which every element lies where it does in `like`. */
export function sameLayout(like: Tensor, data: FloatArray): Tensor {
  return view(like.shape, data, like.order, like.stride, like.dtype, like.backend);
}

/** Every tensor is made here, with its properties in one order: then the loop that reads them is compiled for one layout. */
function view(
  shape: readonly number[],
  data: FloatArray,
  order: MemoryOrder,
  stride: number,
  dtype: DType,
  backend: Backend,
): Tensor {
  return { shape, data, order, stride, dtype, backend };
}

/** The length of a row. */
function columnsOf(shape: readonly number[]): number {
  return shape[shape.length - 1] as number; // A shape has one or two numbers.
}

function sizeOf(shape: readonly number[]): number {
  if (
    shape.length < 1 ||
    shape.length > 2 ||
    !shape.every((size) => Number.isSafeInteger(size) && size >= 0)
  ) {
    throw new ShapeError(`Expected a shape of one or two whole numbers but received ${show(shape)}.`);
  }
  return shape.reduce((product, size) => product * size, 1);
}

/** A shape in a message: `[2, 3]`. */
export function show(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
