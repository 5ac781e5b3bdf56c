import { expect, it } from "vitest";
import { parseMetrics } from "../../src/runs/metrics-file.js";

it("reads the metrics of very many epochs in pieces, between which others have their turn", async () => {
  const count = 20_000;
  const set = { loss: 0.5, accuracy: 0.25 };
  const lines = Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      epoch: i + 1,
      step: i + 1,
      learningRate: 0.1,
      seconds: 1,
      train: set,
      validation: set,
    }),
  );
  let turns = 0;
  let isOver = false;
  const other = () => {
    turns++;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  const metrics = await parseMetrics(`${lines.join("\n")}\n`, "metrics.jsonl");
  isOver = true;
  expect(metrics).toHaveLength(count);
  expect(metrics.at(-1)).toMatchObject({ epoch: count, trainLoss: 0.5, validAccuracy: 0.25 });
  expect(turns).toBeGreaterThan(4);
});
