import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { OutputError } from "../../../src/errors.js";
import { tensorBoard } from "../../../src/interchange/tensorboard/tensorboard.js";
import { LBFGS } from "../../../src/optim/lbfgs.js";
import { toArray } from "../../../src/tensor/tensor.js";
import type { Callback } from "../../../src/training/callback.js";
import { checkpointing } from "../../../src/training/callbacks/checkpointing.js";
import { decodeCheckpoint } from "../../../src/training/checkpoint-file.js";
import { fit } from "../../../src/training/fit.js";
import { predict } from "../../../src/training/predict.js";
import { describeOnEveryBackend } from "../../support/backends.js";
import { sameBytes } from "../../support/guarded-memory.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { canDecode, decodeHyperparameters, eventFiles, pointsOf, readEvents } from "./board-reader.js";
import { ALL, make, run, STEPS, stepsOf, train, validation } from "./board-runs.js";

const root = temporaryFolder();
function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

describe("tensorBoard", () => {
  describeOnEveryBackend((create) => {
    it("changes no bit of the result", async () => {
      const [plain, watched] = [make(create()), make(create())];
      const { epochs } = await run(plain, []);
      const seen = await run(watched, [tensorBoard(join(root, create().name), ALL)]);
      const figures = ({ trainLoss, validLoss, validAccuracy }: (typeof epochs)[number]) => [
        trainLoss,
        validLoss,
        validAccuracy,
      ];
      expect(seen.epochs.map(figures)).toEqual(epochs.map(figures));
      for (const [i, { value }] of watched.parameters.entries()) {
        expect(
          sameBytes(
            toArray(value),
            toArray((plain.parameters[i] as (typeof watched.parameters)[number]).value),
          ),
        ).toBe(true);
      }
    });
  });

  it("asks for the gradients of an epoch's last steps alone", async () => {
    const asked: number[] = [];
    const { readsGradients, ...board } = tensorBoard(join(root, "asked"), { everyEpochs: 2 });
    const question = readsGradients as Exclude<Callback["readsGradients"], boolean | undefined>;
    const spy: Callback = {
      ...board,
      readsGradients(context) {
        const answer = question(context);
        if (answer) asked.push(context.step + 1);
        return answer;
      },
    };
    await run(make(), [spy], { epochs: 5, batchSize: 3 });
    // 15 steps an epoch; the first, the second, the fourth and the last.
    expect(asked).toEqual([14, 15, 29, 30, 59, 60, 74, 75]);
  });
});

describe.skipIf(!canDecode)("what tensorBoard writes", () => {
  it("is every figure at its step, the numbers as they are, and the mistakes", async () => {
    const folder = join(root, "all");
    const network = make();
    const gradients: number[][] = [];
    const watch: Callback = {
      onStepEnd: ({ step }) => {
        if (step % STEPS === 0)
          gradients.push(network.trainable.map(({ gradient }) => sum(toArray(gradient))));
      },
    };
    const { epochs } = await run(network, [tensorBoard(folder, ALL), watch], { metrics: ["f1Macro"] });
    const points = pointsOf(readEvents(folder));
    const scalars = (tag: string) =>
      (points.get(tag) ?? []).map(({ step, value }) => [step, value.simpleValue]);
    const ends = epochs.map(({ step }) => step);
    expect(ends).toEqual([5, 10, 15]);
    const figures = {
      "loss/train": epochs.map(({ trainLoss }) => trainLoss),
      "accuracy/train": epochs.map(({ trainAccuracy }) => trainAccuracy),
      "f1Macro/train": epochs.map(({ trainMetrics }) => trainMetrics?.f1Macro),
      "loss/validation": epochs.map(({ validLoss }) => validLoss),
      "accuracy/validation": epochs.map(({ validAccuracy }) => validAccuracy),
      "f1Macro/validation": epochs.map(({ validMetrics }) => validMetrics?.f1Macro),
      "training/epochSeconds": epochs.map(({ seconds }) => seconds),
      "training/examplesPerSecond": epochs.map(({ seconds }) => 45 / seconds),
    };
    for (const [tag, values] of Object.entries(figures)) {
      expect(scalars(tag), tag).toEqual(values.map((value, i) => [ends[i], Math.fround(value as number)]));
    }
    expect(scalars("loss/step").map(([step]) => step)).toEqual([2, 4, 6, 8, 10, 12, 14]);
    // Once at each step, also where an epoch ends.
    expect(scalars("training/learningRate")).toEqual(
      [2, 4, 5, 6, 8, 10, 12, 14, 15].map((step) => [step, Math.fround(0.2)]),
    );

    for (const [i, { name, value }] of network.parameters.entries()) {
      const weights = points.get(`weights/${name}`) ?? [];
      expect(weights.map(({ step }) => step)).toEqual(ends);
      const numbers = [...toArray(value)];
      const { min, max, num, bucket } = weights.at(-1)?.value.histo ?? { bucket: [] };
      expect([min ?? 0, max ?? 0, num]).toEqual([Math.min(...numbers), Math.max(...numbers), numbers.length]);
      expect(sum(bucket)).toBe(numbers.length);
      const found = (points.get(`gradients/${name}`) ?? []).map(({ step, value: { histo } }) => [
        step,
        histo?.sum ?? 0,
      ]);
      expect(found).toEqual(gradients.map((sums, epoch) => [ends[epoch], sums[i]]));
    }

    const { classes } = await predict(network, validation);
    const mistakes = [...points].filter(([tag, of]) => tag.startsWith("mistakes/") && of.at(-1)?.step === 15);
    expect(mistakes).toHaveLength(4);
    for (const [tag, of] of mistakes) {
      const [, label, predicted] = /^mistakes\/true (\d), predicted (\d)$/.exec(tag) ?? [];
      const png = decode(of.at(-1)?.value.image?.encodedImageString as Uint8Array);
      const shown = [...png.data].map((ink) => 255 - ink);
      const position = [...classes.keys()].find((place) => {
        const pixels = validation.features.data.subarray(place * 36, (place + 1) * 36);
        return shown.every((pixel, j) => pixel === pixels[j]);
      }) as number;
      expect([validation.targets.labels[position], classes[position]]).toEqual([
        Number(label),
        Number(predicted),
      ]);
    }

    const [start, end] = ["start", "end"].map((kind) => {
      const value = points.get(`_hparams_/session_${kind}_info`)?.[0]?.value;
      return decodeHyperparameters(value as NonNullable<typeof value>);
    });
    expect(start?.sessionStartInfo?.hparams).toEqual({
      learningRate: { numberValue: 0.2 },
      optimizer: { stringValue: "sgd" },
      nesterov: { boolValue: false },
    });
    expect(end?.sessionEndInfo?.status).toBe(1);
  });

  it("shows of the mistakes of a kind the one that the network is surest of", async () => {
    const folder = join(root, "surest");
    const network = make();
    await run(network, [tensorBoard(folder, { validation, images: 100 })], { epochs: 1 });
    const { classes, activations } = await predict(network, validation);
    const surest = new Map<string, number>();
    for (const [i, predicted] of classes.entries()) {
      const label = validation.targets.labels[i];
      const tag = `mistakes/true ${label}, predicted ${predicted}`;
      const sureness = activations[i * 5 + predicted] as number;
      if (label !== predicted) surest.set(tag, Math.max(sureness, surest.get(tag) ?? 0));
    }
    const order = [...surest].sort(([, a], [, b]) => b - a).map(([tag]) => tag);
    const tags = [...pointsOf(readEvents(folder)).keys()].filter((tag) => tag.startsWith("mistakes/"));
    expect(tags).toEqual(order);
  });

  it("has a name by which TensorBoard knows it", async () => {
    const folder = join(root, "named", "run");
    await run(make(), [tensorBoard(folder)], { epochs: 1 });
    const host = hostname().replaceAll(/[^\w.-]/g, "_");
    expect(readdirSync(folder)).toEqual([
      expect.stringMatching(new RegExp(`^events\\.out\\.tfevents\\.\\d{10}\\.${host}\\.mnist-native$`)),
    ]);
  });

  it("is whole after each epoch, while the training goes on", async () => {
    const folder = join(root, "meanwhile");
    const seen: (readonly number[] | undefined)[] = [];
    await run(make(), [
      tensorBoard(folder),
      { onEpochEnd: () => void seen.push(stepsOf(folder)["loss/train"]) },
    ]);
    expect(seen).toEqual([[5], [5, 10], [5, 10, 15]]);
  });

  it("goes on in a new file where a training is resumed, without what came after that point", async () => {
    const folder = join(root, "resumed");
    const whole = join(root, "whole");
    await run(make(), [tensorBoard(whole, ALL)]);
    const saved: Uint8Array[] = [];
    const keep: Callback = { onCheckpoint: (context) => void saved.push(context.encodeCheckpoint()) };
    const backend = createJavaScriptBackend();
    await run(make(backend), [tensorBoard(folder, ALL), keep]);
    const others = (steps: ReturnType<typeof stepsOf>) =>
      Object.fromEntries(Object.entries(steps).filter(([tag]) => !/^(mistakes|_hparams)/.test(tag)));
    const expected = others(stepsOf(whole));
    // From within an epoch, from its last step, whose evaluation is made again, and from its end.
    for (const at of [2, 7, 8, 14, 15]) {
      const checkpoint = decodeCheckpoint(saved[at] as Uint8Array, { backend });
      const before = eventFiles(folder);
      await run(make(backend), [tensorBoard(folder, ALL), checkpointing({ write: async () => {} })], {
        resume: checkpoint,
      });
      const after = eventFiles(folder);
      expect(after.slice(0, -1)).toEqual(before);
      expect(others(stepsOf(folder)), `from checkpoint ${at}`).toEqual(expected);
    }
  });

  it("has the epochs before, where a training was begun without it", async () => {
    const folder = join(root, "late");
    const backend = createJavaScriptBackend();
    let saved = new Uint8Array();
    const keep: Callback = {
      onCheckpoint(context) {
        if (context.at === "epoch" && context.epoch === 2) saved = new Uint8Array(context.encodeCheckpoint());
      },
    };
    await run(make(backend), [keep]);
    const network = make(backend);
    await run(network, [tensorBoard(folder)], { resume: decodeCheckpoint(saved, { backend }) });
    expect(stepsOf(folder)["loss/validation"]).toEqual([5, 10, 15]);
  });

  it("replaces what an earlier training has written, and leaves other programs' files", async () => {
    const folder = join(root, "replaced");
    await run(make(), [tensorBoard(folder)], { epochs: 2 });
    const [first] = eventFiles(folder);
    writeFileSync(join(folder, "events.out.tfevents.9000000000.other"), "");
    await run(make(), [tensorBoard(folder)], { epochs: 1 });
    const files = eventFiles(folder);
    expect(files).toEqual([
      "events.out.tfevents.9000000000.other",
      expect.stringContaining("tfevents.9000000001."),
    ]);
    expect(files).not.toContain(first);
    expect(stepsOf(folder)["loss/train"]).toEqual([5]);
  });

  it("has no steps of L-BFGS, and the gradients after its epochs", async () => {
    const folder = join(root, "lbfgs");
    const { epochs } = await fit(make(), train, {
      epochs: 2,
      optimizer: new LBFGS(),
      callbacks: [tensorBoard(folder, { everySteps: 1 })],
    });
    const steps = stepsOf(folder);
    const ends = epochs.map(({ step }) => step);
    expect(Object.keys(steps).filter((tag) => /step|Rate|validation/.test(tag))).toEqual([]);
    expect([steps["loss/train"], steps["gradients/layers.0.weight"]]).toEqual([ends, ends]);
  });

  it("has some twenty histograms and ten images of a long training, and the curves of every epoch", async () => {
    const folder = join(root, "long");
    // So slow that the mistakes are the same all the time.
    await run(make(), [tensorBoard(folder, { validation })], { epochs: 50, learningRate: 1e-6 });
    const steps = stepsOf(folder);
    const every = (rhythm: number) =>
      [...Array(50).keys()]
        .map((epoch) => epoch + 1)
        .filter((epoch) => epoch === 1 || epoch % rhythm === 0 || epoch === 50)
        .map((epoch) => epoch * STEPS);
    expect(steps["weights/layers.0.weight"]).toEqual(every(3));
    expect(steps["gradients/layers.0.weight"]).toEqual(every(3));
    expect(steps["loss/train"]).toEqual(every(1));
    const images = Object.entries(steps).filter(([tag]) => tag.startsWith("mistakes/"));
    expect(images.length).toBeGreaterThan(0);
    for (const [tag, own] of images) expect(own, tag).toEqual(every(5));
  });

  it("leaves out histograms where none are wanted, and gradients of what is frozen", async () => {
    const [none, frozen] = [join(root, "none"), join(root, "frozen")];
    await run(make(), [tensorBoard(none, { histograms: false })]);
    expect(Object.keys(stepsOf(none)).filter((tag) => /^(weights|gradients)/.test(tag))).toEqual([]);
    const network = make();
    network.freeze("layers.0");
    await run(network, [tensorBoard(frozen)]);
    const tags = Object.keys(stepsOf(frozen));
    expect(tags).toContain("weights/layers.0.weight");
    expect(tags.filter((tag) => tag.startsWith("gradients"))).toEqual([
      "gradients/layers.1.weight",
      "gradients/layers.1.bias",
    ]);
  });

  it("begins again in a folder that somebody has removed", async () => {
    const folder = join(root, "removed");
    const remove: Callback = {
      onEpochEnd({ epoch }) {
        if (epoch === 1) rmSync(folder, { recursive: true });
      },
    };
    await run(make(), [tensorBoard(folder), remove]);
    expect(readEvents(folder)[0]?.fileVersion).toBe("brain.Event:2");
    expect(stepsOf(folder)["loss/train"]).toEqual([10, 15]);
  });

  it("says what cannot be written: in the beginning, and later, where it comes as soon as it can be", async () => {
    const file = join(root, "file");
    writeFileSync(file, "");
    await expect(run(make(), [tensorBoard(join(file, "run"), { onError() {} })])).rejects.toThrow(
      OutputError,
    );

    const folder = join(root, "lost");
    const errors: Error[] = [];
    const lose = (from: number, until: number): Callback => ({
      onEpochEnd({ epoch }) {
        if (epoch === from) {
          rmSync(folder, { recursive: true });
          writeFileSync(folder, "");
        }
        if (epoch === until) rmSync(folder);
      },
    });
    await run(make(), [tensorBoard(folder, { onError: (error) => errors.push(error) }), lose(1, 2)]);
    expect(errors).toEqual([expect.any(OutputError)]);
    expect(errors[0]?.message).toMatch(/lost.* cannot be written: .*; name another place\.$/);
    expect(stepsOf(folder)["loss/train"]).toEqual([10, 15]);
    await expect(run(make(), [tensorBoard(folder), lose(1, 9)])).rejects.toThrow(OutputError);
  });
});
