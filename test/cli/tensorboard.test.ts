import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  canDecode,
  decodeHyperparameters,
  pointsOf,
  readEvents,
} from "../interchange/tensorboard/board-reader.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { resultOf } from "./run-results.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const board = join(folder, "board");
const SMALL = ["train", "--data-dir", data, "--backend", "js", "--hidden", "4", "--epochs", "2"];
/** Of 1,100 images in minibatches of 100. */
const STEPS = 11;
const train = async (name: string, ...args: string[]) => {
  const out = join(folder, name);
  const stdout = expectSuccess(await cli([...SMALL, "--out", out, ...args]));
  return { out, stdout };
};
const stepsOf = (run: string, tag: string) =>
  pointsOf(readEvents(join(board, run)))
    .get(tag)
    ?.map(({ step }) => step);

describe("train --tensorboard", () => {
  it("writes each run into a folder of its name, and changes neither the run nor its settings", async () => {
    const { out, stdout } = await train("watched", "--tensorboard", board);
    expect(stdout).toContain(`\nTensorBoard: tensorboard --logdir ${board}\n`);
    const plain = await train("plain");
    expect(await resultOf(out)).toEqual(await resultOf(plain.out));
    expect(readdirSync(join(board, "watched"))).toEqual([expect.stringMatching(/^events\.out\.tfevents\./)]);
  });

  it("prints nothing of it where one JSON document is asked for, and calls a run without a folder by its time", async () => {
    const place = join(folder, "unnamed");
    const args = [...SMALL, "--json", "--tensorboard", place];
    JSON.parse(expectSuccess(await cli(args)));
    JSON.parse(expectSuccess(await cli(args)));
    const name = expect.stringMatching(/^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(-2)?$/);
    expect(readdirSync(place)).toEqual([name, name]);
  });

  it.skipIf(!canDecode)(
    "has curves, histograms, mistakes and the settings, and goes on with a run",
    async () => {
      const { out } = await train("longer", "--tensorboard", board, "--momentum", "0.5");
      const ends = [STEPS, 2 * STEPS];
      for (const tag of [
        "loss/train",
        "accuracy/validation",
        "weights/layers.0.weight",
        "gradients/layers.1.bias",
      ]) {
        expect(stepsOf("longer", tag), tag).toEqual(ends);
      }
      const points = pointsOf(readEvents(join(board, "longer")));
      expect([...points.keys()].some((tag) => /^mistakes\/true \d, predicted \d$/.test(tag))).toBe(true);
      const start = points.get("_hparams_/session_start_info")?.[0]?.value;
      expect(
        decodeHyperparameters(start as NonNullable<typeof start>).sessionStartInfo?.hparams,
      ).toMatchObject({
        network: { stringValue: "784-4-10" },
        activation: { stringValue: "sigmoid" },
        optimizer: { stringValue: "sgd" },
        learningRate: { numberValue: 0.1 },
        momentum: { numberValue: 0.5 },
        weightDecay: { numberValue: 0 },
        batchNormalization: { boolValue: false },
        schedule: { stringValue: "constant" },
        augment: { stringValue: "none" },
        batchSize: { numberValue: 100 },
      });
      const more = ["train", "--resume", out, "--epochs", "3", "--tensorboard", board];
      expectSuccess(await cli(more));
      expect(stepsOf("longer", "loss/validation")).toEqual([...ends, 3 * STEPS]);
    },
  );

  it.skipIf(!canDecode)("of a table has no images, and of a cosine its learning rates", async () => {
    const table = join(folder, "table.csv");
    const rows = Array.from({ length: 60 }, (_, i) => `${i},${i % 7},${i % 2 === 0 ? "even" : "odd"}`);
    writeFileSync(table, `a,b,kind\n${rows.join("\n")}\n`);
    const network = ["--hidden", "3", "--epochs", "2", "--schedule", "cosine", "--backend", "js"];
    const args = ["--table", table, "--target-column", "kind", "--task", "classify", ...network];
    expectSuccess(await cli(["train", ...args, "--out", join(folder, "table"), "--tensorboard", board]));
    const tags = [...pointsOf(readEvents(join(board, "table"))).keys()];
    expect(tags).toEqual(expect.arrayContaining(["accuracy/validation", "training/learningRate"]));
    expect(tags.filter((tag) => tag.startsWith("mistakes"))).toEqual([]);
  });

  it("replaces what another run wrote by --force alone, and stands in the run's own folder where that is asked for", async () => {
    mkdirSync(join(folder, "other"));
    const { out } = await train("mine", "--tensorboard", folder);
    expect(readdirSync(out).some((name) => name.includes("tfevents"))).toBe(true);
    await resultOf(out);
    const elsewhere = ["--out", join(folder, "other", "mine"), "--tensorboard", folder];
    expectFault(
      await cli([...SMALL, ...elsewhere]),
      1,
      /mine holds what another run wrote for TensorBoard; name another folder, or pass --force to replace that\.\n/,
    );
    expect(existsSync(join(folder, "other", "mine"))).toBe(false);
    expectSuccess(await cli([...SMALL, ...elsewhere, "--force"]));
    expect(readdirSync(out).filter((name) => name.includes("tfevents"))).toHaveLength(1);
  });

  it("says where it cannot write before it trains, and makes no run then", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const out = join(folder, "never");
    expectFault(await cli([...SMALL, "--out", out, "--tensorboard", file]), 1, /file.* cannot be written: /);
    expect(existsSync(out)).toBe(false);
  });
});
