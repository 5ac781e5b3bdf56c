import type { Layer } from "../../nn/layer.js";

/** A hidden layer as people count them: a dense layer or a residual block, with what is done to its units before the next one. */
export interface HiddenLayer {
  /** Which of the network's layers has its activations, after all that is done to them. */
  readonly index: number;
  /** Such as `50 sigmoid units`. */
  readonly name: string;
  readonly units: number;
  /** What no activation is beyond; `null` where there is no such number. */
  readonly bound: number | null;
}

/** From the inputs to the output layer, which is none of them. */
export function hiddenLayersOf(layers: readonly Layer[]): readonly HiddenLayer[] {
  const groups: { first: Layer; rest: Layer[]; index: number }[] = [];
  for (const [index, layer] of layers.slice(0, -1).entries()) {
    const { type } = layer.specification;
    const group = groups.at(-1);
    if (type === "dense" || type === "residual") groups.push({ first: layer, rest: [], index });
    else if (group !== undefined) {
      group.rest.push(layer);
      group.index = index;
    }
  }
  return groups.map(({ first, rest, index }) => {
    const [last = first] = rest.filter(changes).reverse();
    const activation = activationOf(last);
    return {
      index,
      name: nameOf(first, rest),
      units: first.units,
      bound: activation === "sigmoid" || activation === "tanh" ? 1 : null,
    };
  });
}

function nameOf(first: Layer, rest: readonly Layer[]): string {
  const { units, specification } = first;
  const count = `${units} ${units === 1 ? "unit" : "units"}`;
  const [activation] = [first, ...rest].map(activationOf).filter((name) => name !== undefined);
  if (specification.type === "residual") return `${count} of a residual block`;
  return count.replace(" ", ` ${activation ?? "linear"} `);
}

/** What of a network in use is not what it was before. */
function changes({ specification: { type } }: Layer): boolean {
  return type !== "dropout" && type !== "auxiliary";
}

function activationOf({ specification }: Layer): string | undefined {
  const isOfOne = specification.type === "dense" || specification.type === "activation";
  const activation = isOfOne ? specification.activation : undefined;
  return activation === "identity" ? undefined : activation;
}
