/**
 * The little-endian numbers of bytes, a whole number of them: a view of the bytes where their alignment allows one, otherwise of a copy.
 */
export function floatView(bytes: Uint8Array, size: 4): Float32Array;
export function floatView(bytes: Uint8Array, size: 8): Float64Array;
export function floatView(bytes: Uint8Array, size: 4 | 8): Float32Array | Float64Array {
  // Not `slice()`, which makes no copy where the bytes are a Buffer.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset, byteLength } = aligned;
  return size === 4
    ? new Float32Array(buffer, byteOffset, byteLength / size)
    : new Float64Array(buffer, byteOffset, byteLength / size);
}
