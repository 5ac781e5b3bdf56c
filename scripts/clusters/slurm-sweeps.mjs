// Sweeps of small trainings, run by the command line.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeData } from "../kills/data.mjs";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Writes the configurations of sweeps into a folder, and tells their paths by name. */
export function writeSweeps(folder) {
  const { mnist } = writeData(folder);
  const train = (epochs) => ({ dataDir: mnist, hidden: [100], batchSize: 20, epochs });
  const learningRate = { values: [0.02, 0.05, 0.1, 0.2, 0.4] };
  const sweeps = {
    // 20 trials.
    grid: { train: train(20), parameters: { learningRate }, seeds: [1, 2, 3, 4] },
    // Rungs of 9, 3 and 1 trials with 1, 3 and 9 epochs.
    halving: {
      train: train(9),
      parameters: { learningRate: { distribution: "logUniform", min: 0.001, max: 1 } },
      search: { type: "random", trials: 9, seed: 2 },
      halving: { type: "synchronous", minEpochs: 1, factor: 3 },
    },
    long: { train: { ...train(700), hidden: [300, 100] }, parameters: { learningRate: { values: [0.1] } } },
    asynchronous: {
      train: train(9),
      parameters: { learningRate },
      halving: { type: "asynchronous", minEpochs: 1, factor: 3 },
    },
  };
  return Object.fromEntries(
    Object.entries(sweeps).map(([name, sweep]) => {
      const path = join(folder, `${name}.json`);
      writeFileSync(path, JSON.stringify(sweep));
      return [name, path];
    }),
  );
}

/**
 * Starts a command of the command line.
 *
 * @returns Its process, `ended` with its exit code and what it printed, and `text()`, what it has printed until now.
 */
export function startCommand(env, ...args) {
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (piece) => {
      text += piece;
    });
  }
  const ended = once(child, "close").then(([code]) => ({ code, text }));
  return {
    child,
    ended,
    text: () => text,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
  };
}
