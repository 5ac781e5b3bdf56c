import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { ShapeError } from "../../src/errors.js";
import { SGD } from "../../src/optim/sgd.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import { type Tensor, tensor } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";

const parameter = (value: Tensor, gradient: Tensor): Parameter => ({
  name: "layers.0.bias",
  value,
  gradient,
  decays: false,
  frozen: false,
});

describe("SGD", () => {
  it("refuses a gradient of another shape", () => {
    const backend = createJavaScriptBackend();
    const value = tensor([1, 2], [2], { backend });
    const gradient = tensor([1, 2], [1, 2], { backend });
    expect(() => new SGD().step([parameter(value, gradient)], 0.1)).toThrow(ShapeError);
    expect([...value.data]).toEqual([1, 2]);
  });

  describeOnEveryBackend((create) => {
    it("steps against the gradient of every parameter, in place, and counts its steps", () => {
      const options = { dtype: "float64", backend: create() } as const;
      const value = tensor([1, -2, 0.5], [3], options);
      const gradient = tensor([4, -8, 0], [3], options);
      const other = tensor([1], [1], options);
      const optimizer = new SGD();
      const parameters = [parameter(value, gradient), parameter(other, tensor([2], [1], options))];
      optimizer.step(parameters, 0.25);
      optimizer.step(parameters, 0.25);
      expect([...value.data]).toEqual([-1, 2, 0.5]);
      expect([...other.data]).toEqual([0]);
      expect([...gradient.data]).toEqual([4, -8, 0]);
      expect(optimizer.steps).toBe(2);
      expect(optimizer.slots.size).toBe(0);
    });
  });
});
