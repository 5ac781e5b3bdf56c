import { InvalidArgumentError } from "../errors.js";
import { show } from "../system/expected.js";
import { planActivation } from "./activation-layer.js";
import { planAuxiliary } from "./auxiliary.js";
import { planBatchNormalization } from "./batch-normalization.js";
import { checkUnits } from "./checks.js";
import { type Dense, planDense } from "./dense.js";
import { planDropout } from "./dropout.js";
import type { Layer, LayerPlan } from "./layer.js";
import { planResidual } from "./residual.js";
import { checkLayer, type LayerSpecification } from "./specification.js";
import { planStandardize } from "./standardize.js";

/** The kinds of layers that may end a block, but do not stand alone at a network's end. */
const LAST = "a dense layer, whose units are the outputs,";

/** What a list of layers says: how many inputs there are, and each layer, none of them as a plain number. */
export function readLayers(given: unknown): {
  readonly inputs: number;
  readonly specifications: readonly LayerSpecification[];
} {
  if (!Array.isArray(given)) {
    throw new InvalidArgumentError(
      `Expected a list of the number of inputs and layers, such as [784, 50, 10], for layers but received ${show(given)}.`,
    );
  }
  const [inputs, ...layers] = given as readonly unknown[];
  checkUnits(inputs, "the inputs, layers[0],");
  if (layers.length === 0) {
    throw new InvalidArgumentError(
      "Expected the number of inputs and at least one layer, such as [784, 50, 10], for layers but received one number.",
    );
  }
  const specifications = layers.map((layer, i): LayerSpecification => {
    const where = `layers[${i + 1}]`;
    if (typeof layer === "number") {
      checkUnits(layer, where);
      return { type: "dense", units: layer, activation: "sigmoid", initializer: "normal" };
    }
    checkLayer(layer, where);
    return layer;
  });
  return { inputs: inputs as number, specifications };
}

/**
 * Plans a chain of layers.
 *
 * @param prefix What the names of parameters begin with: `layers`.
 * @throws InvalidArgumentError or ShapeError where a layer cannot be, or not there.
 */
export function planLayers(
  specifications: readonly LayerSpecification[],
  inputs: number,
  prefix: string,
  isNetwork = true,
): readonly LayerPlan[] {
  let width = inputs;
  return specifications.map((specification, l) => {
    const where = `${prefix}.${l}`;
    const isLast = isNetwork && l === specifications.length - 1;
    const plan = planLayer(specification, width, where, { isFirst: isNetwork && l === 0, isLast });
    width = plan.units;
    return plan;
  });
}

interface Place {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

function planLayer(
  specification: LayerSpecification,
  inputs: number,
  where: string,
  { isFirst, isLast }: Place,
): LayerPlan {
  if (isLast && specification.type !== "dense") {
    throw new InvalidArgumentError(
      `Expected ${LAST} at the end of layers but received ${specification.type}.`,
    );
  }
  switch (specification.type) {
    case "dense":
      if (specification.activation === "softmax" && !isLast) {
        throw new InvalidArgumentError(
          `Expected the softmax in the last layer, or in an auxiliary output, but received it in ${where}.`,
        );
      }
      return planDense(specification, inputs, where);
    case "activation":
      return planActivation(specification, inputs, where);
    case "dropout":
      return planDropout(specification, inputs, where);
    case "batchNormalization":
      return planBatchNormalization(specification, inputs, where);
    case "residual": {
      const { layers } = specification;
      if (!Array.isArray(layers) || layers.length === 0) {
        throw new InvalidArgumentError(`Expected at least one layer in the residual block ${where}.`);
      }
      for (const [i, layer] of layers.entries()) checkLayer(layer, `layers[${i}] of ${where}`);
      return planResidual(specification, inputs, planLayers(layers, inputs, `${where}.layers`, false), where);
    }
    case "auxiliary":
      if (isFirst) {
        throw new InvalidArgumentError("Expected a layer before the auxiliary output, but it is the first.");
      }
      return planAuxiliary(specification, inputs, where);
    case "standardize":
      if (!isFirst) {
        throw new InvalidArgumentError(
          `Expected standardize as the first layer, as it learns from the examples, but received it as ${where}.`,
        );
      }
      return planStandardize(specification, inputs, where);
  }
}

/** The last layer of a network. */
export function outputLayer(layers: readonly Layer[]): Dense {
  return layers[layers.length - 1] as Dense; // planLayer has seen to it.
}
