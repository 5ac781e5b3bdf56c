import type { FloatArray } from "../../backend/backend.js";

// Histograms with TensorFlow's default buckets (InitDefaultBucketsInner and EncodeToProto of
// tensorflow/core/lib/histogram/histogram.cc), whose form TensorBoard still reads and makes its own of.

/** How often numbers are how large. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** Where each bucket ends, ascending: the end is not in it, and the next bucket begins there. */
  readonly limits: readonly number[];
  /** How many numbers each bucket has. */
  readonly counts: readonly number[];
}

const LEAST = 1e-12;
const MOST = 1e20;
const GROWTH = 1.1;

/** From LEAST on, each larger than the one before by a tenth. */
const POSITIVE = growingLimits();
/** Down to the least number, 0 and up to the greatest. */
const LIMITS = Float64Array.of(
  -Number.MAX_VALUE,
  ...POSITIVE.map((limit) => -limit).reverse(),
  0,
  ...POSITIVE,
  Number.MAX_VALUE,
);
const LAST = LIMITS.length - 1;

function growingLimits(): readonly number[] {
  const limits: number[] = [];
  for (let limit = LEAST; limit < MOST; limit *= GROWTH) limits.push(limit);
  return limits;
}

/**
 * All numbers in cells, by the first bits of a double: its sign, its exponent and four bits of its fraction. From one end of a cell to the
 * other is a sixteenth at most, so that a bucket ends in it once at most, and to count takes a fifth of what logarithms would take.
 */
const CELLS = 2 ** 16;
const bits = new DataView(new ArrayBuffer(8));
/** The first bucket that a number of each cell may be in. */
const FIRST_BUCKETS = firstBuckets();

function firstBuckets(): Uint16Array {
  const buckets = new Uint16Array(CELLS);
  // Cells ascend by the size of their numbers, positive ones first. The least number of a negative cell is the one with the largest bits.
  let bucket = 0;
  for (let cell = 0; cell < CELLS; cell++) {
    const isNegative = cell >= CELLS / 2;
    bits.setUint16(0, cell);
    bits.setUint16(2, isNegative ? 0xffff : 0);
    bits.setUint32(4, isNegative ? 0xffffffff : 0);
    const least = bits.getFloat64(0); // Beyond all numbers stand infinity and what is none, which are not looked up.
    while (bucket < LAST && (LIMITS[bucket] as number) <= least) bucket++;
    while (bucket > 0 && (LIMITS[bucket - 1] as number) > least) bucket--;
    buckets[cell] = bucket;
  }
  return buckets;
}

/**
 * Neighbours among buckets that are empty are put together. Numbers that are not finite are left out.
 *
 * @returns `undefined` where there is no number.
 */
export function histogramOf(numbers: FloatArray): Histogram | undefined {
  const counts = new Float64Array(LIMITS.length);
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [count, sum, sumOfSquares] = [0, 0, 0];
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] as number; // i is below its length.
    if (!Number.isFinite(number)) continue;
    if (number < min) min = number;
    if (number > max) max = number;
    count += 1;
    sum += number;
    sumOfSquares += number * number;
    (counts[bucketOf(number)] as number) += 1;
  }
  return count === 0 ? undefined : { min, max, count, sum, sumOfSquares, ...withoutEmptyRuns(counts) };
}

/** The first bucket whose limit is greater than the number; the last, where there is none. */
function bucketOf(number: number): number {
  bits.setFloat64(0, number);
  const bucket = FIRST_BUCKETS[bits.getUint16(0)] as number; // There is one for each cell.
  return bucket < LAST && (LIMITS[bucket] as number) <= number ? bucket + 1 : bucket;
}

function withoutEmptyRuns(all: Float64Array): Pick<Histogram, "limits" | "counts"> {
  const limits: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < all.length; i++) {
    const count = all[i] as number; // i is below its length.
    const isRunOn = count === 0 && all[i + 1] === 0; // The run's last bucket ends it.
    if (isRunOn) continue;
    limits.push(LIMITS[i] as number);
    counts.push(count);
  }
  return { limits, counts };
}
