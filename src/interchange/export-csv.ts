import { constants } from "node:buffer";
import { InvalidArgumentError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { requireKnownOptions } from "../system/known-options.js";
import { toArray } from "../tensor/tensor.js";
import { learnedTensors } from "../training/model-file.js";
import { describeModel, type ExportOptions } from "./model-description.js";

/** Of a line beside the name: three commas' worth of numbers, none of them longer than this. */
const LONGEST_NUMBER = 24;

/**
 * A network's numbers as a table: the columns tensor, row, column and value, and a line for each number, such as
 * `layers.0.weight,0,3,0.12`. A weight's row is a unit, and its column an input of it; of a bias and the like, the row is the unit, and the
 * column 0. What layers there are and what they apply is not in the table, and neither are metadata; `exportNpz` writes them.
 *
 * A value is the shortest decimal that gives back the number as a double, so that reading it is exact whether it is read as a float64
 * or as a float32.
 *
 * @throws InvalidArgumentError when this is no network, when the metadata are no texts, or when the table would be longer than a string may
 *   be, which is some millions of numbers.
 * @throws ModelFormatError when the metadata are not as `saveModel` writes them.
 */
export function exportCsv(network: MultilayerPerceptron, options: ExportOptions = {}): string {
  requireKnownOptions("exportCsv", options, { metadata: true }, '{ metadata: { dataset: "mnist" } }');
  describeModel(network, options);
  const tensors = learnedTensors(network);
  let longest = 0;
  for (const { name, value } of tensors) {
    const [rows = 0, columns = 1] = value.shape;
    const line = name.length + String(rows).length + String(columns).length + LONGEST_NUMBER + 4;
    longest += line * rows * columns;
  }
  if (longest > constants.MAX_STRING_LENGTH) {
    throw new InvalidArgumentError(
      `Expected a network whose numbers fit into a text of ${constants.MAX_STRING_LENGTH} characters, but it may need ${longest}; export it as npz.`,
    );
  }
  const lines = ["tensor,row,column,value\n"];
  for (const { name, value } of tensors) {
    const [, columns = 1] = value.shape;
    for (const [i, number] of toArray(value).entries()) {
      const row = Math.floor(i / columns);
      lines.push(`${name},${row},${i - row * columns},${Object.is(number, -0) ? "-0" : number}\n`);
    }
  }
  return lines.join("");
}
