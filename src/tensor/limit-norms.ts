import { assign, type Tensor, toArray, zerosByColumns } from "./tensor.js";

/**
 * Max-norm regularisation: scales the incoming weights of every unit whose Euclidean norm is above `most`, so that it is `most` (Srivastava
 * et al., Dropout, 2014, section 5.1).
 *
 * @param weight [n_units, n_inputs]; a network's, which lies column by column, is scaled without a copy.
 * @param most A number above 0.
 */
export function limitNorms(weight: Tensor, most: number): void {
  const [units = 0, inputs = 0] = weight.shape;
  const byColumns = weight.order === "columns" ? weight : zerosByColumns(weight.shape, weight);
  if (byColumns !== weight) assign(byColumns, toArray(weight));
  weight.backend.limitNorms({ weight: byColumns.data, inputs, ldw: byColumns.stride, units, most });
  if (byColumns !== weight) assign(weight, toArray(byColumns));
}
