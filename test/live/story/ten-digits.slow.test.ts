import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { createDataset } from "../../../src/data/dataset.js";
import { prepareDigit } from "../../../src/data/readers/digit-image.js";
import { loadModel } from "../../../src/training/model-file.js";
import { predict } from "../../../src/training/predict.js";
import { cli, expectSuccess } from "../../cli/harness.js";
import { chromiumPath, launchChromium, openAddress } from "../../support/chromium.js";
import { mnistDirectory } from "../../support/mnist.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { drawWithMouse } from "./hand.js";
import { rasteriseStrokes } from "./rasterise-strokes.js";
import { serve } from "./served.js";
import { sheetOf } from "./sheet.js";
import { STROKE_SCRIPTS } from "./strokes.js";

const folder = temporaryFolder();
const run = join(folder, "run");

describe.skipIf(mnistDirectory === null)("what the preset modern learned of MNIST", () => {
  beforeAll(async () => {
    const args = ["train", "--preset", "modern", "--data-dir", mnistDirectory ?? "", "--out", run];
    expectSuccess(await cli(args, { OMP_NUM_THREADS: "2" }));
  }, 280_000);

  it.each([18, 22, 26])("tells digits that are drawn by a pen of %i pixels", async (penWidth) => {
    const digits = STROKE_SCRIPTS.map((script) => prepareDigit(rasteriseStrokes(script, penWidth), [28, 28]));
    const model = join(run, "model.safetensors");
    const { network } = await loadModel(model, { backend: createJavaScriptBackend() });
    const { classes } = await predict(
      network,
      createDataset({
        images: Uint8Array.from(digits.flatMap(({ pixels }) => [...pixels])),
        labels: Uint8Array.from(STROKE_SCRIPTS, ({ digit }) => digit),
        imageShape: [28, 28],
        classes: 10,
      }),
    );
    expect(mistaken([...classes].map(String))).toEqual([]);
  });

  it.skipIf(chromiumPath === null)("tells digits that are drawn in its page with the mouse", async () => {
    const served = await serve(["serve", "--port", "0", run], { folder });
    onTestFinished(async () => void (await served.interrupt()));
    const browser = await launchChromium({ onlyLoopback: true });
    onTestFinished(() => browser.close());
    const { page, faults } = await openAddress(browser, `${served.address}#draw`);
    const sheet = sheetOf(page);
    const answers: string[] = [];
    for (const script of STROKE_SCRIPTS) {
      await drawWithMouse(page, sheet.canvas, script);
      answers.push(await sheet.answer());
      await sheet.clear();
    }
    expect(mistaken(answers)).toEqual([]);
    expect(faults).toEqual([]);
  });
});

function mistaken(answers: readonly string[]): string[] {
  return STROKE_SCRIPTS.flatMap(({ digit, style }, i) =>
    answers[i] === String(digit) ? [] : [`${digit}, ${style}: taken for ${answers[i]}`],
  );
}
