/**
 * What a product's last pass may apply to its result, and `activate` to any tensor. Their order is that of `Activation` in
 * native/kernels/kernels.h: the addon is given a number.
 */
export const ACTIVATIONS = [
  "identity",
  "sigmoid",
  "tanh",
  "relu",
  "leakyRelu",
  "elu",
  "gelu",
  "silu",
] as const;

export type Activation = (typeof ACTIVATIONS)[number];
