import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { encodeIdxHeader } from "../../src/formats/idx.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { dense } from "../../src/nn/specification.js";
import { saveModel } from "../../src/training/model-file.js";
import { writeSparseFile } from "../support/sparse-file.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli } from "./harness.js";

const folder = temporaryFolder();
const SIDE = 512;
const COUNT = (640 * 2 ** 20) / SIDE ** 2;

it("predict --batch takes a file of 640 MiB in less than 300 MiB", async ({ skip }) => {
  const images = join(folder, "images");
  const fault = writeSparseFile(
    images,
    encodeIdxHeader("images", [COUNT, SIDE, SIDE]),
    16 + COUNT * SIDE ** 2,
  );
  if (fault !== null) skip(fault);
  const model = join(folder, "model.safetensors");
  const layers = [SIDE ** 2, dense(2, "softmax")] as const;
  await saveModel(model, new MultilayerPerceptron({ layers, backend: createJavaScriptBackend() }), {
    imageShape: JSON.stringify([SIDE, SIDE]),
  });
  const tell = 'process.on("exit", () => console.error(process.resourceUsage().maxRSS));';
  const { status, stdout, stderr } = await cli(["predict", model, "--batch", images, "--format", "csv"], {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}`,
  });
  rmSync(images);
  expect([status, stderr]).toEqual([0, expect.stringMatching(/^\d+\n$/)]);
  expect(stdout.split("\n")).toHaveLength(COUNT + 2);
  const megabytes = Number(stderr) / 1024;
  expect(megabytes).toBeLessThan(300);
  console.info(`Predicting 640 MiB took ${Math.round(megabytes)} MiB at most.`);
});
