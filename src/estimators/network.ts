import { InvalidArgumentError } from "../errors.js";
import { Dropout } from "../nn/dropout.js";
import { type Initializer, sklearnUniform } from "../nn/initializers.js";
import type { Loss } from "../nn/losses/loss.js";
import { MultilayerPerceptron } from "../nn/mlp.js";
import { dense, dropout, type LayerSpecification } from "../nn/specification.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { RandomState } from "../random/random-state.js";
import { assign, toArray } from "../tensor/tensor.js";
import type { Fitted } from "./fitted.js";
import type { MLPParameters } from "./mlp-parameters.js";

/** What a network's outputs are, which its task decides. */
export interface Outputs {
  readonly units: number;
  readonly activation: "identity" | "sigmoid" | "softmax";
  readonly loss: Loss;
}

/** What a network draws from. */
export interface NetworkDraws {
  /** Of its weights, as scikit-learn draws them; without it they are zeros. */
  readonly weights?: RandomState | undefined;
  /** Of its dropout, which has a stream of its own; by {@link dropoutSeedOf}. */
  readonly dropoutSeed: number | null;
}

/**
 * The network of an estimator.
 *
 * @throws InvalidArgumentError when there is not one rate of dropout for each hidden layer.
 */
export function createNetwork(
  parameters: Required<MLPParameters>,
  inputs: number,
  outputs: Outputs,
  { weights, dropoutSeed }: NetworkDraws,
): MultilayerPerceptron {
  const { activation: name, alpha, dtype, backend } = parameters;
  const activation = name === "logistic" ? "sigmoid" : name;
  const hidden = hiddenSizes(parameters);
  const rates = dropoutRates(parameters);
  const layers = hidden.flatMap((units, l): LayerSpecification[] => {
    const rate = rates[l] as number; // There is one for each.
    return [dense(units, activation), ...(rate > 0 ? [dropout(rate)] : [])];
  });
  const draw =
    activation === "sigmoid" || activation === "tanh" || activation === "identity" ? activation : "relu";
  return new MultilayerPerceptron({
    layers: [inputs, ...layers, dense(outputs.units, outputs.activation)],
    loss: outputs.loss,
    alpha,
    dtype,
    backend: backend ?? undefined,
    initializer: weights === undefined ? () => {} : drawnFrom(weights, sklearnUniform(draw)),
    ...(dropoutSeed !== null && { seed: dropoutSeed }),
  });
}

/** The initializer, but from another stream than the network's own. */
function drawnFrom(random: RandomState, initializer: Initializer): Initializer {
  return Object.assign((weight: Parameters<Initializer>[0]) => initializer(weight, random), {
    bias: ((bias, weight) => initializer.bias?.(bias, weight, random)) as NonNullable<Initializer["bias"]>,
  });
}

/** The seed serves for dropout, too, so that it changes no other draw; `null` where there is no dropout. */
export function dropoutSeedOf(parameters: Required<MLPParameters>, random: RandomState): number | null {
  if (dropoutRates(parameters).every((rate) => rate === 0)) return null;
  const { randomState } = parameters;
  return typeof randomState === "number" ? randomState : random.nextUint32();
}

/** How many masks each dropout has drawn. */
export function dropoutDraws({ layers }: MultilayerPerceptron): number {
  return layers.find((layer) => layer instanceof Dropout)?.draws ?? 0; // All draw in each forward pass.
}

export function skipDropoutDraws({ layers }: MultilayerPerceptron, draws: number): void {
  for (const layer of layers) if (layer instanceof Dropout) layer.draws = draws;
}

function hiddenSizes({ hiddenLayerSizes }: Required<MLPParameters>): readonly number[] {
  return typeof hiddenLayerSizes === "number" ? [hiddenLayerSizes] : hiddenLayerSizes;
}

/** What a network is made of cannot change where a fit goes on. */
function requireHiddenSizes({ sizes }: MultilayerPerceptron, parameters: Required<MLPParameters>): void {
  const hidden = sizes.slice(1, -1);
  const wanted = hiddenSizes(parameters);
  if (hidden.join() !== wanted.join()) {
    throw new InvalidArgumentError(
      `Expected the hiddenLayerSizes of the fit before, [${hidden.join(", ")}], to go on from it but received [${wanted.join(", ")}].`,
    );
  }
}

function dropoutRates(parameters: Required<MLPParameters>): readonly number[] {
  const { dropout: given } = parameters;
  const hidden = hiddenSizes(parameters);
  if (typeof given === "number") return hidden.map(() => given);
  if (given.length !== hidden.length) {
    throw new InvalidArgumentError(
      `Expected a rate of dropout for each of ${hidden.length} hidden layers, or one for all, but received ${given.length}.`,
    );
  }
  return given;
}

/**
 * Where a fit goes on, by other parameters than before: a network of these, with what was learned.
 *
 * @param random For the seed of a dropout that there was not.
 * @throws InvalidArgumentError when it would have other hidden layers.
 */
export function renewNetwork(
  fitted: Fitted,
  parameters: Required<MLPParameters>,
  outputs: Outputs,
  random: RandomState,
): void {
  const { network: before, madeBy } = fitted;
  requireHiddenSizes(before, parameters);
  if (madeBy !== undefined && MAKING.every((name) => madeBy[name] === parameters[name])) return;
  fitted.dropoutSeed ??= dropoutSeedOf(parameters, random);
  const network = createNetwork(parameters, before.inputs, outputs, { dropoutSeed: fitted.dropoutSeed });
  copyLearned(before.denseLayers, network.denseLayers);
  renameSlots(fitted.optimizer, before.denseLayers, network.denseLayers);
  skipDropoutDraws(network, dropoutDraws(before));
  fitted.network = network;
  fitted.madeBy = parameters;
  fitted.best = undefined;
}

/** The parameters that a network is made of, beside its sizes. */
const MAKING = ["activation", "alpha", "dropout", "dtype", "backend"] as const;

type DenseLayers = MultilayerPerceptron["denseLayers"];

function copyLearned(from: DenseLayers, to: DenseLayers): void {
  for (const [l, { weight, bias }] of to.entries()) {
    const layer = from[l] as DenseLayers[number]; // Both have the same sizes.
    assign(weight, toArray(layer.weight));
    assign(bias, toArray(layer.bias));
  }
}

/** An optimizer knows parameters by the numbers of their layers, and a dropout more or less changes these. */
function renameSlots(optimizer: Optimizer | undefined, from: DenseLayers, to: DenseLayers): void {
  if (optimizer === undefined) return;
  const namesOf = (layers: DenseLayers) =>
    layers.flatMap(({ parameters }) => parameters.map(({ name }) => `${name}.`));
  const [before, now] = [namesOf(from), namesOf(to)];
  const renamed = [...optimizer.slots].map(([slotName, slot]) => {
    const p = before.findIndex((name) => slotName.startsWith(name));
    return [`${now[p]}${slotName.slice(before[p]?.length)}`, slot] as const; // Each slot is of a parameter.
  });
  optimizer.restore(optimizer.steps, new Map(renamed));
}

/** Of each layer the weights as scikit-learn has them, [n_inputs, n_units]. */
export function coefsOf({ denseLayers }: MultilayerPerceptron): number[][][] {
  return denseLayers.map(({ weight, inputs, units }) => {
    const numbers = toArray(weight);
    return Array.from({ length: inputs }, (_, i) =>
      Array.from({ length: units }, (_, j) => numbers[j * inputs + i] as number),
    );
  });
}

/** Of each layer the biases. */
export function interceptsOf({ denseLayers }: MultilayerPerceptron): number[][] {
  return denseLayers.map(({ bias }) => Array.from(toArray(bias)));
}
