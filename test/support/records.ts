// TFRecord files, read by another way than they are written.

/** CRC-32C as a division of polynomials, a bit at a time, with the highest first, as its definition has it. */
export function slowCrc32c(bytes: Uint8Array): number {
  let register = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const carry = (register >>> 31) ^ ((byte >> bit) & 1);
      register = (register << 1) ^ (carry * 0x1edc6f41);
    }
  }
  const reflected = [...(register >>> 0).toString(2).padStart(32, "0")].reverse().join("");
  return (Number.parseInt(reflected, 2) ^ 0xffffffff) >>> 0;
}

/** The data of each record. Throws where a length or a checksum is wrong, and where the file ends within a record. */
export function readRecords(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let start = 0; start < file.length; ) {
    const length = Number(file.readBigUInt64LE(start));
    const data = file.subarray(start + 12, start + 12 + length);
    if (data.length < length) throw new Error("The file ends within a record.");
    const checked = [
      [file.subarray(start, start + 8), file.readUInt32LE(start + 8)],
      [data, file.readUInt32LE(start + 12 + length)],
    ] as const;
    for (const [bytes, stored] of checked) {
      const unmasked = (stored - 0xa282ead8 + 2 ** 32) % 2 ** 32;
      const crc = ((unmasked << 15) | (unmasked >>> 17)) >>> 0;
      if (crc !== slowCrc32c(bytes)) throw new Error(`The checksum at ${start} is wrong.`);
    }
    records.push(data);
    start += length + 16;
  }
  return records;
}
