import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { InvalidArgumentError, ShapeError } from "../../src/errors.js";
import { SGD } from "../../src/optim/sgd.js";
import { tensor } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";

describe("SGD", () => {
  it("has the chapter's learning rate where none is given", () => {
    expect(new SGD().learningRate).toBe(0.1);
  });

  it.each([0, -0.1, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses a learning rate of %s",
    (learningRate) => {
      expect(() => new SGD({ learningRate })).toThrow(InvalidArgumentError);
      expect(() => new SGD({ learningRate })).toThrow(`for learningRate but received ${learningRate}.`);
    },
  );

  it("refuses a gradient of another shape", () => {
    const backend = createJavaScriptBackend();
    const parameter = tensor([1, 2], [2], { backend });
    expect(() => new SGD().step(parameter, tensor([1, 2], [1, 2], { backend }))).toThrow(ShapeError);
    expect([...parameter.data]).toEqual([1, 2]);
  });

  describeOnEveryBackend((create) => {
    it("steps against the gradient, in place", () => {
      const options = { dtype: "float64", backend: create() } as const;
      const parameter = tensor([1, -2, 0.5], [3], options);
      const gradient = tensor([4, -8, 0], [3], options);
      const optimizer = new SGD({ learningRate: 0.25 });
      optimizer.step(parameter, gradient);
      optimizer.step(parameter, gradient);
      expect([...parameter.data]).toEqual([-1, 2, 0.5]);
      expect([...gradient.data]).toEqual([4, -8, 0]);
    });
  });
});
