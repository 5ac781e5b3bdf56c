import type { Backend, FloatArray } from "../backend/backend.js";
import type { Parameter } from "./parameter.js";
import { requireSameLayout, requireShape, wholeLines } from "./tensor.js";

/** Parameters that lie side by side in memory, so that one operation serves all of them. */
export interface ParameterRun {
  /** From the first number of the first parameter to the last of the last. What lies between them is 0 and has to stay 0. */
  readonly value: FloatArray;
  readonly gradient: FloatArray;
  readonly backend: Backend;
  readonly decays: boolean;
  readonly members: readonly RunMember[];
}

export interface RunMember {
  readonly parameter: Parameter;
  /** Where it begins in the run, in elements. */
  readonly start: number;
}

/** Memory in which parameters lie on whole lines, with nothing but zeros between them. */
const padded = new WeakSet<ArrayBufferLike>();

/** Says of arrays of parameters that nothing else lies between these. */
export function declarePadded(...arrays: readonly FloatArray[]): void {
  for (const { buffer } of arrays) padded.add(buffer);
}

/**
 * Parameters in as few runs as can be.
 *
 * @param options.byDecay Whether those that decay and those that do not are kept apart.
 * @throws ShapeError when a gradient has another shape than its value, or lies otherwise in memory.
 */
export function parameterRuns(
  parameters: readonly Parameter[],
  { byDecay }: { readonly byDecay: boolean },
): readonly ParameterRun[] {
  for (const { value, gradient } of parameters) {
    requireShape("the gradient", gradient, value.shape);
    requireSameLayout("the gradient", gradient, value);
  }
  const byMemory = new Map<ArrayBufferLike, Parameter[]>();
  for (const parameter of parameters) {
    const { buffer } = parameter.value.data;
    byMemory.set(buffer, [...(byMemory.get(buffer) ?? []), parameter]);
  }
  return [...byMemory.values()].flatMap((neighbours) => runsOf(neighbours, byDecay));
}

/** The runs of parameters of one buffer. */
function runsOf(parameters: Parameter[], byDecay: boolean): readonly ParameterRun[] {
  const groups: Parameter[][] = [];
  for (const parameter of parameters.sort((a, b) => a.value.data.byteOffset - b.value.data.byteOffset)) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    if (group !== undefined && before !== undefined && isNext(before, parameter, byDecay)) {
      group.push(parameter);
    } else {
      groups.push([parameter]);
    }
  }
  return groups.map(createRun);
}

/** Whether a parameter follows another in both arrays, with at most a line's rest of zeros between them. */
function isNext(before: Parameter, next: Parameter, byDecay: boolean): boolean {
  if (before.value.backend !== next.value.backend || before.value.dtype !== next.value.dtype) return false;
  if (byDecay && before.decays !== next.decays) return false;
  const distance = distanceOf(before.value.data, next.value.data);
  if (distance !== distanceOf(before.gradient.data, next.gradient.data)) return false;
  const { data, dtype } = before.value;
  if (distance === data.length) return true;
  const isPadded = padded.has(data.buffer) && padded.has(before.gradient.data.buffer);
  return isPadded && distance === wholeLines(data.length, dtype);
}

/** In elements; NaN for arrays of different memory. */
function distanceOf(a: FloatArray, b: FloatArray): number {
  return a.buffer === b.buffer ? (b.byteOffset - a.byteOffset) / a.BYTES_PER_ELEMENT : Number.NaN;
}

function createRun(parameters: readonly Parameter[]): ParameterRun {
  const [first, last] = [parameters[0], parameters.at(-1)] as [Parameter, Parameter]; // No group is empty.
  const startOf = ({ value }: Parameter) => distanceOf(first.value.data, value.data);
  const length = startOf(last) + last.value.data.length;
  const members = parameters.map((parameter) => ({ parameter, start: startOf(parameter) }));
  const { backend } = first.value;
  const [value, gradient] = [spanFrom(first.value.data, length), spanFrom(first.gradient.data, length)];
  return { value, gradient, backend, decays: first.decays, members };
}

/** As many elements of an array's memory, from where the array begins. */
function spanFrom(array: FloatArray, length: number): FloatArray {
  const { buffer, byteOffset } = array;
  return array instanceof Float32Array
    ? new Float32Array(buffer, byteOffset, length)
    : new Float64Array(buffer, byteOffset, length);
}
