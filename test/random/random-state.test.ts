import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../src/errors.js";
import { RandomState, type RandomStateSnapshot } from "../../src/random/random-state.js";
import { agreementWith } from "../support/agreement.js";

interface GoldenSeed {
  readonly seed: number;
  readonly words: readonly number[];
  readonly lateWord: { readonly index: number; readonly word: number };
  readonly randomSample: readonly number[];
  readonly uniform: { readonly low: number; readonly high: number; readonly values: readonly number[] };
  readonly normal: {
    readonly mean: number;
    readonly standardDeviation: number;
    readonly values: readonly number[];
  };
  readonly interleaved: readonly [Normals, Sample, Normals, Integer, Normals, Permutation, Normals];
  readonly shuffle: Readonly<Record<string, readonly number[]>>;
  readonly shuffleTwice: readonly number[];
  readonly permutation: readonly number[];
  readonly permutationOfArray: readonly number[];
  readonly randint: readonly {
    readonly low: number;
    readonly high: number;
    readonly draws: readonly number[];
    readonly nextWord: number;
  }[];
}
/** After so many normal draws, and then so many words. */
interface GoldenState {
  readonly normals: number;
  readonly words: number;
  readonly key: readonly number[];
  readonly position: number;
  readonly cachedGaussian: number | null;
  readonly nextNormals: readonly number[];
  readonly nextWord: number;
}
type Normals = { readonly normal: readonly number[] };
type Sample = { readonly randomSample: number };
type Integer = { readonly randint: number };
type Permutation = { readonly permutation: readonly number[] };

const golden = JSON.parse(readFileSync(new URL("../golden/random-state.json", import.meta.url), "utf8")) as {
  readonly seeds: readonly GoldenSeed[];
  readonly states: { readonly seed: number; readonly states: readonly GoldenState[] };
};

const numpy = agreementWith("NumPy", "random streams: words, uniform and normal values, integers, shuffles");

describe.each(golden.seeds)("RandomState($seed) draws what NumPy draws", (expected) => {
  const fresh = () => new RandomState(expected.seed);

  it("as 32-bit words, across regenerations of the state", () => {
    const random = fresh();
    const words = Array.from({ length: expected.lateWord.index + 1 }, () => random.nextUint32());
    numpy.expectSame(words.slice(0, expected.words.length), expected.words);
    expect(words.at(-1)).toBe(expected.lateWord.word);
  });

  it("as uniform samples", () => {
    const random = fresh();
    numpy.expectSame(
      expected.randomSample.map(() => random.randomSample()),
      expected.randomSample,
    );
  });

  it("as uniform values between bounds", () => {
    const { low, high, values } = expected.uniform;
    numpy.expectSame([...fresh().uniform(low, high, values.length)], values);
  });

  it("as normal values, but for the last bits of the logarithm", () => {
    const { mean, standardDeviation, values } = expected.normal;
    expectNormals(fresh().normal(mean, standardDeviation, values.length), values);
  });

  it("as normal values rounded into a Float32Array", () => {
    const { mean, standardDeviation, values } = expected.normal;
    const out = new Float32Array(values.length);
    expect(fresh().normal(mean, standardDeviation, out)).toBe(out);
    expectNormals(out, values, 1e-7);
  });

  it("when other draws fall between the two values of a normal pair", () => {
    const [first, sample, second, integer, third, permutation, fourth] = expected.interleaved;
    const random = fresh();
    expectNormals(random.normal(0, 1, 1), first.normal);
    expect(random.randomSample()).toBe(sample.randomSample);
    expectNormals(random.normal(10, 0.5, 2), second.normal);
    expect(random.randint(0, 1000)).toBe(integer.randint);
    expectNormals(random.normal(-1, 3, 3), third.normal);
    numpy.expectSame([...random.permutation(5)], permutation.permutation);
    expectNormals(random.normal(0, 0.1, 2), fourth.normal);
  });

  it.each(Object.entries(expected.shuffle))("as a shuffle of %s values", (count, order) => {
    const values = Int32Array.from({ length: Number(count) }, (_, i) => i);
    fresh().shuffle(values);
    numpy.expectSame([...values], order);
  });

  it("as a second shuffle of the same array", () => {
    const random = fresh();
    const values = expected.shuffleTwice.map((_, i) => i);
    random.shuffle(values);
    random.shuffle(values);
    numpy.expectSame(values, expected.shuffleTwice);
  });

  it("as a permutation of the first numbers and of an array, which stays as it was", () => {
    numpy.expectSame([...fresh().permutation(65)], expected.permutation);
    const source = Int32Array.of(40, -7, 7, 7, 0, 2 ** 31 - 1);
    const before = [...source];
    numpy.expectSame([...fresh().permutation(source)], expected.permutationOfArray);
    expect([...source]).toEqual(before);
  });

  it.each(expected.randint)("as integers from $low to below $high", ({ low, high, draws, nextWord }) => {
    const random = fresh();
    numpy.expectSame(
      draws.map(() => random.randint(low, high)),
      draws,
    );
    expect(random.nextUint32()).toBe(nextWord);
  });
});

describe("RandomState", () => {
  const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

  it("permutes: every number occurs once", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 2000 }), (seed, count) => {
        const sorted = new RandomState(seed).permutation(count).sort();
        expect(sorted).toEqual(Int32Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  it("shuffles an array of anything like the numbers of its positions", () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.string(), { maxLength: 100 }), (seed, strings) => {
        const order = new RandomState(seed).permutation(strings.length);
        const shuffled = [...strings];
        new RandomState(seed).shuffle(shuffled);
        expect(shuffled).toEqual(Array.from(order, (i) => strings[i]));
      }),
    );
  });

  it("keeps integers within their range", () => {
    const bound = fc.maxSafeInteger();
    fc.assert(
      fc.property(seeds, bound, bound, (seed, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        fc.pre(low < high && BigInt(high) - BigInt(low) <= 2n ** 53n); // In doubles 2^53 + 1 would pass for 2^53.
        const drawn = new RandomState(seed).randint(low, high);
        expect(Number.isInteger(drawn) && low <= drawn && drawn < high).toBe(true);
      }),
      {
        examples: [
          [0, -9007199254740957, 36],
          [0, -9007199254740956, 36],
        ],
      },
    );
  });

  it("draws normal values of the mean alone where the standard deviation is 0", () => {
    expect([...new RandomState(0).normal(2.5, 0, 3)]).toEqual([2.5, 2.5, 2.5]);
  });

  it.each([-1, 2 ** 32, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses the seed %s", (seed) => {
    expect(() => new RandomState(seed)).toThrow(InvalidArgumentError);
    expect(() => new RandomState(seed)).toThrow(`for seed but received ${seed}.`);
  });

  it.each<[string, (random: RandomState) => unknown]>([
    ["a mean that is not finite", (random) => random.normal(Number.NaN, 1, 1)],
    ["a negative standard deviation", (random) => random.normal(0, -0.1, 1)],
    ["an infinite standard deviation", (random) => random.normal(0, Number.POSITIVE_INFINITY, 1)],
    ["an infinite bound", (random) => random.uniform(0, Number.POSITIVE_INFINITY, 1)],
    ["bounds whose difference overflows", (random) => random.uniform(-1e308, 1e308, 1)],
    ["a lower bound above the upper", (random) => random.uniform(1, 0, 1)],
    ["half a uniform value", (random) => random.uniform(0, 1, 0.5)],
    ["a negative size", (random) => random.normal(0, 1, -1)],
    ["a permutation of half a number", (random) => random.permutation(1.5)],
    ["a permutation that an Int32Array cannot hold", (random) => random.permutation(2 ** 31)],
    ["an empty range", (random) => random.randint(3, 3)],
    ["a reversed range", (random) => random.randint(3, 2)],
    ["a bound that is not an integer", (random) => random.randint(0, 2.5)],
    ["a bound that is not a safe integer", (random) => random.randint(0, 2 ** 53)],
    ["a range of 2^53 + 1 integers", (random) => random.randint(-(2 ** 52), 2 ** 52 + 1)],
  ])("refuses %s", (_, draw) => {
    expect(() => draw(new RandomState(0))).toThrow(InvalidArgumentError);
  });
});

describe.each(golden.states.states)(
  "after $normals normal draws and $words words, a RandomState",
  ({ normals, words, key, position, cachedGaussian, nextNormals, nextWord }) => {
    it("has the state that NumPy's get_state tells", () => {
      const random = new RandomState(golden.states.seed);
      random.normal(0, 1, normals);
      for (let i = 0; i < words; i++) random.nextUint32();
      const state = random.getState();
      expect([...state.key]).toEqual(key);
      expect(state.position).toBe(position);
      if (cachedGaussian === null) expect(state.cachedGaussian).toBeNull();
      else expectNormals([state.cachedGaussian as number], [cachedGaussian]);
    });

    it("goes on from it as NumPy does after set_state", () => {
      const random = new RandomState(5);
      random.normal(0, 1, 1); // Leaves the second of a pair.
      random.setState({ key: Uint32Array.from(key), position, cachedGaussian });
      expectNormals(random.normal(0, 1, nextNormals.length), nextNormals);
      expect(random.nextUint32()).toBe(nextWord);
    });
  },
);

describe("the state of a RandomState", () => {
  it("is a copy, whatever is drawn then", () => {
    fc.assert(
      fc.property(
        fc.nat(700),
        fc.nat(3),
        fc.array(fc.constantFrom("word", "normal", "shuffle")),
        (words, normals, draws) => {
          const draw = (random: RandomState) =>
            draws.map((kind) => {
              if (kind === "word") return random.nextUint32();
              return kind === "normal" ? random.normal(0, 1, 1)[0] : random.permutation(5).join();
            });
          const random = new RandomState(9);
          for (let i = 0; i < words; i++) random.nextUint32();
          random.normal(0, 1, normals);
          const state = random.getState();
          const expected = draw(random);
          const other = new RandomState(1);
          other.setState(state);
          expect(draw(other)).toEqual(expected);
          random.setState(state);
          expect(draw(random)).toEqual(expected);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    undefined,
    {},
    { key: new Uint32Array(623), position: 0, cachedGaussian: null },
    { key: new Float64Array(624), position: 0, cachedGaussian: null },
    { key: new Uint32Array(624), position: 625, cachedGaussian: null },
    { key: new Uint32Array(624), position: -1, cachedGaussian: null },
    { key: new Uint32Array(624), position: 0, cachedGaussian: Number.NaN },
    { key: new Uint32Array(624), position: 0 },
  ])("is refused where it is none, and nothing changes", (state) => {
    const random = new RandomState(1);
    expect(() => random.setState(state as RandomStateSnapshot)).toThrow(InvalidArgumentError);
    expect(random.nextUint32()).toBe(new RandomState(1).nextUint32());
  });
});

/** Holds normal values against NumPy's: within some units in the last place of float64, unless told otherwise. */
function expectNormals(actual: ArrayLike<number>, expected: readonly number[], tolerance = 2e-15): void {
  numpy.expectNear(actual, expected, tolerance, Math.abs);
}
