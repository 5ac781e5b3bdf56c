import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { InvalidArgumentError, OutputError } from "../../../src/errors.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import type { Callback } from "../../../src/training/callback.js";
import { csvLog } from "../../../src/training/callbacks/csv-log.js";
import { jsonlLog } from "../../../src/training/callbacks/jsonl-log.js";
import { fit } from "../../../src/training/fit.js";
import type { EpochMetrics } from "../../../src/training/history.js";
import { sameBytes } from "../../support/guarded-memory.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { quarters } from "../datasets.js";
import { drive, epochOf } from "./drive.js";

const folder = temporaryFolder();
const backend = createJavaScriptBackend();
const network = () => new MultilayerPerceptron({ layers: [16, 3, 4], backend });
let files = 0;
const newPath = () => join(folder, `log-${files++}`);
const textOf = (path: string) => readFileSync(path, "utf8");

/** Four steps an epoch. */
async function train(callbacks: readonly Callback[], epochs = 3) {
  const trained = network();
  const history = await fit(trained, quarters(20), {
    epochs,
    batchSize: 5,
    validation: quarters(10, 2),
    callbacks,
  });
  return { history: history.epochs, trained };
}

const HEADER =
  "epoch,step,learningRate,seconds,train.loss,train.accuracy,validation.loss,validation.accuracy";

describe("csvLog", () => {
  it("has a row for each epoch", async () => {
    const path = newPath();
    const { history } = await train([csvLog(path)]);
    const rows = history.map(
      ({ epoch, step, learningRate, seconds, trainLoss, trainAccuracy, validLoss, validAccuracy }) =>
        [epoch, step, learningRate, seconds, trainLoss, trainAccuracy, validLoss, validAccuracy].join(","),
    );
    expect(textOf(path)).toBe(`${[HEADER, ...rows].join("\n")}\n`);
  });

  it("has a row for each so many steps, with their loss", async () => {
    const path = newPath();
    const losses: number[] = [];
    const { trained } = await train([
      csvLog(path, { everySteps: 3 }),
      { onStepEnd: ({ loss }) => void losses.push(loss) },
    ]);
    const row = (epoch: number, step: number) => `${epoch},${step},0.1,${losses[step - 1]}\n`;
    const expected = `epoch,step,learningRate,loss\n${row(1, 3)}${row(2, 6)}${row(3, 9)}${row(3, 12)}`;
    expect(textOf(path)).toBe(expected);
    const plain = await train([]);
    const weights = (of: MultilayerPerceptron) => of.denseLayers[0]?.weight.data ?? new Float32Array(0);
    expect(sameBytes(weights(trained), weights(plain.trained))).toBe(true);
  });

  it("has a column for each metric of the first epoch, and leaves empty what was not measured", async () => {
    const path = newPath();
    const metrics = (epoch: number, value: number): EpochMetrics =>
      Object.assign(epochOf(epoch, Number.NaN, { trainAccuracy: Number.NaN, validAccuracy: Number.NaN }), {
        trainLoss: value,
        trainMetrics: epoch === 1 ? { mine: 0.5 } : { other: 1 },
      });
    await drive(() => csvLog(path), [1, Number.POSITIVE_INFINITY], { metrics });
    expect(textOf(path)).toBe(
      "epoch,step,learningRate,seconds,train.loss,train.accuracy,train.mine,validation.loss,validation.accuracy\n" +
        "1,3,,0.5,1,,0.5,,\n2,6,,0.5,Infinity,,,,\n",
    );
  });
});

describe("jsonlLog", () => {
  it("has a line for each epoch, as metrics.jsonl has them", async () => {
    const path = newPath();
    const { history } = await train([jsonlLog(path)]);
    const lines = history.map((metrics) => {
      const { epoch, step, learningRate, seconds, trainLoss, trainAccuracy, validLoss, validAccuracy } =
        metrics;
      const train = { loss: trainLoss, accuracy: trainAccuracy };
      const validation = { loss: validLoss, accuracy: validAccuracy };
      return `${JSON.stringify({ epoch, step, learningRate, seconds, train, validation })}\n`;
    });
    expect(textOf(path)).toBe(lines.join(""));
  });

  it("has null for what is no number, and leaves out what was not measured", async () => {
    const path = newPath();
    const metrics = (epoch: number, trainLoss: number) =>
      epochOf(epoch, Number.NaN, { trainLoss, trainAccuracy: Number.NaN, validAccuracy: Number.NaN });
    await drive(() => jsonlLog(path), [1, Number.POSITIVE_INFINITY], { metrics });
    expect(textOf(path)).toBe(
      '{"epoch":1,"step":3,"seconds":0.5,"train":{"loss":1}}\n{"epoch":2,"step":6,"seconds":0.5,"train":{"loss":null}}\n',
    );
  });

  it("has a line for each so many steps", async () => {
    const path = newPath();
    await train([jsonlLog(path, { everySteps: 4 })], 2);
    expect(textOf(path)).toMatch(
      /^\{"epoch":1,"step":4,"learningRate":0.1,"loss":0\.\d+\}\n\{"epoch":2,"step":8,"learningRate":0.1,"loss":0\.\d+\}\n$/,
    );
  });
});

describe.each([
  ["csvLog", csvLog],
  ["jsonlLog", jsonlLog],
] as const)("%s", (name, create) => {
  it.each([undefined, 1, 2])("replaces what was in the file, with everySteps %s", async (everySteps) => {
    const options = everySteps === undefined ? {} : { everySteps };
    const [used, fresh] = [newPath(), newPath()];
    await train([create(used, { everySteps: 1 })], 5);
    writeFileSync(used, "é nobody's line\n", { flag: "a" });
    await train([create(used, options), create(fresh, options)], 1);
    expect(textOf(used)).toBe(textOf(fresh));
    expect(textOf(used).split("\n").length).toBeGreaterThan(1);
  });

  it("goes on after an interruption without a row twice or a row too many", async () => {
    const losses = [5, 4, 3, 2, 1];
    const whole = newPath();
    await drive(() => create(whole), losses);
    for (const splitAfter of [1, 2, 3, 4]) {
      const path = newPath();
      await drive(() => create(path), losses.slice(0, 4)); // It got further than what was saved.
      writeFileSync(path, '5,15,,0.5,"cut o', { flag: "a" });
      let part = 0;
      const splitCreate = () => (part++ === 0 ? {} : create(path));
      await drive(splitCreate, losses, { splitAfter });
      expect(textOf(path)).toBe(textOf(whole));
      const lost = newPath();
      part = 0;
      await drive(() => (part++ === 0 ? {} : create(lost)), losses, { splitAfter });
      expect(textOf(lost)).toBe(textOf(whole));
    }
  });

  it("keeps the rows of steps before the one that a training is resumed at", async () => {
    const path = newPath();
    const { step: recorded } = await steps(create(path, { everySteps: 2 }), 1, 9);
    expect(recorded).toEqual([2, 4, 6, 8]);
    const before = textOf(path);
    await steps(create(path, { everySteps: 2 }), 6, 9);
    expect(textOf(path)).toBe(before);
    writeFileSync(path, "10,", { flag: "a" }); // Cut off.
    await steps(create(path, { everySteps: 3 }), 6, 7);
    const kept = textOf(path)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("epoch"));
    expect(kept.map((line) => Number(/(?:^\d+,|"step":)(\d+)/.exec(line)?.[1]))).toEqual([2, 4, 6]);
  });

  it("says before training that the file cannot be written", async () => {
    const directory = newPath();
    mkdirSync(directory);
    for (const [path, reason] of [
      [directory, "a folder of that name is in the way"],
      [join(folder, "nowhere", "log"), "its folder does not exist"],
    ] as const) {
      const seen: number[] = [];
      const watch: Callback = { onEpochBegin: ({ epoch }) => void seen.push(epoch) };
      const error = new OutputError(`${path} cannot be written: ${reason}; name another place.`);
      await expect(train([create(path), watch])).rejects.toThrow(error);
      await expect(train([create(path, { everySteps: 1 }), watch])).rejects.toThrow(error);
      expect(seen).toEqual([]);
    }
  });

  it("says during training that the file cannot be written any more", async () => {
    const place = newPath();
    mkdirSync(place);
    const path = join(place, "log");
    const lose: Callback = { onEpochEnd: () => rmSync(place, { recursive: true }) };
    await expect(train([create(path), lose])).rejects.toThrow(OutputError);
  });

  it.skipIf(process.platform !== "linux")(
    "writes to what is no regular file, and says that a disk is full",
    async () => {
      await train([create("/dev/null"), create("/dev/null", { everySteps: 1 })]);
      const full = new OutputError("/dev/full cannot be written: the disk is full; name another place.");
      await expect(train([create("/dev/full")])).rejects.toThrow(full);
      await expect(train([create("/dev/full", { everySteps: 1 })])).rejects.toThrow(full);
    },
  );

  it("refuses other arguments", () => {
    expect(() => create(3 as never)).toThrow(
      new InvalidArgumentError(
        `Expected the path of a file for the first argument of ${name} but received 3.`,
      ),
    );
    expect(() => create("")).toThrow(InvalidArgumentError);
    expect(() => create("log", { everySteps: 0 })).toThrow(
      new InvalidArgumentError("Expected a whole number of at least 1 for everySteps but received 0."),
    );
  });
});

/** Calls the hooks of steps as `fit` does, in a training that begins with one of them. */
async function steps(callback: Callback, first: number, last: number) {
  const step: number[] = [];
  const contextOf = (at: number) => ({ epoch: 1, step: at, learningRate: 0.1, loss: at / 100 }) as never;
  callback.onTrainBegin?.(contextOf(first - 1));
  for (let at = first; at <= last; at++) {
    callback.onStepEnd?.(contextOf(at));
    if (at % 2 === 0) step.push(at);
  }
  await callback.onEpochEnd?.(contextOf(last));
  return { step };
}
