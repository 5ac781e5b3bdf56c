import type { DType } from "../../src/backend/backend.js";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { crossEntropy } from "../../src/nn/losses/cross-entropy.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import {
  activation,
  auxiliary,
  batchNormalization,
  dense,
  dropout,
  type LayerSpecification,
  residual,
  standardize,
} from "../../src/nn/specification.js";
import { RandomState } from "../../src/random/random-state.js";
import { assign } from "../../src/tensor/tensor.js";

// Networks of every kind of layer, with numbers as training leaves them.

export const INPUTS = 20;
export const OUTPUTS = 5;

/** What stands between the inputs and the last layer. */
const HIDDEN: Readonly<Record<string, readonly LayerSpecification[]>> = {
  none: [],
  identity: [dense(12)],
  sigmoid: [dense(12, "sigmoid")],
  tanh: [dense(12, "tanh")],
  relu: [dense(12, "relu"), dense(11, "relu")],
  leakyRelu: [dense(12, "leakyRelu")],
  elu: [dense(12, "elu")],
  gelu: [dense(12, "gelu")],
  silu: [dense(12, "silu")],
  "an activation by itself": [dense(12), activation("silu"), activation("tanh")],
  dropout: [dense(12, "relu"), dropout(0.3)],
  "batch normalisation": [dense(12), batchNormalization({ epsilon: 1e-3 }), activation("relu")],
  standardisation: [standardize(), dense(12, "tanh")],
  residual: [dense(12, "relu"), residual(dense(9, "relu"), dense(12)), activation("elu")],
  "residual in residual": [
    dense(12, "tanh"),
    residual(dense(9, "gelu"), dense(12), residual(batchNormalization(), dense(12, "silu"))),
  ],
  auxiliary: [dense(12, "relu"), auxiliary(dense(OUTPUTS, "softmax"), crossEntropy())],
  "every kind": [
    standardize(),
    dense(16),
    batchNormalization(),
    activation("leakyRelu"),
    residual(dense(9, "gelu"), dropout(0.2), dense(16)),
    auxiliary(dense(OUTPUTS, "softmax"), crossEntropy()),
    dropout(0.1),
  ],
};

const LAST = {
  softmax: dense(OUTPUTS, "softmax"),
  sigmoid: dense(OUTPUTS, "sigmoid"),
  linear: dense(OUTPUTS),
  "one sigmoid": dense(1, "sigmoid"),
} as const;

export interface SampleNetwork {
  readonly name: string;
  /** Whether a gelu is in it, which some programs have in float32 only. */
  readonly hasGelu: boolean;
  create(dtype: DType): MultilayerPerceptron;
}

/** Every kind of hidden layer before a softmax, and every kind of output. */
export const SAMPLE_NETWORKS: readonly SampleNetwork[] = [
  ...Object.entries(HIDDEN).map(([name, hidden]) => sample(name, [...hidden, LAST.softmax])),
  ...Object.entries(LAST).map(([name, last]) => sample(`output: ${name}`, [dense(12, "tanh"), last])),
];

function sample(name: string, layers: readonly LayerSpecification[]): SampleNetwork {
  return {
    name,
    hasGelu: JSON.stringify(layers).includes("gelu"),
    create: (dtype) => {
      const network = new MultilayerPerceptron({
        layers: [INPUTS, ...layers],
        dtype,
        seed: 7,
        backend: createJavaScriptBackend(),
      });
      disturb(network);
      return network;
    },
  };
}

/** Biases, means and the like that are not 0 or 1 any more. */
function disturb(network: MultilayerPerceptron): void {
  const random = new RandomState(11);
  for (const { name, value } of [...network.parameters, ...network.buffers]) {
    if (name.endsWith(".weight")) continue;
    const isPositive = /(variance|deviation|gamma)$/i.test(name);
    assign(
      value,
      isPositive ? random.uniform(0.5, 2, value.data.length) : random.uniform(-1, 1, value.data.length),
    );
  }
}

/** [count, INPUTS], from -2 to 2. */
export function sampleRows(count: number, dtype: DType, seed = 3): Float32Array | Float64Array {
  const random = new RandomState(seed);
  const rows = random.uniform(-2, 2, count * INPUTS);
  return dtype === "float32" ? Float32Array.from(rows) : rows;
}
