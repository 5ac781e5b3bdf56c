import { ModelFormatError } from "../errors.js";
import type { SavedState } from "../formats/saved-state.js";
import { isOptions } from "../system/known-options.js";
import type { HistoryTable } from "./history-table.js";
import type { TrainingState } from "./state.js";

/**
 * The state that a checkpoint holds.
 *
 * @throws ModelFormatError when it is none.
 */
export function asTrainingState(value: SavedState, fileName: string): TrainingState {
  const state = (value ?? {}) as Partial<TrainingState>;
  const { identity, computedBy, shuffle, callbacks, draws } = state;
  const counts = [state.epoch, state.batches, state.examples, state.step, identity?.numbers, identity?.seed];
  const numbers = [state.seconds, state.scheduledRate, state.learningRate];
  const texts = [identity?.network, identity?.trainingData, computedBy?.backend, computedBy?.kernelSet];
  const isState =
    counts.every(isCount) &&
    numbers.every((number) => typeof number === "number") &&
    texts.every(isText) &&
    (computedBy?.ranks === undefined || isCount(computedBy.ranks)) &&
    isTextOrNull(identity?.validationData) &&
    isOptions(identity?.settings) &&
    typeof state.isWithinEpoch === "boolean" &&
    typeof state.listsInk?.training === "boolean" &&
    typeof state.listsInk.validation === "boolean" &&
    Number.isFinite(state.scale) &&
    isTextOrNull(state.stopReason) &&
    shuffle?.key instanceof Float64Array &&
    Array.isArray(draws) &&
    draws.every(isCount) &&
    isOptimizerState(state.optimizer) &&
    isHistory(state.history) &&
    Array.isArray(callbacks) &&
    callbacks.every((callback) => isText(callback?.name) && callback.state !== undefined);
  if (!isState) throw new ModelFormatError(`${fileName} does not hold the state of a training.`);
  return state as TrainingState;
}

/** Of an optimizer with slots, what `tensor` takes; others look at theirs themselves. */
function isOptimizerState(value: unknown): boolean {
  if (!isOptions(value)) return false;
  const { steps, slots } = value as { readonly steps?: unknown; readonly slots?: unknown };
  if (slots === undefined) return steps === undefined;
  return isCount(steps) && isOptions(slots) && Object.values(slots as object).every(isSlot);
}

function isSlot(value: unknown): boolean {
  const { shape, data } = (value ?? {}) as { readonly shape?: unknown; readonly data?: unknown };
  const isArray = data instanceof Float32Array || data instanceof Float64Array;
  return isArray && Array.isArray(shape) && shape.every(isCount);
}

function isHistory(value: Partial<HistoryTable> | undefined): boolean {
  const { columns, values } = value ?? {};
  return (
    Array.isArray(columns) &&
    columns.every(isText) &&
    values instanceof Float64Array &&
    (columns.length === 0 ? values.length === 0 : values.length % columns.length === 0)
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isTextOrNull(value: unknown): boolean {
  return value === null || isText(value);
}
