import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadAddon } from "../../src/backend/addon.js";
import { encodeIdxHeader } from "../../src/formats/idx.js";
import { copyCompiled, run } from "../support/compiled.js";
import { writeSparseFile } from "../support/sparse-file.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const images = join(folder, "images");
const labels = join(folder, "labels");
const PIXELS = 28 * 28;
const COUNT = Math.ceil(2 ** 32 / PIXELS);

/** As many images as make 1 GiB: enough to see that memory does not grow with what was read. */
const ENOUGH = Math.ceil(2 ** 30 / PIXELS);

it("a network is trained on a file of 4 GiB in less than 500 MiB", async ({ skip }) => {
  const size = 16 + COUNT * PIXELS;
  const fault = writeSparseFile(images, encodeIdxHeader("images", [COUNT, 28, 28]), size);
  if (fault !== null) skip(fault);
  const classes = Uint8Array.from({ length: COUNT }, (_, row) => row % 2);
  writeFileSync(labels, Buffer.concat([encodeIdxHeader("labels", [COUNT]), classes]));

  const main = copyCompiled("index.ts", join(folder, "compiled"));
  const { addon, info } = { info: { path: "" }, ...loadAddon() };
  const program = `
    process.env.MNIST_NATIVE_ADDON = ${JSON.stringify(info.path)};
    const { datasetStream, evaluate, fit, MultilayerPerceptron, openIdxWindows, selectBackend, stratifiedSplit } =
      await import(${JSON.stringify(main)});
    const windows = await openIdxWindows(${JSON.stringify({ images, labels })});
    const { train, test } = stratifiedSplit(windows.labels, { testSize: 1000, seed: 1 });
    const backend = selectBackend({ backend: ${JSON.stringify(addon === null ? "js" : "native")} });
    const network = new MultilayerPerceptron({ layers: [${PIXELS}, 4, 2], backend });
    const enough = new AbortController();
    let trained = 0;
    await fit(network, datasetStream(windows, train), {
      signal: enough.signal,
      onProgress: ({ examples }) => {
        trained = examples;
        if (examples >= ${ENOUGH}) enough.abort("enough");
      },
    }).catch((error) => {
      if (error.cause !== "enough") throw error;
    });
    const { count } = await evaluate(network, datasetStream(windows, test.filter((row) => row > 5e6)));
    await windows.close();
    const megabytes = process.resourceUsage().maxRSS / 1024;
    console.error(JSON.stringify({ trained, trainCount: train.length, count, megabytes }));
  `;
  const { code, errors } = await run(program).ended;
  expect([code, errors]).toEqual([0, expect.stringMatching(/^\{.*\}\n$/)]);
  const { trained, trainCount, count, megabytes } = JSON.parse(errors);
  expect(trainCount).toBe(COUNT - 1000);
  expect(trained).toBeGreaterThanOrEqual(ENOUGH);
  expect(trained).toBeLessThan(1.1 * ENOUGH);
  expect(count).toBeGreaterThan(0); // Rows of the last part of the file.
  expect(megabytes).toBeLessThan(500);
  console.info(`Training on 4 GiB took ${Math.round(megabytes)} MiB at most.`);
});
