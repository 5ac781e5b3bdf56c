import { setImmediate as nextRound } from "node:timers/promises";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createModelViews } from "../../../src/live/looking/model-views.js";
import { createTurns, sortInTurns } from "../../../src/live/looking/turns.js";
import type { RunModel } from "../../../src/live/run-library.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { drawnRun, libraryOf } from "./drawn-run.js";

const parent = temporaryFolder();
let run: RunModel;

beforeAll(async () => {
  run = await drawnRun(parent, "run", { epochs: 1 });
});

describe("views", () => {
  it("are kept by run and version, and made once for all who ask", async () => {
    const models: Record<string, RunModel | undefined> = { a: run, b: undefined };
    const { library, asked } = libraryOf(models);
    const views = createModelViews({ library });
    const [first, second] = await Promise.all([views.of("a"), views.of("a")]);
    expect(first).toBe(second);
    expect(await views.of("a")).toBe(first);
    expect(asked).toEqual(["a"]);
    expect(await views.of("b")).toBeUndefined();
    expect(await views.of("c")).toBeUndefined();
    models.a = { ...run, version: 2 };
    const next = await views.of("a");
    expect(next?.version).toBe(2);
    expect(next).not.toBe(first);
    for (const id of ["d", "e", "f"]) {
      models[id] = run;
      await views.of(id);
    }
    asked.length = 0;
    await views.of("f");
    expect(asked).toEqual([]);
    await views.of("a"); // It had to go.
    expect(asked).toEqual(["a"]);
  });

  it("that could not be made are tried again", async () => {
    const models: Record<string, RunModel | undefined> = { a: { ...run, bytes: new Uint8Array(3) } };
    const views = createModelViews({ library: libraryOf(models).library });
    await expect(views.of("a")).rejects.toThrow("not a safetensors file");
    models.a = run;
    expect((await views.of("a"))?.version).toBe(1);
  });
});

describe("turns", () => {
  it("go round one by one, what is urgent first, and let others in between", async () => {
    const turns = createTurns();
    const said: string[] = [];
    const work = async (name: string, isUrgent: boolean) => {
      for (let i = 0; i < 3; i++) {
        await turns.next(isUrgent);
        said.push(name);
      }
    };
    let rounds = 0;
    const others = (async () => {
      while (said.length < 9) {
        await nextRound();
        rounds++;
      }
    })();
    await Promise.all([work("a", false), work("b", false), work("urgent", true), others]);
    expect(said.slice(0, 3)).toEqual(["urgent", "urgent", "urgent"]);
    expect(said.slice(3)).toEqual(["a", "b", "a", "b", "a", "b"]);
    expect(rounds).toBeGreaterThanOrEqual(8);
  });

  it("sort as one would at once", async () => {
    const turns = createTurns();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 12_000 }), fc.nat(), async (length, seed) => {
        const keys = Float64Array.from({ length }, (_, i) => Math.abs(Math.sin(i * (seed % 97) + seed)));
        const compare = (a: number, b: number) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b;
        const items = Int32Array.from(keys.keys());
        await sortInTurns(items, compare, turns);
        expect(items).toEqual(Int32Array.from(keys.keys()).sort(compare));
      }),
      { numRuns: 15 },
    );
  });
});
