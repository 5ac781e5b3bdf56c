import type { Tensor } from "../tensor/tensor.js";
import type { Layer } from "./layer.js";

/** A layer in a {@link NetworkSummary}. */
export interface LayerSummary {
  /** As names of parameters begin: `layers.0`. */
  readonly name: string;
  /** Such as `dense`. */
  readonly type: string;
  /** Of a layer that applies one. */
  readonly activation?: string;
  /** Numbers that come out for each example; an auxiliary output's own count in `parameters` alone. */
  readonly units: number;
  /** Numbers that training changes, and those that are frozen; of a block, those of its layers stand in their own rows. */
  readonly parameters: number;
  /** Those of them that training changes. */
  readonly trainable: number;
  /** Of all that a model file keeps of it, running means and the like included. */
  readonly bytes: number;
}

/** What a network is made of, as a table. */
export interface NetworkSummary {
  readonly inputs: number;
  /** From the inputs on; the layers of a block follow it. */
  readonly layers: readonly LayerSummary[];
  readonly parameters: number;
  readonly trainable: number;
  readonly bytes: number;
}

export function summarize(inputs: number, layers: readonly Layer[]): NetworkSummary {
  const rows = rowsOf(layers, "layers");
  const total = (of: "parameters" | "trainable" | "bytes") => rows.reduce((sum, row) => sum + row[of], 0);
  return {
    inputs,
    layers: rows,
    parameters: total("parameters"),
    trainable: total("trainable"),
    bytes: total("bytes"),
  };
}

function rowsOf(layers: readonly Layer[], prefix: string): readonly LayerSummary[] {
  return layers.flatMap((layer, l) => {
    const name = `${prefix}.${l}`;
    const inner = layer.layers ?? [];
    const isOwn = <T>(item: T, of: (layer: Layer) => readonly T[]) =>
      !inner.some((other) => of(other).includes(item));
    const parameters = layer.parameters.filter((parameter) => isOwn(parameter, (other) => other.parameters));
    const buffers = layer.buffers.filter((buffer) => isOwn(buffer, (other) => other.buffers));
    const { specification } = layer;
    const row: LayerSummary = {
      name,
      type: specification.type,
      ...("activation" in specification &&
        specification.activation !== undefined && { activation: specification.activation }),
      units: layer.units,
      parameters: sum(parameters.map(({ value }) => count(value))),
      trainable: sum(parameters.filter(({ frozen }) => frozen !== true).map(({ value }) => count(value))),
      bytes: sum([...parameters, ...buffers].map(({ value }) => count(value) * value.data.BYTES_PER_ELEMENT)),
    };
    return [row, ...rowsOf(inner, `${name}.layers`)];
  });
}

/** Numbers of a tensor, without what lies between them in memory. */
function count({ shape }: Tensor): number {
  return shape.reduce((product, size) => product * size, 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
