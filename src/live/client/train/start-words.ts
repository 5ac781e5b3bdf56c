import type { DatasetState } from "../../protocol.js";

// What the choices of a new training are called, and what each does. What the server offers beyond these goes by its own name.

const WORDS: Readonly<Record<string, string>> = {
  sigmoid: "Sigmoid: a soft step from 0 to 1",
  tanh: "Tanh: a soft step from −1 to 1",
  relu: "ReLU: what is below 0 becomes 0",
  leakyRelu: "Leaky ReLU: what is below 0 becomes small",
  elu: "ELU: like ReLU, with a soft bend",
  gelu: "GELU: like ReLU, with a soft bend",
  silu: "SiLU: like ReLU, with a soft bend",
  identity: "Identity: the sum as it is",
  squaredError: "Squared error: as in the book",
  crossEntropy: "Cross-entropy: one class of all",
  binaryCrossEntropy: "Binary cross-entropy: class by class",
  sgd: "SGD: a small step downhill",
  adam: "Adam: steps that fit each weight",
  adamw: "AdamW: Adam that keeps weights small",
  nadam: "Nadam: Adam that looks ahead",
  rmsprop: "RMSprop: steps that fit each weight",
  adagrad: "Adagrad: steps that shrink as it learns",
  lion: "Lion: steps of one size",
};

export function choiceInWords(name: string): string {
  return WORDS[name] ?? name;
}

const DATA_WORDS: Readonly<Record<DatasetState, string>> = {
  here: "",
  download: " (is downloaded first)",
  missing: " (is not here, and downloads are forbidden)",
};

export function datasetInWords(title: string, state: DatasetState): string {
  return title + DATA_WORDS[state];
}

/** A usual learning rate of each optimizer, as `train` takes it where none is given. */
const USUAL_RATES: Readonly<Record<string, number>> = {
  sgd: 0.1,
  rmsprop: 0.001,
  adagrad: 0.01,
  adam: 0.001,
  adamw: 0.001,
  nadam: 0.001,
  lion: 0.0002,
};

export function usualRate(optimizer: string): number | undefined {
  return USUAL_RATES[optimizer];
}
