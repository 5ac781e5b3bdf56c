// A sweep of small trainings on a table that is made up.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RandomState } from "../../dist/random/random-state.js";

/**
 * Writes the table and the configuration of a sweep.
 *
 * @param {string} folder
 * @param {number} trials
 * @returns {string} The configuration's path.
 */
export function writeSweep(folder, trials) {
  const random = new RandomState(7);
  const rows = Array.from({ length: 400 }, () => {
    const [x, y, z] = [0, 0, 0].map(() => random.randomSample() - 0.5);
    return [x, y, z].map((value) => value.toFixed(5)).concat(x * y > 0 ? "same" : "other");
  });
  writeFileSync(join(folder, "table.csv"), `x,y,z,sign\n${rows.map((row) => row.join(",")).join("\n")}\n`);
  const config = {
    train: {
      table: "table.csv",
      targetColumn: "sign",
      task: "classify",
      layers: [
        { type: "dense", units: 8, activation: "relu" },
        { type: "dense", units: 2, activation: "softmax" },
      ],
      loss: "crossEntropy",
      optimizer: "adam",
      batchSize: 20,
      epochs: 10,
    },
    parameters: {
      learningRate: { distribution: "logUniform", min: 1e-4, max: 1e-1 },
      "layers.0.units": { distribution: "integer", min: 2, max: 64 },
    },
    search: { type: "random", trials, seed: 5 },
  };
  const path = join(folder, "sweep.json");
  writeFileSync(path, JSON.stringify(config, null, 2));
  return path;
}
