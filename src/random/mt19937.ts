/** Words of state, and how many words one regeneration yields. */
const stateLength = 624;
/** Each new word depends on the word this far ahead of the one it replaces. */
const middleWord = 397;
const twistMatrix = 0x9908b0df;

/**
 * The Mersenne Twister MT19937: M. Matsumoto and T. Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998), seeded from one
 * integer as in their revised `init_genrand` of 2002. The words are those of NumPy's `RandomState(seed)`.
 *
 * The seed is taken as it is; `RandomState` is the class that checks it.
 */
export class MT19937 {
  readonly #state = new Uint32Array(stateLength);
  /** The tempered form of `#state`: what callers get. Made a block at a time, which keeps `nextUint32` small enough to inline. */
  readonly #words = new Uint32Array(stateLength);
  #position = stateLength;

  /** @param seed An integer from 0 to 2^32 - 1. */
  constructor(seed: number) {
    let word = seed >>> 0;
    for (let i = 0; i < stateLength; i++) {
      this.#state[i] = word;
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + i + 1) >>> 0;
    }
  }

  /** The words of state, a copy, and how many of them have been given out: what NumPy's `get_state` tells. */
  get state(): { readonly key: Uint32Array; readonly position: number } {
    return { key: this.#state.slice(), position: this.#position };
  }

  /** Goes on as another one in that state would. */
  set state({ key, position }: { readonly key: ArrayLike<number>; readonly position: number }) {
    this.#state.set(key);
    this.#temper();
    this.#position = position;
  }

  /** The next 32 random bits, as an integer from 0 to 2^32 - 1. */
  nextUint32(): number {
    if (this.#position === stateLength) {
      this.#twist();
      this.#temper();
      this.#position = 0;
    }
    return this.#words[this.#position++] as number; // The position is below stateLength.
  }

  /** Replaces the whole state. Every index below stays under `stateLength`. */
  #twist(): void {
    const state = this.#state;
    const last = stateLength - 1;
    const wrap = stateLength - middleWord;
    const at = (i: number) => state[i] as number;
    for (let i = 0; i < wrap; i++) {
      state[i] = at(i + middleWord) ^ twist(at(i), at(i + 1));
    }
    for (let i = wrap; i < last; i++) {
      state[i] = at(i - wrap) ^ twist(at(i), at(i + 1));
    }
    state[last] = at(middleWord - 1) ^ twist(at(last), at(0));
  }

  #temper(): void {
    const state = this.#state;
    const words = this.#words;
    for (let i = 0; i < stateLength; i++) {
      let word = state[i] as number;
      word ^= word >>> 11;
      word ^= (word << 7) & 0x9d2c5680;
      word ^= (word << 15) & 0xefc60000;
      words[i] = word ^ (word >>> 18);
    }
  }
}

/** The top bit of one word joined with the other bits of the next, times the twist matrix over GF(2). */
function twist(upper: number, lower: number): number {
  const joined = (upper & 0x80000000) | (lower & 0x7fffffff);
  return (joined >>> 1) ^ (-(joined & 1) & twistMatrix);
}
