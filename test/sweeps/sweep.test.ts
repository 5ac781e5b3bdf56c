import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, expectTypeOf, it } from "vitest";
import { SweepError } from "../../src/errors.js";
import { formatResults, inProcessRunner, localRunner, type Outcome, sweep } from "../../src/sweeps/index.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const space = { x: { values: [-1, 0.5, 2] }, shape: { values: ["a", "b"] } } as const;
/** Smallest at x 0.5 and shape b. */
const bowl = ({ settings }: { readonly settings: { readonly x: number; readonly shape: string } }) =>
  (settings.x - 0.5) ** 2 + (settings.shape === "a" ? 1 : 0);

describe("a sweep of a function", () => {
  it("finds the best of all combinations, and gives all in order", async () => {
    const told: Outcome[] = [];
    const { best, trials, results } = await sweep({ space, objective: bowl, onOutcome: (o) => told.push(o) });
    expect(best).toEqual({
      number: 3,
      settings: { x: 0.5, shape: "b" },
      seed: 123,
      state: "trained",
      value: 0,
      figures: {},
      rung: 0,
      epochs: 1,
    });
    expect(trials.map(({ value }) => value)).toEqual([3.25, 2.25, 1, 0, 3.25, 2.25]);
    expect(told.map(({ trial }) => trial)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(formatResults(results).split("\r\n").slice(0, 2)).toEqual([
      "trial,x,shape,state,rung,epochs,value,reason",
      "0,-1,a,trained,0,1,3.25,",
    ]);
    expect((await sweep({ space, objective: bowl, mode: "max" })).best?.number).toBe(0);
  });

  it("has settings of the types that the space says", async () => {
    const { best } = await sweep({
      space: {
        rate: { distribution: "logUniform", min: 0.1, max: 1 },
        units: { values: [1, 2] },
        name: { values: ["a", "b"] },
      },
      search: { type: "random", trials: 3 },
      objective({ settings, seed, epochs }) {
        expectTypeOf(settings.rate).toEqualTypeOf<number>();
        expectTypeOf(settings.units).toEqualTypeOf<1 | 2>();
        expectTypeOf(settings.name).toEqualTypeOf<"a" | "b">();
        expectTypeOf(epochs).toEqualTypeOf<number | undefined>();
        // @ts-expect-error: there is no such parameter
        expect(settings.momentum).toBeUndefined();
        return { value: settings.rate * settings.units + seed, figures: { double: settings.rate * 2 } };
      },
    });
    expect(best?.figures.double).toBe((best?.settings.rate ?? Number.NaN) * 2);
  });

  it("takes what fails and what is no number for results", async () => {
    const { best, trials, results } = await sweep({
      space: { x: { values: [0, 1, 2, 3] } },
      objective({ settings: { x } }) {
        if (x === 0) throw new TypeError("x is naught");
        if (x === 1) return { value: Number.NaN, figures: { a: Number.POSITIVE_INFINITY } };
        return x;
      },
    });
    expect(trials.map(({ state, value, reason, figures }) => [state, value, reason, figures])).toEqual([
      ["failed", null, "TypeError: x is naught", {}],
      ["diverged", null, "its value is NaN", { a: null }],
      ["trained", 2, undefined, {}],
      ["trained", 3, undefined, {}],
    ]);
    expect(best?.number).toBe(2);
    expect(formatResults(results)).toContain("0,0,failed,0,0,,,TypeError: x is naught\r\n");
    const failing = await sweep({
      space: { x: { values: [0] } },
      objective() {
        throw new Error("no");
      },
    });
    expect(failing.best).toBeUndefined();
  });

  it("gives each combination each seed", async () => {
    const { trials, results } = await sweep({
      space: { x: { values: [1, 2] } },
      seeds: [7, 8],
      objective: ({ settings, seed }) => settings.x * seed,
    });
    expect(trials.map(({ settings, seed, value }) => [settings.x, seed, value])).toEqual([
      [1, 7, 7],
      [1, 8, 8],
      [2, 7, 14],
      [2, 8, 16],
    ]);
    expect(trials[0]?.settings).toEqual({ x: 1 });
    expect(results.columns.slice(0, 3)).toEqual(["trial", "x", "seed"]);
  });

  it.each(["synchronous", "asynchronous"] as const)(
    "lets the best go on with more epochs: %s",
    async (type) => {
      const calls: string[] = [];
      const { best, trials } = await sweep({
        space: { x: { values: [5, 1, 4, 9, 8, 7, 2, 3, 6] } },
        halving: { type, maxEpochs: 9 },
        objective({ settings, number, epochs, rung }) {
          calls.push(`${number}@${rung}:${epochs}`);
          return settings.x / (epochs ?? Number.NaN);
        },
      });
      expect(best).toMatchObject({ number: 1, settings: { x: 1 }, rung: 2, epochs: 9, value: 1 / 9 });
      expect(calls.filter((call) => call.includes("@0:1"))).toHaveLength(9);
      // Asynchronous: of 5, 1 and 4 the best, of the first six the next best, and of all that are left the best.
      const second = type === "synchronous" ? ["1@1:3", "6@1:3", "7@1:3"] : ["1@1:3", "2@1:3", "6@1:3"];
      expect(calls.filter((call) => call.includes("@1:3"))).toEqual(second);
      expect(calls.filter((call) => call.includes("@2:9"))).toEqual(["1@2:9"]);
      expect(trials[0]).toMatchObject({ rung: 0, epochs: 1, value: 5 });
    },
  );

  it("does not call again what has stopped by itself", async () => {
    const calls: string[] = [];
    const { best } = await sweep({
      space: { x: { values: [1, 2, 3, 4] } },
      halving: { type: "synchronous", minEpochs: 2, maxEpochs: 8, factor: 2 },
      objective({ settings, number, rung, epochs = 0 }) {
        calls.push(`${number}@${rung}`);
        return settings.x === 1 ? { value: 1, epochs: epochs - 1 } : settings.x;
      },
    });
    expect(calls).toEqual(["0@0", "1@0", "2@0", "3@0", "1@1"]);
    expect(best).toMatchObject({ number: 0, epochs: 1, value: 1 });
  });

  it("has as many calls under way as it is told to", async () => {
    let [under, most] = [0, 0];
    await sweep({
      space: { x: { values: [1, 2, 3, 4, 5] } },
      runner: inProcessRunner({ concurrency: 3 }),
      async objective({ settings }) {
        most = Math.max(most, ++under);
        await Promise.resolve();
        under--;
        return settings.x;
      },
    });
    expect(most).toBe(3);
  });

  it("cannot change its settings for others", async () => {
    const { trials } = await sweep({
      space: { list: { values: [[1, 2]] } },
      seeds: [1, 2],
      objective({ settings }) {
        const list = settings.list as unknown as number[];
        list.push(3);
        return list.length;
      },
    });
    expect(trials.map(({ settings, value }) => [settings.list, value])).toEqual([
      [[1, 2], 3],
      [[1, 2], 3],
    ]);
  });
});

describe("a sweep that is kept in a folder", () => {
  const counted = { space: { x: { values: [3, 1, 2] } } } as const;

  it("goes on where it was ended, and calls for nothing twice", async () => {
    const folder = join(temporaryFolder(), "sweep");
    const ending = new AbortController();
    const first: number[] = [];
    const begun = sweep({
      ...counted,
      folder,
      signal: ending.signal,
      objective({ settings, signal }) {
        first.push(settings.x);
        if (first.length < 2) return settings.x;
        ending.abort(new Error("enough"));
        signal.throwIfAborted();
        return 0;
      },
    });
    await expect(begun).rejects.toThrow("enough");
    expect(first).toEqual([3, 1]);
    const second: number[] = [];
    const goOn = () =>
      sweep({
        ...counted,
        folder,
        objective({ settings }) {
          second.push(settings.x);
          return settings.x;
        },
      });
    const { best, results } = await goOn();
    expect(second).toEqual([1, 2]);
    expect(best?.settings).toEqual({ x: 1 });
    expect(readFileSync(join(folder, "results.csv"), "utf8")).toBe(formatResults(results));
    await goOn();
    expect(second).toEqual([1, 2]);
    const whole = await sweep({ ...counted, objective: ({ settings }) => settings.x });
    expect(formatResults(results)).toBe(formatResults(whole.results));
  });

  it("is that of one space alone", async () => {
    const folder = temporaryFolder();
    const objective = ({ settings }: { readonly settings: { readonly x: number } }) => settings.x;
    await sweep({ ...counted, folder, objective });
    await expect(sweep({ space: { x: { values: [3, 1] } }, folder, objective })).rejects.toThrow(
      `${folder} holds a sweep with another space; name another folder, or go on with what it was begun with.`,
    );
    await expect(sweep({ ...counted, seeds: [1, 2], folder, objective })).rejects.toThrow(
      "holds a sweep with another seeds",
    );
    await expect(sweep({ ...counted, mode: "max", folder, objective })).rejects.toThrow(SweepError);
    const trainings = sweep({
      train: {},
      space: { learningRate: { values: [1] } },
      runner: localRunner(),
      folder,
    });
    await expect(trainings).rejects.toThrow("holds the sweep of a program's own objective");
  });
});
