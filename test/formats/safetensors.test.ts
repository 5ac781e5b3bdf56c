import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError, ModelFormatError, ShapeError } from "../../src/errors.js";
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsTensor,
} from "../../src/formats/safetensors.js";

const NAME = "digits.safetensors";

/** A file put together by hand from the published format. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0), headerLength?: bigint): Uint8Array {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(headerLength ?? BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

function tensor(
  name: string,
  shape: number[],
  values: number[],
  dtype: "F32" | "F64" = "F32",
): SafetensorsTensor {
  return {
    name,
    dtype,
    shape,
    data: dtype === "F32" ? Float32Array.from(values) : Float64Array.from(values),
  };
}

const golden = Buffer.concat([
  Buffer.from([0x60, 0, 0, 0, 0, 0, 0, 0]), // 96 bytes of header, of which three pad it to a multiple of eight
  Buffer.from(
    '{"__metadata__":{"seed":"123"},"bias":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}       ',
  ),
  Buffer.from([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]), // 1 and -2
]);

describe("the safetensors format", () => {
  it("is written as published", () => {
    expect(Buffer.from(encodeSafetensors([tensor("bias", [2, 1], [1, -2])], { seed: "123" }))).toEqual(
      golden,
    );
  });

  it("is read as published", () => {
    const { tensors, metadata } = decodeSafetensors(golden, NAME);
    expect(metadata).toEqual({ seed: "123" });
    expect([...tensors]).toEqual([["bias", tensor("bias", [2, 1], [1, -2])]]);
  });

  it("is read without metadata, with unpadded header, spaces, unsorted and empty tensors, and unknown fields", () => {
    const header =
      '{ "b" : {"dtype":"F64","shape":[],"data_offsets":[4,12],"note":1}, "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},' +
      '"none":{"dtype":"F32","shape":[0,7],"data_offsets":[4,4]}}';
    const bytes = file(
      header,
      new Uint8Array([
        ...new Uint8Array(Float32Array.of(3).buffer),
        ...new Uint8Array(Float64Array.of(-4).buffer),
      ]),
    );
    const { tensors, metadata } = decodeSafetensors(bytes, NAME);
    expect(metadata).toEqual({});
    expect([...tensors.values()]).toEqual([
      tensor("a", [1], [3]),
      tensor("none", [0, 7], []),
      tensor("b", [], [-4], "F64"),
    ]);
  });

  it("gives views where elements are aligned, and copies where they are not", () => {
    const bytes = encodeSafetensors([tensor("a", [2], [1, 2])], {});
    const shifted = new Uint8Array(bytes.length + 1).subarray(1);
    shifted.set(bytes);
    const view = decodeSafetensors(bytes, NAME).tensors.get("a");
    const copy = decodeSafetensors(shifted, NAME).tensors.get("a");
    expect(view?.data.buffer).toBe(bytes.buffer);
    expect(copy?.data.buffer).not.toBe(shifted.buffer);
    expect(copy?.data).toEqual(Float32Array.of(1, 2));
  });

  it("holds files without tensors", () => {
    expect(decodeSafetensors(encodeSafetensors([], {}), NAME).tensors.size).toBe(0);
  });

  const value = fc.double();
  const anyTensor = fc
    .record({
      name: fc.string({ unit: "binary" }),
      dtype: fc.constantFrom("F32", "F64"),
      shape: fc.array(fc.nat(4), { maxLength: 3 }),
    })
    .chain(({ name, dtype, shape }) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return fc
        .array(value, { minLength: length, maxLength: length })
        .map((values) => tensor(name, shape, values, dtype));
    });
  const anyTensors = fc
    .uniqueArray(anyTensor, { selector: ({ name }) => name, maxLength: 5 })
    .filter((tensors) => tensors.every(({ name }) => name !== "__metadata__"));
  const anyMetadata = fc.dictionary(fc.string(), fc.string());

  it("gives back what was written", () => {
    fc.assert(
      fc.property(anyTensors, anyMetadata, (tensors, metadata) => {
        const bytes = encodeSafetensors(tensors, metadata);
        const decoded = decodeSafetensors(bytes, NAME);
        expect({ ...decoded.metadata }).toEqual({ ...metadata });
        expect(decoded.tensors.size).toBe(tensors.length);
        for (const written of tensors) {
          expect(decoded.tensors.get(written.name)).toEqual(written);
        }
      }),
    );
  });

  it("answers corruption with a ModelFormatError or not at all", () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.option(fc.nat()) });
    fc.assert(
      fc.property(anyTensors, fc.array(change, { minLength: 1, maxLength: 4 }), (tensors, changes) => {
        let bytes = encodeSafetensors(tensors, { seed: "1" });
        for (const { at, byte, cut } of changes) {
          bytes[at % bytes.length] = byte;
          bytes = bytes.subarray(0, cut === null ? bytes.length : 1 + (cut % bytes.length));
        }
        try {
          decodeSafetensors(bytes, NAME);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("answers arbitrary headers with a ModelFormatError or not at all", () => {
    const part = fc.oneof(
      fc.jsonValue(),
      fc.record({
        dtype: fc.constantFrom("F32", "I8"),
        shape: fc.jsonValue(),
        data_offsets: fc.array(fc.maxSafeInteger()),
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), part), fc.uint8Array(), (header, data) => {
        try {
          decodeSafetensors(file(header, data), NAME);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFormatError);
        }
      }),
    );
  });
});

describe("a safetensors file is refused", () => {
  const info = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const eight = new Uint8Array(8);
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;

  it.each<[why: string, bytes: Uint8Array, fault: RegExp]>([
    ["when it is empty", new Uint8Array(0), /only 0 bytes/],
    ["when it is too short for a header", new Uint8Array(7), /only 7 bytes/],
    [
      "when its header is longer than the file",
      file({}, eight, 11n),
      /header of 11 bytes, but only 10 follow/,
    ],
    ["when its header is longer than any", file({}, eight, 10_000_001n), /at most 10000000 /],
    ["when its header has an absurd length", file({}, eight, 2n ** 64n - 1n), /at most 10000000 /],
    ["when its header is empty", file(""), /does not start with a brace/],
    ["when its header is not an object", file([]), /does not start with a brace/],
    ["when its header starts with a space", file(" {}"), /does not start with a brace/],
    ["when its header is not JSON", file("{oops}"), /not valid JSON/],
    [
      "when its header is not UTF-8",
      file({ "\u00ff": 1 }).map((byte) => (byte === 0xc3 ? 0xff : byte)),
      /not valid JSON/,
    ],
    [
      "when its header nests without end",
      file(`{"a":{"dtype":"F32","shape":${deep}}}`),
      /has the shape \[{…}\]/,
    ],
    ["when its metadata are not an object", file({ __metadata__: [] }), /__metadata__/],
    ["when its metadata are not strings", file({ __metadata__: { seed: 123 } }), /__metadata__/],
    ["when a tensor is not described", file({ a: null }), /"a" is not described/],
    [
      "when a tensor has no type",
      file({ a: { ...info, dtype: undefined } }, eight),
      /"a" has the type undefined/,
    ],
    [
      "when a tensor has another type",
      file({ a: { ...info, dtype: "BF16" } }, eight),
      /type "BF16", and F32 or F64/,
    ],
    ["when a shape is not a list", file({ a: { ...info, shape: 2 } }, eight), /shape 2,/],
    ["when a size is negative", file({ a: { ...info, shape: [-2] } }, eight), /shape \[-2\]/],
    ["when a size is not whole", file({ a: { ...info, shape: [0.5] } }, eight), /shape \[0.5\]/],
    [
      "when a shape is larger than numbers go",
      file({ a: { ...info, shape: [2 ** 52, 2 ** 52, 2 ** 52] } }, eight),
      /8 bytes, which do not fit/,
    ],
    [
      "when a shape does not fit its bytes",
      file({ a: { ...info, shape: [3] } }, eight),
      /8 bytes, which do not fit/,
    ],
    [
      "when offsets are missing",
      file({ a: { ...info, data_offsets: undefined } }, eight),
      /offsets undefined/,
    ],
    [
      "when there are three offsets",
      file({ a: { ...info, data_offsets: [0, 4, 8] } }, eight),
      /offsets \[0,4,8\]/,
    ],
    ["when offsets descend", file({ a: { ...info, data_offsets: [8, 0] } }, eight), /offsets \[8,0\]/],
    [
      "when offsets lie outside the file",
      file({ a: { ...info, data_offsets: [8, 16] } }, eight),
      /ascending ones up to 8/,
    ],
    [
      "when there is a hole at the start",
      file({ a: { ...info, shape: [1], data_offsets: [4, 8] } }, eight),
      /begins at byte 4 .* byte 0 was expected/,
    ],
    [
      "when tensors overlap",
      file({ a: info, b: info }, eight),
      /"b" begins at byte 0 .* byte 8 was expected/,
    ],
    ["when bytes are left over", file({ a: info }, new Uint8Array(9)), /take 8 bytes, but 9 bytes follow/],
    [
      "when a tensor is given twice",
      file(`{"a":${JSON.stringify(info)},"\\u0061" :${JSON.stringify(info)}}`, eight),
      /key "a" twice/,
    ],
    [
      "when a field is given twice",
      file('{"a":{"dtype":"I8","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', eight),
      /key "dtype" twice/,
    ],
  ])("%s", (_, bytes, fault) => {
    expect(() => decodeSafetensors(bytes, NAME)).toThrow(ModelFormatError);
    expect(() => decodeSafetensors(bytes, NAME)).toThrow(fault);
    expect(() => decodeSafetensors(bytes, NAME)).toThrow(
      /^digits.safetensors is not a (safetensors file|readable safetensors model): /,
    );
  });

  it.each(["This is no model, but a text.", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ""])(
    "as what it is not, when it is something else: %j",
    (text) => {
      const decode = () => decodeSafetensors(Buffer.from(text, "latin1"), NAME);
      expect(decode).toThrow(/^digits.safetensors is not a safetensors file: /);
    },
  );

  it("in one short sentence, even when its names are long", () => {
    const long = file({ ["x".repeat(100_000)]: 1 });
    expect(() => decodeSafetensors(long, NAME)).toThrow(/^.{1,200}$/);
  });
});

describe("tensors are not written", () => {
  it("when a name is given twice", () => {
    const twice = [tensor("a", [1], [1]), tensor("a", [1], [2])];
    expect(() => encodeSafetensors(twice, {})).toThrow(InvalidArgumentError);
  });

  it("when a name is reserved", () => {
    expect(() => encodeSafetensors([tensor("__metadata__", [0], [])], {})).toThrow(InvalidArgumentError);
  });

  it("when the data are of another type", () => {
    const wrong = { ...tensor("a", [1], [1]), dtype: "F64" } as const;
    expect(() => encodeSafetensors([wrong], {})).toThrow(/Float64Array for tensor "a"/);
  });

  it("when the header grows beyond what is read back", () => {
    expect(() => encodeSafetensors([], { note: "x".repeat(10_000_000) })).toThrow(InvalidArgumentError);
  });

  it("when the data do not fill the shape", () => {
    expect(() => encodeSafetensors([tensor("a", [2, 2], [1, 2, 3])], {})).toThrow(ShapeError);
  });
});
