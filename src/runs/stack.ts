import type { Activation } from "../backend/activation.js";
import type { InitializerName } from "../nn/initializers.js";
import type { DenseSpecification, LayerSpecification, OutputActivation } from "../nn/specification.js";

// Networks that the options of `train` describe: hidden layers that are all alike, and an output layer.

/** What the options of `train` say of a network's layers. */
export interface Stack {
  /** Units of the hidden layers. */
  readonly hidden: readonly number[];
  /** Of the hidden layers. */
  readonly activation: Activation;
  /** Of the output layer. */
  readonly output: OutputActivation;
  /** Of all dense layers; `undefined`: by their activations. */
  readonly init?: InitializerName | undefined;
  /** After each hidden layer; 0: none. */
  readonly dropout: number;
  /** Whether each hidden layer is normalised before its activation. */
  readonly batchNorm: boolean;
  /** Whether the inputs are standardized first. */
  readonly standardize: boolean;
}

/** The layers of a stack, from the first to the output layer with `outputs` units. */
export function stackLayers(stack: Stack, outputs: number): readonly LayerSpecification[] {
  const { hidden, activation, output, dropout, batchNorm, standardize } = stack;
  const init = initOf(stack);
  const dense = (units: number, f: OutputActivation): DenseSpecification => ({
    type: "dense",
    units,
    activation: f,
    ...(init !== undefined && { initializer: init }),
  });
  const block = (units: number): readonly LayerSpecification[] => [
    ...(batchNorm
      ? ([
          dense(units, "identity"),
          { type: "batchNormalization" },
          { type: "activation", activation },
        ] as const)
      : [dense(units, activation)]),
    ...(dropout > 0 ? [{ type: "dropout", rate: dropout } as const] : []),
  ];
  return [
    ...(standardize ? [{ type: "standardize" } as const] : []),
    ...hidden.flatMap(block),
    dense(outputs, output),
  ];
}

/** Sigmoid layers alone begin as the chapter's do, whatever is put between them. */
function initOf({ init, activation, output, batchNorm, hidden }: Stack): InitializerName | undefined {
  if (init !== undefined) return init;
  const isSigmoid = output === "sigmoid" && (hidden.length === 0 || activation === "sigmoid") && !batchNorm;
  return isSigmoid ? "normal" : undefined;
}

/** Whether layers are the chapter's kind, sigmoid layers of so many units each, so that their units tell it all. */
export function isChapterKind(
  layers: readonly LayerSpecification[],
): layers is readonly DenseSpecification[] {
  return layers.every(
    (layer) => layer.type === "dense" && layer.activation === "sigmoid" && layer.initializer === "normal",
  );
}

/** The stack that has these layers; `undefined` where no stack has. */
export function readStack(layers: readonly LayerSpecification[]): Stack | undefined {
  const dense = layers.filter((layer) => layer.type === "dense");
  const last = dense.at(-1);
  if (last === undefined) return undefined;
  const batchNorm = layers.some(({ type }) => type === "batchNormalization");
  const after = layers.find((layer) => layer.type === "activation")?.activation;
  const first = dense.length > 1 ? dense[0]?.activation : undefined;
  const activation = (batchNorm ? after : first) ?? "sigmoid";
  const { initializer } = last;
  if (activation === "softmax" || typeof initializer === "function") return undefined;
  const stack: Stack = {
    hidden: dense.slice(0, -1).map(({ units }) => units),
    activation,
    output: last.activation ?? "identity",
    init: initializer,
    dropout: layers.find((layer) => layer.type === "dropout")?.rate ?? 0,
    batchNorm,
    standardize: layers[0]?.type === "standardize",
  };
  return JSON.stringify(stackLayers(stack, last.units)) === JSON.stringify(layers) ? stack : undefined;
}
