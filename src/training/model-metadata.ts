import { asTableColumns, type TableColumns } from "../data/readers/table-columns.js";
import { ModelFormatError } from "../errors.js";
import type { LoadedModel } from "./model-file.js";

// What the metadata of a model say of its inputs and outputs.

/** Under `learns`: of a network that was imported, and whose file tells that its outputs are values. Others tell it by their table. */
export const VALUES = "values";

type Shape = readonly [height: number, width: number];

/**
 * From the metadata, or a square if the model does not say.
 *
 * @param name What a message calls the model.
 * @throws ModelFormatError when its inputs fill no square, or another image than the metadata say.
 */
export function imageShapeOf(model: LoadedModel, name: string): Shape {
  const told = toldImageShape(model, name);
  if (told !== undefined) return told;
  const { inputs } = model.network;
  const side = Math.sqrt(inputs);
  if (!Number.isInteger(side)) {
    throw new ModelFormatError(
      `${name} does not say how its ${inputs} inputs make an image; its metadata lack imageShape.`,
    );
  }
  return [side, side];
}

/**
 * The shape of images in the metadata; `undefined` where there is none.
 *
 * @throws ModelFormatError when it is no shape of as many pixels as the network has inputs.
 */
export function toldImageShape({ network, metadata }: LoadedModel, name: string): Shape | undefined {
  const told = parse(metadata.imageShape, name);
  if (told === null) return undefined;
  const [height, width, ...others]: readonly unknown[] = Array.isArray(told) ? told : [];
  if (isSide(height) && isSide(width) && others.length === 0 && height * width === network.inputs) {
    return [height, width];
  }
  throw new ModelFormatError(
    `${name} says that its images are ${metadata.imageShape}, and [height, width] of ${network.inputs} pixels were expected, as many as its network has inputs.`,
  );
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

/** `null` where the classes have no names. */
export function classNamesOf(
  { metadata }: Pick<LoadedModel, "metadata">,
  name: string,
): readonly string[] | null {
  const names = listOf(metadata.classNames, name).filter((item) => typeof item === "string");
  return names.length > 0 ? names : null;
}

/** Whether the outputs are values, and not what tells classes apart. */
export function learnsValues({ network, metadata }: LoadedModel, name: string): boolean {
  if (metadata.learns === VALUES) return true;
  const { target } = columnsOf(metadata, name);
  return target?.task === "regress" || !network.loss.targets.includes("classes");
}

/** What values are called that a model learns; `null` where they have no names. */
export function valueNamesOf(
  { metadata }: Pick<LoadedModel, "metadata">,
  name: string,
): readonly string[] | null {
  const { target } = columnsOf(metadata, name);
  return typeof target?.name === "string" ? [target.name] : null;
}

interface ColumnsOfModel {
  readonly target?: { readonly task?: unknown; readonly name?: unknown };
}

function columnsOf({ columns }: LoadedModel["metadata"], name: string): ColumnsOfModel {
  return (parse(columns, name) ?? {}) as ColumnsOfModel;
}

/** What a model knows of the columns of the table that it was trained on; `undefined` of other models. */
export function tableColumnsOf(
  { metadata }: Pick<LoadedModel, "metadata">,
  name: string,
): TableColumns | undefined {
  return asTableColumns(parse(metadata.columns, name));
}

/** Whether a model was trained on a table. */
export function readsTable({ metadata }: Pick<LoadedModel, "metadata">): boolean {
  return metadata.columns !== undefined || metadata.dataset === "table";
}

/** MNIST's pixels: so many inputs are images, also where nothing tells. */
const MNIST_INPUTS = 784;

/** Whether a model reads the bytes of images: where its metadata tell their shape, or where nothing is told and it has as many inputs as MNIST's images. */
export function readsPixels(model: LoadedModel, name: string): boolean {
  if (readsTable(model) || model.metadata.learns === VALUES) return false;
  return toldImageShape(model, name) !== undefined || model.network.inputs === MNIST_INPUTS;
}

function listOf(text: string | undefined, name: string): readonly unknown[] {
  const value = parse(text, name);
  return Array.isArray(value) ? value : [];
}

function parse(text = "null", name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelFormatError(`${name} has metadata that are not JSON where they were expected: ${text}.`, {
      cause,
    });
  }
}
