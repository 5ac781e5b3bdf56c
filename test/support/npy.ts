/** An array in NumPy's format, version 1: of bytes, or of what `type` says. */
export function npy(shape: readonly number[], data: Uint8Array, type = "|u1"): Buffer {
  const header = Buffer.from(
    `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }\n`,
  );
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00", "latin1"),
    Buffer.of(header.length, 0),
    header,
    data,
  ]);
}
