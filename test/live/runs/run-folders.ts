import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How many epochs of how many a run has had, and whether it has come to its end. */
export interface MadeRun {
  readonly epochs?: number;
  readonly finished?: number;
  readonly summary?: object | null;
  readonly changes?: Readonly<Record<string, string>>;
}

export const SUMMARY = {
  testLoss: 0.1,
  testAccuracy: 0.9,
  testCorrect: 90,
  testCount: 100,
  seconds: 1,
  interrupted: false,
};

/** Makes the folder of a run as `train --out` does, but for the model. */
export function makeRun(
  folder: string,
  { epochs = 3, finished = 3, summary = SUMMARY, changes = {} }: MadeRun = {},
): string {
  const config = {
    dataset: "mnist",
    split: "chapter",
    layers: [784, 50, 10],
    activation: "sigmoid",
    epochs,
    batchSize: 100,
    learningRate: 0.1,
    seed: 123,
  };
  const data = { classes: 10, imageShape: [28, 28], examples: { train: 1100, validation: 100, test: 200 } };
  const files: Record<string, string> = {
    "config.json": JSON.stringify(config),
    "environment.json": JSON.stringify({ data }),
    "metrics.jsonl": metricsLines(finished),
    ...(summary !== null && { "summary.json": JSON.stringify(summary) }),
    ...changes,
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** As in metrics.jsonl. */
export function metricsLines(epochs: number): string {
  const line = (epoch: number) =>
    `${JSON.stringify({
      epoch,
      step: 11 * epoch,
      learningRate: 0.1,
      seconds: 0.5,
      train: { loss: 1 / epoch, accuracy: 0.5 },
      validation: { loss: 1 / epoch, accuracy: 0.4 },
    })}\n`;
  return Array.from({ length: epochs }, (_, i) => line(i + 1)).join("");
}
