import type { DType } from "../backend/backend.js";
import { ModelFormatError } from "../errors.js";
import type { Safetensors } from "../formats/safetensors.js";
import { planLayers, readLayers } from "../nn/build.js";
import { LARGEST_LAYER } from "../nn/checks.js";
import type { NetworkSpecification } from "../nn/mlp.js";
import type { MultilayerPerceptronOptions } from "../nn/mlp-options.js";
import { FIRST_FORMAT, FORMAT } from "./model-format.js";

// What network a model file describes, checked against the tensors that it holds.

/** Makes an error of a fault, which is a sentence without its end. */
export type Fail = (fault: string) => ModelFormatError;

/**
 * What network the file tells of. A file of a few bytes must not make the program allocate more than it holds.
 *
 * @throws ModelFormatError when it tells of none, or of one whose tensors it does not hold.
 */
export function describedNetwork(file: Safetensors, fail: Fail): MultilayerPerceptronOptions {
  const { format, activation, network } = file.metadata;
  const [first] = file.tensors.values();
  const dtype: DType = first?.dtype === "F64" ? "float64" : "float32";
  if (format === FIRST_FORMAT && activation === "sigmoid") return { layers: sizesOf(file, fail), dtype };
  if (format !== FORMAT || network === undefined) throw fail(`its metadata do not say "${FORMAT}"`);
  try {
    const { inputs, layers, ...others } = JSON.parse(network) as NetworkSpecification;
    const options = { layers: [inputs, ...layers] as const, dtype, ...pick(others, ["loss", "alpha", "l1"]) };
    requireTensors(file, options, fail);
    return options;
  } catch (error) {
    if (error instanceof ModelFormatError) throw error;
    const reason = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
    throw fail(`its network cannot be made (${reason})`);
  }
}

/** The network's parameters have to be in the file, in their shapes, before memory is taken for them. */
function requireTensors(file: Safetensors, { layers }: MultilayerPerceptronOptions, fail: Fail): void {
  const { inputs, specifications } = readLayers(layers);
  for (const { shapes } of planLayers(specifications, inputs, "layers")) {
    for (const { name, shape } of shapes) {
      if (file.tensors.get(name)?.shape.join() !== shape.join()) throw misfit(name, fail);
    }
  }
}

function pick<T extends object, Name extends keyof T>(object: T, names: readonly Name[]): Pick<T, Name> {
  return Object.fromEntries(
    names.filter((name) => name in object).map((name) => [name, object[name]]),
  ) as Pick<T, Name>;
}

/** Layer sizes from the shapes of the weights, for the first format. */
function sizesOf(file: Safetensors, fail: Fail): readonly number[] {
  const sizes: number[] = [];
  for (let l = 0; file.tensors.has(`layers.${l}.weight`); l++) {
    const { shape = [] } = file.tensors.get(`layers.${l}.weight`) ?? {};
    const [units, inputs] = shape;
    if (units === undefined || inputs === undefined || shape.length !== 2 || units < 1 || inputs < 1) {
      throw fail(`layers.${l}.weight is not a matrix`);
    }
    if (units > LARGEST_LAYER || inputs > LARGEST_LAYER) {
      throw fail(
        `layers.${l}.weight is ${units} x ${inputs}, and a layer has at most ${LARGEST_LAYER} units`,
      );
    }
    if (l === 0) sizes.push(inputs);
    if (sizes.at(-1) !== inputs) {
      throw fail(
        `layers.${l}.weight has ${inputs} inputs, but the layer before it has ${sizes.at(-1)} units`,
      );
    }
    sizes.push(units);
  }
  if (file.tensors.size === 0 || file.tensors.size !== 2 * (sizes.length - 1)) {
    throw fail("it must hold a weight and a bias for each layer, and nothing else");
  }
  return sizes;
}

export function misfit(name: string, fail: Fail): ModelFormatError {
  return fail(`${name} is missing, or has another shape or type than the rest demands`);
}
