import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addonPaths, loadAddon } from "../../src/backend/addon.js";
import { bundleOf, copyCompiled, run } from "../support/compiled.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const loaded = loadAddon();
const nativeSkipReason = loaded.addon === null ? loaded.reason : undefined;
const addon = loaded.addon === null ? addonPaths()[0] : loaded.info.path;
// The compiled copy has no addon beside it.
const folder = join(temporaryFolder(), "compiled");
const index = copyCompiled("index.ts", folder);

/**
 * A worker that trains on made-up pixels. Layers and batches are large enough for the work to be split over two threads.
 */
const WORKER = `
  import { parentPort, workerData } from "node:worker_threads";
  const { createDataset, fit, MultilayerPerceptron, selectBackend } = await import(workerData.index);
  const count = 600;
  const images = Uint8Array.from({ length: count * 784 }, (_, i) => (i * 7919) % 256);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  const data = createDataset({ images, labels, imageShape: [28, 28], classes: 10 });
  const backend = selectBackend({ backend: "native", threads: 2 });
  const network = new MultilayerPerceptron({ layers: [784, 100, 10], seed: 1, backend });
  parentPort.postMessage("ready");
  await fit(network, data, { epochs: workerData.epochs, batchSize: 100, learningRate: 0.1 });
  parentPort.postMessage({ weight: network.layers[0].weight.data[0] });
`;

/** A hundred workers take their time on a busy machine. */
const LONG = { timeout: 240_000 };

const PRELUDE = `
  import { once } from "node:events";
  import { Worker } from "node:worker_threads";
  process.env.MNIST_NATIVE_ADDON = ${JSON.stringify(addon)};
  const url = new URL("data:text/javascript," + encodeURIComponent(${JSON.stringify(WORKER)}));
  const start = (epochs, index = ${JSON.stringify(index)}) => {
    const worker = new Worker(url, { workerData: { index, epochs } });
    worker.on("error", (error) => { console.error(error); process.exit(1); });
    return worker;
  };
`;

describe.skipIf(nativeSkipReason !== undefined)(
  nativeSkipReason === undefined ? "in worker threads" : `in worker threads, skipped: ${nativeSkipReason}`,
  () => {
    it("several train at once, with equal results, and the process ends", async () => {
      const { ended } = run(`${PRELUDE}
        const results = await Promise.all([1, 2, 3, 4].map(() => new Promise((resolve) => {
          start(2).on("message", (message) => { if (message !== "ready") resolve(message.weight); });
        })));
        if (results.some((weight) => !Number.isFinite(weight) || weight !== results[0])) throw new Error(results.join());
      `);
      expect(await ended).toEqual({ code: 0, errors: "" });
    });

    it("a hundred are terminated in the middle of training, and the process ends", LONG, async () => {
      const names = ["createDataset", "fit", "MultilayerPerceptron", "selectBackend"];
      const bundle = JSON.stringify(await bundleOf(names, folder));
      const { ended } = run(`${PRELUDE}
        for (let round = 0; round < 25; round++) {
          const workers = [1, 2, 3, 4].map(() => start(1_000_000, ${bundle}));
          await Promise.all(workers.map((worker) => once(worker, "message")));
          await new Promise((resolve) => setTimeout(resolve, 5 * (round % 6)));
          await Promise.all(workers.map((worker) => worker.terminate()));
        }
      `);
      expect(await ended).toEqual({ code: 0, errors: "" });
    });

    it("a worker with another kernel set leaves that of the main thread alone", async () => {
      const { ended } = run(`
        import { once } from "node:events";
        import { Worker } from "node:worker_threads";
        process.env.MNIST_NATIVE_ADDON = ${JSON.stringify(addon)};
        const { selectBackend } = await import(${JSON.stringify(index)});
        const sets = () => selectBackend({ backend: "native" }).kernelSet;
        const product = () => {
          const a = Float32Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i));
          const c = new Float32Array(64 * 64);
          selectBackend({ backend: "native" }).gemm({ transposeA: false, transposeB: false, m: 64, n: 64, k: 64, lda: 64, ldb: 64, ldc: 64,
            alpha: 1, a, b: a.slice(), beta: 0, c, bias: null, activation: "identity" });
          return c.join();
        };
        const before = sets();
        const first = product();
        const worker = new Worker(new URL("data:text/javascript," + encodeURIComponent(
          "import { parentPort, workerData } from 'node:worker_threads';" +
          "const { selectBackend } = await import(workerData);" +
          "parentPort.postMessage(selectBackend({ backend: 'native' }).kernelSet);")),
          { workerData: ${JSON.stringify(index)}, env: { ...process.env, MNIST_NATIVE_CPU: "baseline" } });
        const [theirs] = await once(worker, "message");
        const meanwhile = product();
        await worker.terminate();
        if (theirs !== "baseline" || sets() !== before || meanwhile !== first || product() !== first) throw new Error([theirs, before, sets()].join());
      `);
      expect(await ended).toEqual({ code: 0, errors: "" });
    });

    it("the process may exit while workers train", async () => {
      const { ended } = run(`${PRELUDE}
        const workers = [1, 2].map(() => start(1_000_000));
        await Promise.all(workers.map((worker) => once(worker, "message")));
        setTimeout(() => process.exit(7), 20);
      `);
      expect(await ended).toEqual({ code: 7, errors: "" });
    });
  },
);
