import fc from "fast-check";
import { expect, it } from "vitest";
import { crc32c } from "../../src/formats/crc32c.js";
import { slowCrc32c } from "../support/records.js";

// RFC 3720, appendix B.4, whose checksums stand with their lowest byte first; and the check value of CRC catalogues.
const ISCSI_READ =
  "01c00000000000000000000000000000140000000000040000000014000000182800000000000000020000000000000000";

it.each<[string, Uint8Array, number]>([
  ["32 zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["32 bytes that grow", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ["32 bytes that fall", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ["an iSCSI command", Buffer.from(ISCSI_READ.padEnd(96, "0").slice(0, 96), "hex"), 0xd9963a56],
  ["123456789", Buffer.from("123456789"), 0xe3069283],
  ["no bytes", new Uint8Array(0), 0],
])("the checksum of %s is the published one", (_, bytes, expected) => {
  expect(crc32c(bytes).toString(16)).toBe(expected.toString(16));
});

it("is the remainder of a division, bit by bit", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(crc32c(bytes)).toBe(slowCrc32c(bytes));
    }),
  );
});
