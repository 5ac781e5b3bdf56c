import { addScaled, dot, scaled } from "./vectors.js";

/** A step, and how the gradient changed by it. */
interface Pair {
  /** x_{k+1} - x_k */
  readonly s: Float64Array;
  /** gradient_{k+1} - gradient_k */
  readonly y: Float64Array;
  /** sᵀ y, above 0 */
  sy: number;
}

/**
 * The last steps and changes of the gradient, of which L-BFGS makes an inverse Hessian H: for each pair it holds H y = s of the
 * last, and H stays positive definite.
 */
export class CurvaturePairs {
  readonly #capacity: number;
  readonly #alphas: Float64Array;
  /** The oldest first. */
  #pairs: Pair[] = [];
  /** The H to begin with is this times the identity: sᵀy / yᵀy of the last pair, 1 without any (Nocedal and Wright, equation 7.20). */
  #scale = 1;

  /** @param capacity How many are kept, at least 1. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#alphas = new Float64Array(capacity);
  }

  get count(): number {
    return this.#pairs.length;
  }

  /** The pairs, the oldest first: copies. */
  save(): readonly { readonly s: Float64Array; readonly y: Float64Array; readonly sy: number }[] {
    return this.#pairs.map(({ s, y, sy }) => ({ s: s.slice(), y: y.slice(), sy }));
  }

  /** @param pairs What {@link save} returned. */
  restore(
    pairs: readonly { readonly s: Float64Array; readonly y: Float64Array; readonly sy: number }[],
  ): void {
    this.#pairs = pairs.map(({ s, y, sy }) => ({ s: s.slice(), y: y.slice(), sy }));
    const last = this.#pairs.at(-1);
    this.#scale = last === undefined ? 1 : last.sy / dot(last.y, last.y);
  }

  /**
   * Takes up a step, in the place of the oldest where there are as many as are kept.
   *
   * @param sy sᵀ y, above 0
   */
  add(step: number, direction: Float64Array, gradient: Float64Array, before: Float64Array, sy: number): void {
    const oldest = this.#pairs.length === this.#capacity ? this.#pairs.shift() : undefined;
    const empty = () => new Float64Array(direction.length);
    const pair = oldest ?? { s: empty(), y: empty(), sy };
    scaled(step, direction, pair.s);
    addScaled(gradient, -1, before, pair.y);
    pair.sy = sy;
    this.#pairs.push(pair);
    this.#scale = sy / dot(pair.y, pair.y);
  }

  /** out = -H gradient, by the two loops of Nocedal and Wright's algorithm 7.4. */
  newtonDirection(gradient: Float64Array, out: Float64Array): void {
    scaled(-1, gradient, out);
    for (let k = this.#pairs.length - 1; k >= 0; k--) {
      const { s, y, sy } = this.#pairs[k] as Pair;
      const alpha = dot(s, out) / sy;
      this.#alphas[k] = alpha;
      addScaled(out, -alpha, y, out);
    }
    scaled(this.#scale, out, out);
    for (const [k, { s, y, sy }] of this.#pairs.entries()) {
      const beta = dot(y, out) / sy;
      addScaled(out, (this.#alphas[k] as number) - beta, s, out);
    }
  }
}
