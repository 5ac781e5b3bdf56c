import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { selectBackend } from "../../../src/backend/select.js";
import { encodeSafetensors } from "../../../src/formats/safetensors.js";
import type { RunDetail } from "../../../src/live/protocol.js";
import { MOST_POINTS } from "../../../src/live/run-history.js";
import { createRunLibrary, type LiveRunLibrary } from "../../../src/live/runs/create-run-library.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { takeProcessLock } from "../../../src/system/process-lock.js";
import { encodeModel } from "../../../src/training/model-file.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { type RecordingLog, recordingLog } from "./recording-log.js";
import { makeRun, metricsLines, SUMMARY } from "./run-folders.js";

const folder = temporaryFolder();
const newFolder = () => mkdtempSync(join(folder, "runs-"));

const libraries: LiveRunLibrary[] = [];
afterEach(() => Promise.all(libraries.splice(0).map((library) => library.close())));

async function open(...paths: string[]): Promise<{ library: LiveRunLibrary; log: RecordingLog }> {
  const log = recordingLog();
  const library = createRunLibrary({ events: log, paths, newRuns: null });
  libraries.push(library);
  await library.refresh();
  return { library, log };
}

const network = new MultilayerPerceptron({
  layers: [4, 3, 2],
  seed: 1,
  backend: selectBackend({ backend: "js" }),
});
const model = (epochs: number) => encodeModel(network, { dataset: "mnist", epochs: String(epochs) });

describe("the runs below a folder", () => {
  it("are told with their figures, the newest first, without the place where they are", async () => {
    const runs = newFolder();
    makeRun(join(runs, "first"));
    makeRun(join(runs, "deep/er/second"), { finished: 2, summary: { ...SUMMARY, interrupted: true } });
    makeRun(join(runs, "third"), { finished: 1, summary: null });
    const { library, log } = await open(runs);
    const summaries = library.summaries();
    expect(summaries.map(({ name, state }) => [name, state]).sort()).toEqual([
      ["deep/er/second", "interrupted"],
      ["first", "finished"],
      ["third", "interrupted"],
    ]);
    const times = summaries.map(({ startedAt }) => startedAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(summaries.find(({ name }) => name === "first")).toMatchObject({
      network: "784-50-10",
      dataset: "mnist",
      loss: "MSE",
      epochs: 3,
      epoch: 3,
      validAccuracy: 0.4,
      testAccuracy: 0.9,
      isSteerable: false,
      hasModel: false,
      readsImages: true,
    });
    expect(JSON.stringify([summaries, log.events])).not.toContain(basename(folder));
  });

  it("have their curves", async () => {
    const runs = newFolder();
    makeRun(join(runs, "a"));
    const { library } = await open(runs);
    const [run] = library.summaries();
    const detail = library.detail(run?.id ?? "");
    expect(detail?.epochs.map(({ epoch, trainLoss }) => [epoch, trainLoss])).toEqual([
      [1, 1],
      [2, 1 / 2],
      [3, 1 / 3],
    ]);
    expect(detail).toMatchObject({ stepsPerEpoch: 11, samples: [], modelVersion: 0 });
    expect(library.detail("nothing")).toBeUndefined();
    expect(await library.model(run?.id ?? "")).toBeUndefined();
  });

  it("keep their ids over a restart, and by whatever way they are named", async () => {
    const runs = newFolder();
    const path = makeRun(join(runs, "a"));
    const link = join(newFolder(), "link");
    symlinkSync(runs, link);
    const ids = await Promise.all(
      [runs, path, link, join(link, "a"), `${runs}/../${basename(runs)}`].map(async (named) =>
        (await open(named)).library.summaries().map(({ id }) => id),
      ),
    );
    expect(new Set(ids.flat())).toHaveProperty("size", 1);
    expect(ids.flat()).toHaveLength(5);
    expect(ids[0]?.[0]).toMatch(/^[0-9a-f]{12}$/);
  });

  it("are one where they are named twice", async () => {
    const runs = newFolder();
    const path = makeRun(join(runs, "a"));
    expect((await open(runs, path)).library.summaries()).toHaveLength(1);
  });

  it("are none where there is no folder yet, and come with it", async () => {
    const runs = join(newFolder(), "not", "yet");
    const { library, log } = await open(runs);
    expect(library.summaries()).toEqual([]);
    makeRun(join(runs, "a"));
    await log.until((event) => event.type === "run" && event.run.name === "a");
    rmSync(runs, { recursive: true });
    await log.until(({ type }) => type === "gone");
    expect(library.summaries()).toEqual([]);
  });

  it("leave out hidden folders, links, and folders of other programs", async () => {
    const [runs, elsewhere] = [newFolder(), newFolder()];
    makeRun(join(elsewhere, "secret"));
    makeRun(join(runs, ".hidden"));
    symlinkSync(join(elsewhere, "secret"), join(runs, "link"));
    symlinkSync(join(elsewhere), join(runs, "above"));
    mkdirSync(join(runs, "other"));
    writeFileSync(join(runs, "other/config.json"), '{"model_type":"bert"}');
    writeFileSync(join(elsewhere, "x.safetensors"), model(1));
    symlinkSync(join(elsewhere, "x.safetensors"), join(runs, "x.safetensors"));
    expect((await open(runs)).library.summaries()).toEqual([]);
  });

  it("say of a file that is a link out of the folder that it is one, and read nothing of it", async () => {
    const [runs, elsewhere] = [newFolder(), newFolder()];
    const run = makeRun(join(runs, "a"));
    const secret = join(elsewhere, "secret.safetensors");
    writeFileSync(secret, model(1));
    symlinkSync(secret, join(run, "model.safetensors"));
    const { library } = await open(runs);
    const [summary] = library.summaries();
    expect(summary).toMatchObject({ name: "a", state: "failed", hasModel: false });
    expect(summary?.reason).toBe(
      "model.safetensors of a is a link that leads out of the folder; put the file itself there.",
    );
    expect(await library.model(summary?.id ?? "")).toBeUndefined();
  });

  it.each([
    ["no settings", { "config.json": "" }, /^a\/config\.json is not JSON/],
    ["settings of another program", { "config.json": "{}" }, /^a\/config\.json was not written by train/],
    ["metrics cut short", { "metrics.jsonl": '{"epoch":1,"st' }, /^Line 1 of a\/metrics\.jsonl is not JSON/],
    ["metrics of another run", { "metrics.jsonl": metricsLines(3).replace(/^.*\n/, "") }, /has epoch 2/],
    ["a summary that is a list", { "summary.json": "[]" }, /^a\/summary\.json is not the JSON object/],
    ["an environment of bytes", { "environment.json": "\u0000\u0001" }, /^a\/environment\.json is not JSON/],
  ])("that are broken are shown as failed, with the reason: %s", async (_, changes, reason) => {
    const runs = newFolder();
    makeRun(join(runs, "a"), { changes });
    makeRun(join(runs, "b"));
    const { library } = await open(runs);
    const [a, b] = [...library.summaries()].sort((x, y) => x.name.localeCompare(y.name));
    expect(a).toMatchObject({ state: "failed", network: "", epoch: 0 });
    expect(a?.reason).toMatch(reason);
    expect(a?.reason).not.toContain(folder);
    expect(b).toMatchObject({ state: "finished" });
  });

  it("are fine again when they are mended", async () => {
    const runs = newFolder();
    const path = makeRun(join(runs, "a"), { changes: { "config.json": "" } });
    const { library, log } = await open(runs);
    makeRun(path);
    await log.until((event) => event.type === "run" && event.run.state === "finished");
    expect(library.summaries()).toMatchObject([{ state: "finished", reason: null }]);
  });

  it("are of another process while it holds them, and are followed as they grow", async () => {
    const runs = newFolder();
    const path = makeRun(join(runs, "a"), { finished: 1, summary: null });
    const lock = takeProcessLock(join(path, ".lock"));
    if ("heldBy" in lock) throw new Error("held");
    const { library, log } = await open(runs);
    expect(library.summaries()).toMatchObject([{ state: "elsewhere", epoch: 1, isSteerable: false }]);
    const [{ id } = { id: "" }] = library.summaries();
    expect(() => library.command(id, "pause")).toThrow(/another process trains it/);
    writeFileSync(join(path, "metrics.jsonl"), metricsLines(3));
    await log.until((event) => event.type === "epochs" && event.epochs.at(-1)?.epoch === 3);
    const epochs = log.events.flatMap((event) =>
      event.type === "epochs" ? event.epochs.map(({ epoch }) => epoch) : [],
    );
    expect(epochs).toEqual([2, 3]);
    lock.release();
    await log.until((event) => event.type === "run" && event.run.state === "interrupted");
    writeFileSync(join(path, "summary.json"), JSON.stringify(SUMMARY));
    await log.until((event) => event.type === "run" && event.run.state === "finished");
    expect(library.detail(id)?.epochs).toHaveLength(3);
  });

  it("that take the place of others begin anew", async () => {
    const runs = newFolder();
    const path = makeRun(join(runs, "a"));
    const { log } = await open(runs);
    writeFileSync(join(path, "metrics.jsonl"), metricsLines(1));
    await log.until(({ type }) => type === "gone");
    await log.until((event) => event.type === "run" && event.run.epoch === 1);
    expect(log.events.map(({ type }) => type)).toEqual(["run", "gone", "run"]);
  });

  it("have a model, the checkpoint until there is one, whose version grows", async () => {
    const runs = newFolder();
    const path = makeRun(join(runs, "a"), { summary: null });
    mkdirSync(join(path, "checkpoints"));
    writeFileSync(join(path, "checkpoints/last.safetensors"), model(1));
    const { library, log } = await open(runs);
    const [{ id } = { id: "" }] = library.summaries();
    expect(await library.model(id)).toMatchObject({ version: 1, bytes: Buffer.from(model(1)), images: null });
    writeFileSync(join(path, "model.safetensors"), model(22));
    await log.until((event) => event.type === "model" && event.modelVersion === 2);
    expect(await library.model(id)).toMatchObject({ version: 2, bytes: Buffer.from(model(22)) });
    expect(library.detail(id)?.modelVersion).toBe(2);
  });

  it("never have a model of a version that another has had, be it removed or of a run that was there before", async () => {
    const runs = newFolder();
    const path = makeRun(join(runs, "a"));
    const write = (epochs: number) => writeFileSync(join(path, "model.safetensors"), model(epochs));
    write(1);
    const { library } = await open(runs);
    const [{ id } = { id: "" }] = library.summaries();
    expect(library.detail(id)?.modelVersion).toBe(1);
    rmSync(join(path, "model.safetensors"));
    await library.refresh();
    expect(library.detail(id)?.modelVersion).toBe(0);
    write(22);
    await library.refresh();
    expect(library.detail(id)?.modelVersion).toBe(2);
    rmSync(path, { recursive: true });
    await library.refresh();
    expect(library.detail(id)).toBeUndefined();
    makeRun(path);
    write(3);
    await library.refresh();
    expect(library.detail(id)?.modelVersion).toBe(3);
  });

  it("of very many epochs have curves within bounds, which end where the run does", async () => {
    const runs = newFolder();
    makeRun(join(runs, "a"), { epochs: 9000, finished: 9000 });
    const { library } = await open(runs);
    const [{ id } = { id: "" }] = library.summaries();
    const { run, epochs } = library.detail(id) as RunDetail;
    expect(run.epoch).toBe(9000);
    expect(epochs.length).toBeLessThanOrEqual(MOST_POINTS);
    expect(epochs.at(-1)?.epoch).toBe(9000);
  });

  it.skipIf(process.platform === "win32")("wait for no pipe that stands in place of a lock", async () => {
    const runs = newFolder();
    const path = makeRun(join(runs, "a"));
    execFileSync("mkfifo", [join(path, ".lock")]);
    expect((await open(runs)).library.summaries()).toMatchObject([{ state: "finished" }]);
  });

  it("are found beside a place that cannot be looked into", async () => {
    const runs = newFolder();
    makeRun(join(runs, "a/b"));
    symlinkSync("loop", join(runs, "loop"));
    const { library } = await open(join(runs, "a"), join(runs, "loop/c"), join(runs, "x".repeat(300)));
    expect(library.summaries()).toMatchObject([{ name: "a/b", state: "finished" }]);
  });

  it("hold none of the others up by what no run has", async () => {
    const runs = newFolder();
    for (const name of ["a", "b", "c"]) makeRun(join(runs, name));
    const summary = { ...SUMMARY, testCount: { toString: 1 } }; // No number can be made of it.
    writeFileSync(join(runs, "b/summary.json"), JSON.stringify(summary));
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    const { library } = await open(runs);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
    expect(
      library
        .summaries()
        .map(({ state }) => state)
        .sort(),
    ).toEqual(["failed", "finished", "finished"]);
    expect(library.summaries().find(({ name }) => name === "b")?.reason).toMatch(/^The files of b hold what/);
  });

  it("with any names are told apart, and none of them is taken for an address", async () => {
    const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((name) => {
      return !/[/\0]/.test(name) && !name.startsWith(".") && Buffer.byteLength(name) < 200;
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(names, { minLength: 1, maxLength: 5 }), async (all) => {
        const runs = newFolder();
        for (const name of all) makeRun(join(runs, name));
        const { library } = await open(runs);
        const ids = library.summaries().map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.every((id) => /^[0-9a-f]{12}$/.test(id))).toBe(true);
        expect(library.summaries().every(({ state }) => state === "finished")).toBe(true);
        await library.close();
      }),
      { numRuns: 20 },
    );
  });

  it("tell of control characters in a name as escapes", async () => {
    const runs = newFolder();
    makeRun(join(runs, "a\u001b[31mred\n<script>\u202egpj"));
    expect((await open(runs)).library.summaries()).toMatchObject([
      { name: "a\\x1b[31mred\\x0a<script>\\u202egpj" },
    ]);
  });
});

describe("a model without a run", () => {
  it("is told of by what it says itself", async () => {
    const models = newFolder();
    writeFileSync(join(models, "mine.safetensors"), model(7));
    writeFileSync(join(models, "broken.safetensors"), "no model");
    const { library } = await open(models);
    const [broken, mine] = [...library.summaries()].sort((a, b) => a.name.localeCompare(b.name));
    expect(mine).toMatchObject({
      name: "mine.safetensors",
      state: "finished",
      network: "4-3-2",
      dataset: "mnist",
      epoch: 7,
      hasModel: true,
    });
    expect(broken).toMatchObject({
      name: "broken.safetensors",
      state: "failed",
      hasModel: false,
      readsImages: false,
    });
    expect(broken?.reason).toMatch(/^broken\.safetensors is not/);
    const found = await library.model(mine?.id ?? "");
    expect(found).toMatchObject({ version: 1, folder: null });
    expect(Buffer.from(readFileSync(join(models, "mine.safetensors")))).toEqual(
      Buffer.from(found?.bytes ?? []),
    );
  });

  it("is told of in few words, however many it has for itself", async () => {
    const models = newFolder();
    const long = "long ".repeat(100_000);
    writeFileSync(join(models, "a.safetensors"), encodeModel(network, { dataset: long, split: long }));
    const { library } = await open(models);
    const [summary] = library.summaries();
    expect(summary?.dataset).toMatch(/^long long .*…$/);
    expect(JSON.stringify(summary).length).toBeLessThan(3000);
  });

  it("is passed over where another program wrote it, unless it is named", async () => {
    const models = newFolder();
    const path = join(models, "torch.safetensors");
    const weight = { name: "0.weight", shape: [2, 3], dtype: "F32", data: new Float32Array(6) } as const;
    const foreign = encodeSafetensors([weight], { format: "pt" });
    writeFileSync(join(models, "mine.safetensors"), model(7));
    writeFileSync(path, foreign);
    const { library, log } = await open(models);
    const names = () => library.summaries().map(({ name }) => name);
    expect(names()).toEqual(["mine.safetensors"]);
    // Whichever comes to lie there.
    writeFileSync(join(models, "mine.safetensors"), foreign);
    await library.refresh();
    expect(names()).toEqual([]);
    expect(log.events).toContainEqual({ type: "gone", id: expect.any(String) });
    writeFileSync(path, model(12345));
    await library.refresh();
    expect(names()).toEqual(["torch.safetensors"]);
    writeFileSync(path, foreign);
    expect((await open(path)).library.summaries()).toMatchObject([
      {
        state: "failed",
        reason:
          "torch.safetensors was written by another program; another program's network is imported first: mnist-native import torch.safetensors -o FOLDER.",
      },
    ]);
  });

  it("may be named itself", async () => {
    const path = join(newFolder(), "mine.safetensors");
    writeFileSync(path, model(7));
    expect((await open(path)).library.summaries()).toMatchObject([{ name: "mine.safetensors" }]);
  });
});
