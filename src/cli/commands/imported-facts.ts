import type { OpenData } from "../../data/open-data.js";
import { InvalidArgumentError } from "../../errors.js";
import { classesOfModel } from "../../runs/recorded-data.js";
import type { LoadedModel } from "../../training/model-file.js";
import { classNamesOf } from "../../training/model-metadata.js";
import { UsageError } from "../process.js";

// What options and data tell of a network that another program wrote.

interface GivenFacts {
  readonly classNames: readonly string[] | undefined;
  readonly imageShape: readonly [height: number, width: number] | undefined;
  readonly selectedClasses: readonly string[] | undefined;
  /** Whether it was said what the network makes of pixels, so that it reads some. */
  readonly readsPixels: boolean;
}

/** The model with what the options tell of it, and with two guesses: 784 numbers are MNIST's images, and a square number of pixels is a square. */
export function withFacts(
  { network, metadata }: LoadedModel,
  { classNames, imageShape, selectedClasses, readsPixels }: GivenFacts,
): LoadedModel {
  const { inputs, outputs } = network;
  const classes = outputs === 1 ? 2 : outputs;
  if (classNames !== undefined && classNames.length !== classes) {
    throw new UsageError(
      `Expected ${classes} names for --class-names, one for each class, but received ${classNames.length}.`,
    );
  }
  if (selectedClasses !== undefined) requireOrder(selectedClasses, classes, metadata);
  if (imageShape !== undefined && imageShape[0] * imageShape[1] !== inputs) {
    throw new UsageError(
      `Expected a shape of ${inputs} pixels for --image-shape, as many as the network has inputs, but received ${imageShape.join("x")}.`,
    );
  }
  const side = Math.sqrt(inputs);
  const isSquare = inputs === 784 || (readsPixels && Number.isInteger(side));
  const isOfImages = isSquare && metadata.imageShape === undefined && metadata.columns === undefined;
  const shape = imageShape ?? (isOfImages ? [side, side] : undefined);
  return {
    network,
    metadata: {
      ...metadata,
      ...(classNames !== undefined && { classNames: JSON.stringify(classNames) }),
      ...(selectedClasses !== undefined && { selectedClasses: JSON.stringify(selectedClasses) }),
      ...(shape !== undefined && { imageShape: JSON.stringify(shape) }),
    },
  };
}

/** Requires a class for each output, in the order in which the file has them where it tells their names. */
function requireOrder(selected: readonly string[], classes: number, metadata: LoadedModel["metadata"]): void {
  const told = classesOfModel(metadata) ?? classNamesOf({ metadata }, "The model");
  const isReordered =
    told !== null && told !== undefined && isSameSet(told, selected) && told.join() !== selected.join();
  if (selected.length === classes && !isReordered) return;
  const expected = isReordered
    ? `${told.join(",")}, the order of the network's outputs,`
    : `${classes} classes, as many as the network tells apart,`;
  throw new UsageError(`Expected ${expected} for --classes but received ${selected.join(",")}.`);
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

/** Whether it reads images: by the data, or without any by what is known of the network. */
export function readsImages({ metadata }: LoadedModel, data: OpenData | undefined): boolean {
  if (data !== undefined) return data.parts.train.features.kind === "bytes";
  return metadata.imageShape !== undefined;
}

/**
 * Data may have classes that a network does not know.
 *
 * @throws InvalidArgumentError when none have been chosen of images that have more classes than the network tells apart.
 */
export function requireClasses(
  { network, metadata }: LoadedModel,
  { features, targets }: OpenData["parts"]["train"],
): void {
  const classes = network.outputs === 1 ? 2 : network.outputs;
  if (features.kind !== "bytes" || targets.kind !== "classes" || targets.classes <= classes) return;
  if (classesOfModel(metadata) !== undefined) return;
  const known = targets.classNames ?? Array.from({ length: targets.classes }, (_, label) => String(label));
  const told = classNamesOf({ metadata }, "The model");
  const such = told?.every((name) => known.includes(name)) ? told : known.slice(0, classes);
  throw new InvalidArgumentError(
    `The network tells ${classes} classes apart, but the data have ${targets.classes}; name those of its outputs by --classes, such as --classes ${such.join(",")}.`,
  );
}
