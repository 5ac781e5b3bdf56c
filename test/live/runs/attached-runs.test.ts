import { mkdtempSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { EpochPoint, Sample, TrainingCommand, TrainingMessage } from "../../../src/live/protocol.js";
import type { AttachedTraining } from "../../../src/live/runs/attached-run.js";
import { createRunLibrary, type LiveRunLibrary } from "../../../src/live/runs/create-run-library.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { recordingLog } from "./recording-log.js";
import { makeRun } from "./run-folders.js";

const folder = temporaryFolder();
const newFolder = () => mkdtempSync(join(folder, "runs-"));

const libraries: LiveRunLibrary[] = [];
afterEach(() => Promise.all(libraries.splice(0).map((library) => library.close())));

/** A training of which the test is what trains. */
function training(changes: Partial<AttachedTraining> = {}) {
  const commands: TrainingCommand[] = [];
  let hear: ((message: TrainingMessage) => void) | undefined;
  const attached: AttachedTraining = {
    onMessage(listener) {
      hear = listener;
    },
    send: (command) => {
      commands.push(command);
    },
    folder: null,
    images: null,
    name: "Training",
    settings: { Epochs: "3" },
    dataset: "mnist",
    ...changes,
  };
  return { attached, commands, say: (message: TrainingMessage) => hear?.(message) };
}

function open(changes: Partial<AttachedTraining> = {}, paths: readonly string[] = []) {
  const log = recordingLog();
  const library = createRunLibrary({ events: log, paths, newRuns: null });
  libraries.push(library);
  const { attached, ...side } = training(changes);
  const { id } = library.attach(attached);
  const summary = () => library.detail(id)?.run;
  return { library, log, id, summary, ...side };
}

const BEGIN: TrainingMessage = {
  type: "begin",
  training: {
    epochs: 3,
    stepsPerEpoch: 11,
    examplesPerEpoch: 1100,
    history: [],
    network: "784-50-10",
    layers: ["layers.0", "layers.1"],
    loss: "MSE",
    optimizer: "sgd",
  },
};

const epoch = (number: number): EpochPoint => ({
  epoch: number,
  step: 11 * number,
  trainLoss: 0.1,
  trainAccuracy: 0.9,
  validLoss: null,
  validAccuracy: 0.8,
  learningRate: 0.1,
  seconds: 0.1,
});

const sample = (step: number): Sample => ({
  step,
  epoch: 1,
  loss: 0.1,
  learningRate: 0.1,
  examplesPerSecond: 1000,
  seconds: 1,
  secondsLeft: 2,
  gradientNorms: [1, 2],
  weightNorms: [3, 4],
});

describe("a training that is attached", () => {
  it("is told of from its beginning to its end", () => {
    const { library, log, id, summary, say } = open();
    expect(summary()).toMatchObject({ state: "starting", name: "Training", isSteerable: false });
    say(BEGIN);
    expect(summary()).toMatchObject({
      state: "training",
      network: "784-50-10",
      epochs: 3,
      isSteerable: true,
    });
    say({ type: "sample", sample: sample(1) });
    say({ type: "sample", sample: sample(1) }); // Known already.
    say({ type: "epochs", epochs: [epoch(1)] });
    say({ type: "model", epoch: 1, step: 11, bytes: Uint8Array.of(1, 2) });
    say({ type: "end", state: "finished" });
    say({ type: "end", state: "finished", testAccuracy: 0.7 });
    expect(summary()).toMatchObject({
      state: "finished",
      reason: null,
      epoch: 1,
      validAccuracy: 0.8,
      testAccuracy: 0.7,
      isSteerable: false,
      hasModel: true,
    });
    expect(library.detail(id)).toMatchObject({
      layers: ["layers.0", "layers.1"],
      samples: [sample(1)],
      epochs: [epoch(1)],
      modelVersion: 1,
      modelEpoch: 1,
      lastEventId: log.lastId,
    });
    const types = log.events.map(({ type }) => type);
    expect(types.filter((type) => type !== "run")).toEqual(["sample", "epochs", "model"]);
    expect(log.events.at(-1)).toMatchObject({ type: "run", run: { testAccuracy: 0.7 } });
  });

  it("gives its present model", async () => {
    const { library, id, say } = open();
    expect(await library.model(id)).toBeUndefined();
    say(BEGIN);
    say({ type: "model", epoch: 1, step: 11, bytes: Uint8Array.of(1) });
    say({ type: "model", epoch: 2, step: 22, bytes: Uint8Array.of(2) });
    expect(await library.model(id)).toEqual({
      version: 2,
      bytes: Uint8Array.of(2),
      folder: null,
      images: null,
    });
  });

  it("takes commands that fit its state, and says which when one does not", () => {
    const { library, id, say, commands } = open();
    expect(() => library.command(id, "pause")).toThrow(
      "Expected another command than pause for Training, which is still getting ready; nothing can be asked of it now.",
    );
    say(BEGIN);
    library.command(id, "pause");
    say({ type: "state", state: "paused" });
    expect(() => library.command(id, "pause")).toThrow(
      "Expected another command than pause for Training, which is paused; it takes resume, step, stop now.",
    );
    library.command(id, "step");
    library.command(id, "resume");
    say({ type: "state", state: "training" });
    expect(() => library.command(id, "resume")).toThrow(/is training; it takes pause, step, stop now\./);
    library.command(id, "stop");
    say({ type: "state", state: "stopping" });
    expect(() => library.command(id, "stop")).toThrow(/is about to stop/);
    say({ type: "end", state: "stopped", reason: "it was stopped from the page" });
    expect(library.detail(id)?.run).toMatchObject({
      state: "stopped",
      reason: "It was stopped from the page.",
    });
    expect(commands).toEqual(["pause", "step", "resume", "stop"]);
  });

  it("keeps no more samples than there may be", () => {
    const { library, id, say } = open();
    say(BEGIN);
    for (let step = 1; step <= 5000; step++) say({ type: "sample", sample: sample(step) });
    const samples = library.detail(id)?.samples ?? [];
    expect(samples.length).toBeLessThanOrEqual(2000);
    expect(samples.at(-1)?.step).toBe(5000);
  });

  it("that goes on has the epochs from before", () => {
    const { library, id, say } = open();
    if (BEGIN.type !== "begin") throw new Error("begin");
    say({ ...BEGIN, training: { ...BEGIN.training, history: [epoch(1), epoch(2)] } });
    say({ type: "epochs", epochs: [epoch(3)] });
    expect(library.detail(id)?.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  });

  it("is one run with its folder, which may be there before it or come later", async () => {
    const runs = newFolder();
    makeRun(join(runs, "before"));
    const { library, say } = open({ folder: join(runs, "before"), name: "before" }, [runs]);
    const later = training({ folder: join(runs, "later"), name: "later" });
    library.attach(later.attached);
    await library.refresh();
    makeRun(join(runs, "later"));
    await library.refresh();
    say(BEGIN);
    expect(library.summaries().map(({ name, state }) => [name, state])).toEqual(
      expect.arrayContaining([
        ["before", "training"],
        ["later", "starting"],
      ]),
    );
    expect(library.summaries()).toHaveLength(2);
  });

  it("has the id that its folder will have", async () => {
    const runs = newFolder();
    const { id } = open({ folder: join(runs, "a") });
    makeRun(join(runs, "a"));
    const library = createRunLibrary({ events: recordingLog(), paths: [runs], newRuns: null });
    libraries.push(library);
    await library.refresh();
    expect(library.summaries().map((run) => run.id)).toEqual([id]);
  });

  it("is kept for as long as not very many others have ended since, nor models of very many bytes", () => {
    const { library, log } = open();
    const train = (bytes: number) => {
      const { attached, say } = training();
      const { id } = library.attach(attached);
      say(BEGIN);
      say({ type: "model", epoch: 1, step: 1, bytes: new Uint8Array(bytes) });
      say({ type: "end", state: "finished" });
      return id;
    };
    const small = Array.from({ length: 300 }, () => train(1));
    expect(new Set(small).size).toBe(300);
    const kept = library.summaries().map(({ id }) => id);
    expect(kept.length).toBeLessThan(110);
    expect(small.slice(-100).every((id) => kept.includes(id))).toBe(true);
    const gone = log.events.flatMap((event) => (event.type === "gone" ? [event.id] : []));
    expect(gone).toEqual(small.slice(0, gone.length));
    expect(kept.length + gone.length).toBe(301); // The first of all goes on.
    const large = Array.from({ length: 8 }, () => train(2 ** 26));
    const left = library.summaries().map(({ id }) => id);
    expect(left.length).toBeLessThan(8);
    expect(left).toContain(large.at(-1));
  });

  it("does not tell where it is kept", () => {
    const { log, say } = open({ folder: join(newFolder(), "a") });
    say(BEGIN);
    expect(JSON.stringify(log.events)).not.toContain(basename(folder));
  });
});
