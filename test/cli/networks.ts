/** Options of `train` that make different networks. */
export const NETWORKS: readonly (readonly [name: string, args: readonly string[]])[] = [
  [
    "deep",
    ["--activation", "leaky-relu", "--loss", "cross-entropy", "--optimizer", "adam", "--hidden", "20,10"],
  ],
  [
    "normalised",
    ["--hidden", "20", "--batch-norm", "--activation", "tanh", "--dropout", "0.2", "--output", "softmax"],
  ],
  [
    "momentum",
    ["--momentum", "0.9", "--nesterov", "--learning-rate", "0.01", "--clip-norm", "1", "--max-norm", "3"],
  ],
  [
    "penalties",
    [
      "--alpha",
      "0.1",
      "--l1",
      "0.01",
      "--class-weights",
      "balanced",
      "--schedule",
      "cosine",
      "--warm-up",
      "0.1",
    ],
  ],
];
