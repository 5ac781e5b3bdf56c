import type { OutputActivation } from "../../nn/specification.js";
import type { Budget } from "./budget.js";
import { type Fail, labelOf } from "./failure.js";
import type { Flow, FlowValue, Value } from "./flow.js";
import type { OnnxNode } from "./messages.js";
import type { Constant } from "./tensors.js";

export interface OperatorContext {
  readonly fail: Fail;
  readonly budget: Budget;
  /** The version of the standard's operators. */
  readonly opset: number;
  /** The number of rows, where the graph is made for one number alone. */
  readonly rows: number | undefined;
  /** The activation of the output that was asked for. */
  readonly output: OutputActivation | undefined;
}

export type Operator = (
  node: OnnxNode,
  inputs: readonly (Value | undefined)[],
  context: OperatorContext,
) => Value;

/** @throws ModelFormatError unless this input is computed of the network's own. */
export function flowOf(
  inputs: readonly (Value | undefined)[],
  i: number,
  node: OnnxNode,
  fail: Fail,
): FlowValue {
  const value = inputs[i];
  if (value?.kind !== "flow") throw fail(`${labelOf(node)} does not work on what the network is given`);
  return value;
}

/** @returns `undefined` where the input is left out. @throws ModelFormatError when it depends on what the network is given. */
export function constantOf(
  inputs: readonly (Value | undefined)[],
  i: number,
  node: OnnxNode,
  fail: Fail,
): Constant | undefined {
  const value = inputs[i];
  if (value?.kind === "flow") {
    throw fail(
      `${labelOf(node)} has an input that depends on what the network is given, where a constant was expected`,
    );
  }
  return value;
}

export function withFlow({ shape }: FlowValue, flow: Flow): FlowValue {
  return { kind: "flow", flow, shape };
}
