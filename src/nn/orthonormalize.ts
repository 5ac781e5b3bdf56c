/**
 * The rows of a matrix made orthonormal, each by the rows before it: Gram and Schmidt's process, in its modified order. One pass
 * leaves an error as large as the matrix is ill-conditioned, a second one leaves rounding (L. Giraud, J. Langou and M. Rozložník, "The
 * loss of orthogonality in the Gram-Schmidt orthogonalization process", 2005). The result is Qᵀ of the transpose's factors Q R with
 * the diagonal of R positive, of which there is one.
 *
 * @param rows [count, length], one row after the other, linearly independent; overwritten
 * @param count At most `length`.
 * @returns `rows`
 */
export function orthonormalize(rows: Float64Array, count: number, length: number): Float64Array {
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * length, (i + 1) * length);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < i; k++) {
        const earlier = rows.subarray(k * length, (k + 1) * length);
        addScaled(row, earlier, -dot(row, earlier));
      }
    }
    const norm = Math.sqrt(dot(row, row));
    for (let j = 0; j < length; j++) row[j] = (row[j] as number) / norm;
  }
  return rows;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number); // Both have one length.
  return sum;
}

/** a += factor * b */
function addScaled(a: Float64Array, b: Float64Array, factor: number): void {
  for (let j = 0; j < a.length; j++) a[j] = (a[j] as number) + factor * (b[j] as number);
}
