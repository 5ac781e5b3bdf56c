// Loaded before `train` (runs.mjs): after the first step reports on file descriptor 3 when that was, by the clock that all processes
// share, and ends the process. It imports only what the run imports anyway.
import { writeSync } from "node:fs";
import { MultilayerPerceptron } from "../../dist/nn/mlp.js";

const { trainStep } = MultilayerPerceptron.prototype;
MultilayerPerceptron.prototype.trainStep = function (...args) {
  trainStep.apply(this, args);
  writeSync(3, String(process.hrtime.bigint()));
  process.exit(0);
};
