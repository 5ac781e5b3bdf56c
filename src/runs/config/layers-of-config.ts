import type { LayerSpecification } from "../../nn/specification.js";
import type { JsonObject } from "../json-values.js";
import { readStack, type Stack, stackLayers } from "../stack.js";
import { withType } from "./with-type.js";

/** What a configuration means of layers: keys of options, and what no option can say. */
export interface MeaningOfLayers {
  /** All layers after the inputs, where no options tell of them. */
  readonly layers?: readonly LayerSpecification[];
  /** Numbers of an example. */
  readonly inputs?: number;
  /** Units of the output layer. */
  readonly outputs?: number;
  /** The layers that the model of `from` has. */
  readonly layersOfModel?: readonly LayerSpecification[];
  /** What the options of the network say, by their keys. */
  readonly stack?: JsonObject;
}

export function meaningOfLayers(config: JsonObject): MeaningOfLayers {
  const { layers, from } = config;
  const inputs = typeof config.inputs === "number" ? { inputs: config.inputs } : {};
  if (!Array.isArray(layers)) return inputs;
  const isFurther = typeof from === "string";
  const [first, ...others] = layers as readonly unknown[];
  if (typeof first === "number") {
    const units = others as readonly number[];
    if (isFurther) {
      return { inputs: first, stack: { activation: undefined }, layersOfModel: sigmoidLayers(units) };
    }
    // Units that are said twice are refused where the options are read together.
    if (config.hidden !== undefined) return { inputs: first, layers: sigmoidLayers(units) };
    return { inputs: first, outputs: units.at(-1) ?? 0, stack: stackOfUnits(config, units.slice(0, -1)) };
  }
  const specifications = layers as readonly LayerSpecification[];
  if (isFurther) return { ...inputs, layersOfModel: specifications };
  const stack = readStack(specifications);
  if (stack === undefined || saysMore(config)) return { ...inputs, layers: specifications };
  const last = specifications.at(-1);
  return {
    ...inputs,
    ...(last?.type === "dense" && { outputs: last.units }),
    stack: keysOfStack(stack, typeof config.table === "string"),
  };
}

/** The network of the chapter's kind with so many units. */
function sigmoidLayers(units: readonly number[]): readonly LayerSpecification[] {
  const stack: Stack = {
    hidden: units.slice(0, -1),
    activation: "sigmoid",
    output: "sigmoid",
    dropout: 0,
    batchNorm: false,
    standardize: false,
  };
  return stackLayers(stack, units.at(-1) ?? 0);
}

/** Units alone tell of the chapter's kind of network, unless other settings say how it differs. */
function stackOfUnits(config: JsonObject, hidden: readonly number[]): JsonObject {
  if (config.preset !== undefined) return { hidden };
  const { activation = "sigmoid", output = outputOf(config), standardize } = config;
  return {
    hidden,
    activation: hidden.length === 0 ? undefined : activation,
    output,
    ...(typeof config.table === "string" && { standardize: standardize ?? false }),
  };
}

/** A sigmoid, but where the loss asks for another output. */
function outputOf({ loss }: JsonObject): string | undefined {
  const type = withType(loss)?.type;
  return type === undefined || type === "squaredError" || type === "binaryCrossEntropy"
    ? "sigmoid"
    : undefined;
}

/** Keys that say something of layers, which layers given as objects say by themselves. A preset says it for whatever options leave out. */
const OF_STACK = ["preset", "hidden", "activation", "output", "batchNorm", "init", "standardize", "dropout"];

function saysMore(config: JsonObject): boolean {
  return OF_STACK.some((key) => config[key] !== undefined);
}

function keysOfStack(stack: Stack, isTable: boolean): JsonObject {
  const { hidden, activation, output, init, dropout, batchNorm, standardize } = stack;
  return {
    hidden,
    activation: hidden.length === 0 ? undefined : activation,
    output,
    init,
    dropout: dropout === 0 ? undefined : dropout,
    batchNorm: batchNorm ? true : undefined,
    standardize: standardize === isTable ? undefined : standardize,
  };
}
