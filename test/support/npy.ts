/** An array of bytes in NumPy's format, version 1. */
export function npy(shape: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.from(`{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(", ")},), }\n`);
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00", "latin1"),
    Buffer.of(header.length, 0),
    header,
    data,
  ]);
}
