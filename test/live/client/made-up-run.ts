import type { EpochPoint, RunDetail, RunSummary, Sample } from "../../../src/live/protocol.js";

// Runs as the page is told of them, without a server.

export function madeUpRun(facts: Partial<RunSummary>): RunSummary {
  return {
    id: "run",
    name: "A run",
    state: "training",
    reason: null,
    notice: null,
    canGoOn: false,
    goOnCommand: null,
    startedAt: "2026-01-01T00:00:00Z",
    network: "784-50-10",
    dataset: "mnist",
    loss: "MSE",
    epochs: 10,
    epoch: 0,
    validAccuracy: null,
    testAccuracy: null,
    isSteerable: true,
    hasModel: false,
    readsImages: true,
    settings: {},
    ...facts,
  };
}

export function madeUpSample(step: number): Sample {
  return {
    step,
    epoch: 1,
    loss: 1 / step,
    learningRate: 0.1,
    examplesPerSecond: 1000,
    seconds: step,
    secondsLeft: 10,
    gradientNorms: [step, 2 * step],
    weightNorms: [3 * step, 4 * step],
  };
}

export function madeUpEpoch(epoch: number): EpochPoint {
  return {
    epoch,
    step: epoch * 4,
    trainLoss: 1 / epoch,
    trainAccuracy: 0.5,
    validLoss: 2 / epoch,
    validAccuracy: 0.4,
    learningRate: 0.1,
    seconds: 1,
  };
}

export function madeUpDetail(some: Partial<RunDetail> = {}): RunDetail {
  return {
    run: madeUpRun({}),
    layers: ["layers.0", "layers.1"],
    stepsPerEpoch: 4,
    samples: [],
    epochs: [],
    modelVersion: 0,
    modelEpoch: null,
    lastEventId: 0,
    ...some,
  };
}
