import { describe, expect, it, vi } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { InvalidArgumentError } from "../../../src/errors.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { LBFGS } from "../../../src/optim/lbfgs.js";
import { progress } from "../../../src/training/callbacks/progress.js";
import type { Progress } from "../../../src/training/callbacks/reporting.js";
import { fit } from "../../../src/training/fit.js";
import { quarters } from "../datasets.js";

const network = () => new MultilayerPerceptron({ layers: [16, 3, 4], backend: createJavaScriptBackend() });
const text = ({ epoch, epochs, examples, examplesPerEpoch }: Progress) =>
  `${epoch}/${epochs} ${examples}/${examplesPerEpoch}`;

describe("progress", () => {
  it("tells of every step where it is never silent, and of every epoch", async () => {
    const told: string[] = [];
    const callback = progress((at) => void told.push(text(at)), { everyMilliseconds: 0 });
    await fit(network(), quarters(10), { epochs: 2, batchSize: 4, callbacks: [callback] });
    const epoch = (n: number) => ["4/10", "8/10", "10/10", "10/10"].map((part) => `${n}/2 ${part}`);
    expect(told).toEqual([...epoch(1), ...epoch(2)]);
  });

  it("is silent for a time after it has told something", async () => {
    const told: string[] = [];
    const callback = progress((at) => void told.push(text(at)), { everyMilliseconds: 1e9 });
    await fit(network(), quarters(10), { epochs: 2, batchSize: 4, callbacks: [callback] });
    expect(told).toEqual(["1/2 4/10", "1/2 10/10", "2/2 10/10"]);
    told.length = 0;
    await fit(network(), quarters(10), { epochs: 1, batchSize: 4, callbacks: [callback] });
    expect(told).toEqual(["1/1 4/10", "1/1 10/10"]);
  });

  it("tells of the iterations of a full-batch optimizer", async () => {
    const told: string[] = [];
    const callbacks = [progress((at) => void told.push(text(at)))];
    await fit(network(), quarters(10), { epochs: 2, optimizer: new LBFGS(), callbacks });
    expect(told).toEqual(["1/2 10/10", "2/2 10/10"]);
  });

  it("does not make gradient descent write gradients", async () => {
    const trained = network();
    const backward = vi.spyOn(trained, "backward");
    await fit(trained, quarters(10), { epochs: 1, callbacks: [progress(() => {})] });
    expect(backward).not.toHaveBeenCalled();
  });

  it("refuses other arguments", () => {
    expect(() => progress("bar" as never)).toThrow(
      new InvalidArgumentError('Expected a function for the first argument of progress but received "bar".'),
    );
    expect(() => progress(() => {}, { everyMilliseconds: -1 })).toThrow(
      new InvalidArgumentError("Expected a number of at least 0 for everyMilliseconds but received -1."),
    );
  });
});
