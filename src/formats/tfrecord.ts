import { crc32c } from "./crc32c.js";

// TensorFlow's TFRecord (https://www.tensorflow.org/tutorials/load_data/tfrecord, "TFRecords format details"): records one after
// another, each of its length as 8 bytes, the masked checksum of these, the data, and the masked checksum of the data; numbers are
// little-endian.

const LENGTH_BYTES = 8;
const CHECKSUM_BYTES = 4;
const MASK_DELTA = 0xa282ead8;

/** One record with these data. A file is such records, one after another. */
export function encodeTfRecord(data: Uint8Array): Uint8Array {
  const start = LENGTH_BYTES + CHECKSUM_BYTES;
  const record = new Uint8Array(start + data.length + CHECKSUM_BYTES);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(LENGTH_BYTES, masked(crc32c(record.subarray(0, LENGTH_BYTES))), true);
  record.set(data, start);
  view.setUint32(start + data.length, masked(crc32c(data)), true);
  return record;
}

/** Rotated right by 15 bits, plus a constant: the checksum of data that hold checksums themselves would tell less. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
