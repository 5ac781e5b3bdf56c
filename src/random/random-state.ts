import { InvalidArgumentError } from "../errors.js";
import { MT19937 } from "./mt19937.js";

const largestSeed = 2 ** 32 - 1;

/** Where a {@link RandomState} is in its stream, in the terms of NumPy's `get_state`. */
export interface RandomStateSnapshot {
  /** The 624 words of the Mersenne Twister. */
  readonly key: Uint32Array;
  /** How many of them have been given out, 0 to 624. */
  readonly position: number;
  /** The second value of a pair of normal draws, where the first alone has been asked for; else `null`. */
  readonly cachedGaussian: number | null;
}

/** Anything that holds `length` values under the indices from 0: an array or a typed array. */
export interface Indexed<T> {
  readonly length: number;
  [index: number]: T;
}

/**
 * NumPy's legacy generator, `numpy.random.RandomState(seed)`: the same seed gives the same numbers in the same order.
 *
 * Every method draws from one stream exactly as many words as its namesake in NumPy does, so a program that was
 * written with `numpy.random.seed` can be replayed call by call. All results are equal bit for bit but those of
 * {@link RandomState.normal}, whose doc says by how much.
 */
export class RandomState {
  readonly #generator: MT19937;
  /** The second value of the last pair that the polar method made, until it is asked for. */
  #cachedGaussian: number | undefined;

  /**
   * @param seed An integer from 0 to 2^32 - 1.
   * @throws InvalidArgumentError for anything else.
   */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > largestSeed) {
      throw new InvalidArgumentError(
        `Expected an integer from 0 to ${largestSeed} for seed but received ${typeof seed === "string" ? JSON.stringify(seed) : seed}.`,
      );
    }
    this.#generator = new MT19937(seed);
  }

  /** Where the generator is in its stream: with {@link RandomState.setState} another one goes on from there (NumPy's `get_state`). */
  getState(): RandomStateSnapshot {
    return { ...this.#generator.state, cachedGaussian: this.#cachedGaussian ?? null };
  }

  /**
   * Goes on from where a generator was (NumPy's `set_state`).
   *
   * @throws InvalidArgumentError when this is no such state.
   */
  setState(state: RandomStateSnapshot): void {
    const { key, position, cachedGaussian } = (state ?? {}) as Partial<RandomStateSnapshot>;
    const isKey = key instanceof Uint32Array && key.length === 624;
    const isPosition = Number.isInteger(position) && (position as number) >= 0 && (position as number) <= 624;
    const isCached = cachedGaussian === null || Number.isFinite(cachedGaussian);
    if (!isKey || !isPosition || !isCached) {
      throw new InvalidArgumentError("Expected a state that getState returned for setState.");
    }
    this.#generator.state = { key, position: position as number };
    this.#cachedGaussian = cachedGaussian ?? undefined;
  }

  /** The next 32 random bits, as an integer from 0 to 2^32 - 1: the words that all other methods are made of. */
  nextUint32(): number {
    return this.#generator.nextUint32();
  }

  /** A multiple of 2^-53 drawn uniformly from [0, 1) (NumPy's `random_sample`). */
  randomSample(): number {
    const high = this.#generator.nextUint32() >>> 5; // 27 bits
    const low = this.#generator.nextUint32() >>> 6; // 26 bits
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /**
   * Draws uniformly from [low, high): low + (high - low) * {@link RandomState.randomSample} (NumPy's `uniform`). Rounding may give
   * `high` itself.
   *
   * @param low A finite number.
   * @param high A finite number, `low` or more, and so that the difference is finite.
   * @param size How many values to draw.
   * @throws InvalidArgumentError for bounds or a size outside these ranges.
   */
  uniform(low: number, high: number, size: number): Float64Array {
    const range = high - low;
    if (!Number.isFinite(range) || range < 0) {
      throw new InvalidArgumentError(
        `Expected two finite numbers, low not above high, for uniform but received ${low} and ${high}.`,
      );
    }
    const out = new Float64Array(checkCount("size", size));
    for (let i = 0; i < out.length; i++) out[i] = low + range * this.randomSample();
    return out;
  }

  /**
   * Draws from the normal distribution by Marsaglia's polar method (NumPy's `normal`). The method makes values in
   * pairs; the second of a pair is kept for the next call, whatever is drawn in between.
   *
   * A Float32Array receives the float64 values, rounded.
   *
   * The values depend on `Math.log`, whose last bit may differ from that of the C library under NumPy. Of two million
   * values with mean 0 (Node.js 20 against NumPy 1.24 on glibc 2.36, x86-64), 2.8 % differed, none by more than four
   * units in the last place. The number of words drawn is not affected.
   *
   * @param mean The centre, a finite number.
   * @param standardDeviation A finite number, 0 or more.
   * @param size How many values to draw into a new array, or the array to fill.
   * @throws InvalidArgumentError for a parameter outside these ranges.
   */
  normal(mean: number, standardDeviation: number, size: number): Float64Array;
  normal<Out extends Float32Array | Float64Array>(mean: number, standardDeviation: number, out: Out): Out;
  normal(
    mean: number,
    standardDeviation: number,
    target: number | Float32Array | Float64Array,
  ): Float32Array | Float64Array {
    if (!Number.isFinite(mean)) {
      throw new InvalidArgumentError(`Expected a finite number for mean but received ${mean}.`);
    }
    if (!Number.isFinite(standardDeviation) || standardDeviation < 0) {
      throw new InvalidArgumentError(
        `Expected a finite number, 0 or more, for standardDeviation but received ${standardDeviation}.`,
      );
    }
    const out = typeof target === "number" ? new Float64Array(checkCount("size", target)) : target;
    for (let i = 0; i < out.length; i++) {
      out[i] = mean + standardDeviation * this.#nextGaussian();
    }
    return out;
  }

  /** Puts the values in random order, in place (NumPy's `shuffle` of a one-dimensional array). */
  shuffle<T>(values: Indexed<T>): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.#nextUpTo(i);
      const swapped = values[i] as T; // Both indices are below the length.
      values[i] = values[j] as T;
      values[j] = swapped;
    }
  }

  /**
   * The numbers from 0 to n - 1 in random order, or a shuffled copy of an array (NumPy's `permutation`).
   *
   * The first `size` values of the result are those of NumPy's `choice(…, size, replace=False)`.
   *
   * @throws InvalidArgumentError when n is not an integer from 0 to 2^31 - 1.
   */
  permutation(source: number | Int32Array): Int32Array {
    const values = typeof source === "number" ? numbersBelow(checkCount("n", source)) : source.slice();
    this.shuffle(values);
    return values;
  }

  /**
   * An integer drawn uniformly from low, low + 1, …, high - 1 by masked rejection (NumPy's `randint` with its default
   * type, int64). A range of one value draws nothing from the stream.
   *
   * @param low A safe integer.
   * @param high A safe integer above `low`, and at most 2^53 above it.
   * @throws InvalidArgumentError for any other range.
   */
  randint(low: number, high: number): number {
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low >= high) {
      throw new InvalidArgumentError(
        `Expected two safe integers with low below high for randint but received ${low} and ${high}.`,
      );
    }
    const largest = high - 1 - low;
    if (!Number.isSafeInteger(largest)) {
      throw new InvalidArgumentError(
        `Expected a range of at most 2^53 integers for randint but received ${low} to ${high}.`,
      );
    }
    return low + this.#nextUpTo(largest);
  }

  /** `legacy_gauss` of NumPy: a draw from N(0, 1). */
  #nextGaussian(): number {
    if (this.#cachedGaussian !== undefined) {
      const cached = this.#cachedGaussian;
      this.#cachedGaussian = undefined;
      return cached;
    }
    let x1: number;
    let x2: number;
    let squaredRadius: number;
    do {
      x1 = 2 * this.randomSample() - 1;
      x2 = 2 * this.randomSample() - 1;
      squaredRadius = x1 * x1 + x2 * x2;
    } while (squaredRadius >= 1 || squaredRadius === 0);
    const factor = Math.sqrt((-2 * Math.log(squaredRadius)) / squaredRadius);
    this.#cachedGaussian = factor * x1;
    return factor * x2;
  }

  /**
   * `random_interval` of NumPy: an integer from 0 to `largest`, both included. Keeps as many low bits as `largest` has,
   * and draws again while they exceed it. Above 32 bits a draw is two words, the high one first.
   */
  #nextUpTo(largest: number): number {
    if (largest === 0) {
      return 0;
    }
    if (largest < 2 ** 32) {
      const mask = 0xffffffff >>> Math.clz32(largest);
      for (;;) {
        const value = (this.#generator.nextUint32() & mask) >>> 0;
        if (value <= largest) {
          return value;
        }
      }
    }
    const highMask = 0xffffffff >>> Math.clz32(largest / 2 ** 32);
    for (;;) {
      const high = (this.#generator.nextUint32() & highMask) >>> 0;
      const value = high * 2 ** 32 + this.#generator.nextUint32();
      if (value <= largest) {
        return value;
      }
    }
  }
}

function numbersBelow(count: number): Int32Array {
  const values = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    values[i] = i;
  }
  return values;
}

/** An array length that an Int32 can index. */
function checkCount(name: string, count: number): number {
  if (!Number.isInteger(count) || count < 0 || count > 2 ** 31 - 1) {
    throw new InvalidArgumentError(
      `Expected an integer from 0 to ${2 ** 31 - 1} for ${name} but received ${count}.`,
    );
  }
  return count;
}
