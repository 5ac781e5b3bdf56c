import { InvalidArgumentError } from "../errors.js";
import { printable } from "../system/printable.js";
import type { Dataset } from "./dataset.js";
import type { DatasetParts } from "./split-dataset.js";
import { type DatasetOrStream, isStream } from "./stream.js";
import { BYTE_CLASSES, type Labels } from "./targets.js";

/**
 * The examples of some classes alone, whose labels become 0, 1 and so on in the order in which the classes are named.
 *
 * @param names Of classes, or their numbers; each once, at least two.
 * @throws InvalidArgumentError when there is no such class, when the data are too large for memory, or are no classes.
 */
export function selectClasses<P extends { readonly [part in keyof DatasetParts]: DatasetOrStream }>(
  parts: P,
  names: readonly string[],
): DatasetParts {
  const { train, validation, test } = parts;
  if (isStream(train) || isStream(validation) || isStream(test)) {
    throw new InvalidArgumentError("Expected data that fit in memory, to choose classes of them.");
  }
  const { targets } = train;
  if (targets.kind !== "classes") {
    throw new InvalidArgumentError(
      "Expected data of classes, to choose some, but they have values to be learned.",
    );
  }
  const { classes, classNames } = targets;
  const known = classNames ?? Array.from({ length: classes }, (_, label) => String(label));
  const chosen = names.map((name) => {
    const label = known.includes(name) ? known.indexOf(name) : /^\d+$/.test(name) ? Number(name) : -1;
    if (label >= 0 && label < classes) return label;
    throw new InvalidArgumentError(
      `There is no class ${printable(name)} in the data; choose some of ${known.map(printable).join(", ")}.`,
    );
  });
  if (new Set(chosen).size < Math.max(2, chosen.length)) {
    throw new InvalidArgumentError(
      `Expected at least two different classes but received ${names.join(", ")}.`,
    );
  }
  const places = new Map(chosen.map((label, place) => [label, place]));
  const labels: Labels =
    chosen.length <= BYTE_CLASSES
      ? new Uint8Array(targets.labels.length)
      : new Int32Array(targets.labels.length);
  for (const [row, label] of targets.labels.entries()) labels[row] = places.get(label) ?? 0; // Rows of others are left out.
  const selected = {
    kind: "classes",
    labels,
    classes: chosen.length,
    classNames: chosen.map((label) => known[label] as string),
  } as const;
  const select = (part: Dataset): Dataset => ({
    ...part,
    targets: selected,
    rows: part.rows.filter((row) => places.has(targets.labels[row] as number)),
  });
  const result = { train: select(train), validation: select(validation), test: select(test) };
  for (const [part, { rows }] of Object.entries(result)) {
    if (rows.length === 0) {
      throw new InvalidArgumentError(
        `There are no examples of the classes ${names.join(", ")} for the ${part} set.`,
      );
    }
  }
  return result;
}
