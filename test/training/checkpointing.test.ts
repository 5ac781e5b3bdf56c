import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { InvalidArgumentError, OutputError } from "../../src/errors.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import type { Callback } from "../../src/training/callback.js";
import { type CheckpointingOptions, checkpointing } from "../../src/training/callbacks/checkpointing.js";
import { decodeCheckpoint, loadCheckpoint } from "../../src/training/checkpoint-file.js";
import { fit } from "../../src/training/fit.js";
import type { TrainingAbortedError } from "../../src/training/training-aborted-error.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { quarters } from "./datasets.js";

const data = quarters(40);
const folder = temporaryFolder();
/** Minibatches of an epoch. */
const STEPS = 4;

/** What was written: `last 2.3` after the third step of the second epoch, `best 2` after that epoch. */
interface Written {
  readonly log: string[];
  readonly write: (name: string, bytes: Uint8Array) => Promise<void>;
}

/** @param writing Milliseconds that a write takes. */
function recorder(writing = 0, fails: (count: number) => boolean = () => false): Written {
  const log: string[] = [];
  let count = 0;
  return {
    log,
    async write(name, bytes) {
      vi.setSystemTime(Date.now() + writing);
      count += 1;
      if (fails(count)) throw new OutputError(`Write ${count} failed.`);
      const { epoch, isWithinEpoch, batches } = decodeCheckpoint(bytes).state;
      log.push(`${name.replace(".safetensors", "")} ${epoch}${isWithinEpoch ? `.${batches}` : ""}`);
    },
  };
}

interface Trial {
  readonly options?: Partial<CheckpointingOptions>;
  readonly epochs?: number;
  /** Milliseconds that a step takes. */
  readonly step?: number;
  readonly more?: Callback;
  readonly signal?: AbortSignal;
}

async function trainWith({ write }: Written, { options, epochs = 3, step = 0, more, signal }: Trial) {
  const clock: Callback = {
    onStepBegin: () => {
      vi.setSystemTime(Date.now() + step);
    },
  };
  return fit(new MultilayerPerceptron({ layers: [16, 3, 4] }), data, {
    epochs,
    batchSize: 10,
    callbacks: [clock, ...(more ? [more] : []), checkpointing({ write, ...options })],
    ...(signal && { signal }),
  });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  // Both clocks go together.
  const start = Date.now();
  vi.spyOn(performance, "now").mockImplementation(() => Date.now() - start);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("checkpoints are written", () => {
  it("at the end alone where all goes within a second", async () => {
    const written = recorder();
    await trainWith(written, { epochs: 9 });
    expect(written.log).toEqual(["best 9", "last 9"]);
  });

  it("after an epoch once a second has passed", async () => {
    const written = recorder();
    await trainWith(written, { epochs: 9, step: 100 }); // 0.4 s an epoch
    expect(written.log.filter((line) => line.startsWith("last"))).toEqual(["last 3", "last 6", "last 9"]);
  });

  it("within long epochs every so many seconds", async () => {
    const written = recorder();
    await trainWith(written, { epochs: 2, step: 11_000 });
    expect(written.log).toEqual(["last 1.3", "best 1", "last 1", "last 2.3", "best 2", "last 2"]);
    const often = recorder();
    await trainWith(often, { epochs: 1, step: 11_000, options: { everySeconds: 10 } });
    expect(often.log).toEqual(["last 1.1", "last 1.2", "last 1.3", "last 1.4", "best 1", "last 1"]);
  });

  it("so seldom that writing takes a tenth of the time, but for the first and the last", async () => {
    const written = recorder(2000);
    await trainWith(written, { epochs: 40, step: 300, options: { monitor: "train.loss", mode: "max" } });
    // 1.2 s an epoch, and 2 s for each file: the next 36 s are for training.
    expect(written.log).toEqual(["best 1", "last 1", "last 31.4", "last 40"]);
  });

  it("when the training stops, or is aborted after a step", async () => {
    const stopped = recorder();
    await trainWith(stopped, {
      epochs: 9,
      more: { onEpochEnd: ({ epoch, control }) => (epoch === 2 ? control.stop("enough") : undefined) },
    });
    expect(stopped.log).toEqual(["best 2", "last 2"]);
    const aborted = recorder();
    const controller = new AbortController();
    const abort = (at: number): Callback => ({
      onStepEnd: ({ step }) => (step === at ? controller.abort(new Error("enough")) : undefined),
    });
    vi.mocked(performance.now).mockImplementation(() => Date.now()); // The loop yields, and sees the signal.
    const slow = { step: 30, more: abort(STEPS + 2), signal: controller.signal };
    await expect(trainWith(aborted, slow)).rejects.toMatchObject({
      code: "ERR_TRAINING_ABORTED",
    } satisfies Partial<TrainingAbortedError>);
    expect(aborted.log).toEqual(["best 1", "last 2.2"]);
  });

  it("the best one by the figure that is asked for", async () => {
    const written = recorder();
    await trainWith(written, { step: 1000, options: { monitor: "train.loss", mode: "max" } });
    expect(written.log.filter((line) => line.startsWith("best"))).toEqual(["best 1"]);
  });
});

describe("a checkpoint that cannot be written", () => {
  it("ends the training where nobody is told", async () => {
    const written = recorder(0, (count) => count === 1);
    await expect(trainWith(written, { step: 1000 })).rejects.toThrow("Write 1 failed.");
  });

  it("is told of, the training goes on, and the next one is whole", async () => {
    const errors: string[] = [];
    const written = recorder(0, (count) => count <= 2);
    const options = { onError: (error: Error) => errors.push(error.message) };
    const { epochs } = await trainWith(written, { step: 1000, options });
    expect(epochs).toHaveLength(3);
    expect(errors).toEqual(["Write 1 failed.", "Write 2 failed."]);
    expect(written.log).toEqual(["best 3", "last 3"]);
  });
});

describe("the folder of checkpoints", () => {
  it("is made, and has both as whole files", async () => {
    const place = join(folder, "a", "b");
    const callbacks = [checkpointing({ folder: place })];
    await fit(new MultilayerPerceptron({ layers: [16, 3, 4] }), data, { epochs: 2, callbacks });
    expect(readdirSync(place).sort()).toEqual(["best.safetensors", "last.safetensors"]);
    expect((await loadCheckpoint(join(place, "last.safetensors"))).state.epoch).toBe(2);
  });

  it("is named where a file is in the way", async () => {
    writeFileSync(join(folder, "file"), "");
    const callbacks = [checkpointing({ folder: join(folder, "file") })];
    const network = new MultilayerPerceptron({ layers: [16, 3, 4] });
    await expect(fit(network, data, { epochs: 1, callbacks })).rejects.toThrow(
      /file cannot be written: a file of that name is in the way/,
    );
  });

  it.each([
    {},
    { folder: "" },
    { folder: "a", write: async () => {} },
    { folder: "a", everySeconds: 0 },
    { folder: "a", everySeconds: Number.NaN },
    { folder: "a", monitor: "train.los" },
    { folder: "a", onError: "warn" },
  ])("is refused with %o", (options) => {
    expect(() => checkpointing(options as CheckpointingOptions)).toThrow(InvalidArgumentError);
  });
});
