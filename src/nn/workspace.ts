import { firstRows, type Tensor, zeros } from "../tensor/tensor.js";
import { createDense } from "./dense.js";
import type { Gradient, MultilayerPerceptron } from "./mlp.js";

/** Room for the intermediate results of a minibatch with a certain number of examples. */
export interface WorkspaceRows {
  /** Of each layer, [n_examples, n_units]. */
  readonly activations: readonly Tensor[];
  /** Of each layer, [n_examples, n_units]. */
  readonly deltas: readonly Tensor[];
  /** Of each layer; shapes as in the layer. Shared by all numbers of examples. */
  readonly gradients: readonly Gradient[];
}

export interface WorkspaceOptions {
  /** The most examples that a minibatch will have. */
  readonly batchSize: number;
  /** Whether there must be room for `backward`, too. */
  readonly training: boolean;
}

/**
 * Memory for the minibatches of a network, made once.
 *
 * @returns A function from a number of examples, at most `batchSize`, to views of that memory. The views for a number are
 *   made when it is first asked for, so that the minibatch loop allocates nothing.
 */
export function createWorkspace(
  network: MultilayerPerceptron,
  { batchSize, training }: WorkspaceOptions,
): (examples: number) => WorkspaceRows {
  const [, ...units] = network.sizes;
  const rowsOf = (size: number) => zeros([batchSize, size], network);
  const activations = units.map(rowsOf);
  const deltas = training ? units.map(rowsOf) : [];
  const gradients = training
    ? units.map((size, l) => createDense(network.sizes[l] as number, size, network))
    : [];

  const views = new Map<number, WorkspaceRows>();
  return (examples) => {
    let view = views.get(examples);
    if (view === undefined) {
      const first = (tensor: Tensor) => firstRows(tensor, examples);
      view = { activations: activations.map(first), deltas: deltas.map(first), gradients };
      views.set(examples, view);
    }
    return view;
  };
}
