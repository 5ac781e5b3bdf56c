import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataFormatError } from "../../src/errors.js";
import { encodeNpy, encodeNpyText, type NpyArray } from "../../src/formats/npy-array.js";
import { encodeNpz, readNpz } from "../../src/formats/npz.js";
import { npy } from "../support/npy.js";
import { zip } from "../support/zip.js";

interface Expected {
  readonly shape: readonly number[];
  readonly numbers?: readonly string[];
  readonly texts?: readonly string[];
}

const golden = (name: string) => readFileSync(new URL(`../golden/interchange/${name}`, import.meta.url));
const expected = JSON.parse(golden("arrays.json").toString()) as Readonly<Record<string, Expected>>;
const read = async (bytes: Uint8Array) => (await readNpz(bytes, "a.npz")).arrays;
const NUMBERS: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
};

describe("arrays that NumPy wrote", async () => {
  const arrays = await read(golden("arrays.npz"));

  it.each(Object.entries(expected))(
    "are read, whatever type and order: %s",
    (name, { shape, numbers, texts }) => {
      const array = arrays.get(name);
      expect(array?.shape).toEqual(shape);
      if (array?.kind === "texts") expect(array.texts).toEqual(texts);
      else expect([...(array?.data ?? [])]).toEqual(numbers?.map((text) => NUMBERS[text] ?? Number(text)));
    },
  );

  it("are all of them there", () => expect([...arrays.keys()].sort()).toEqual(Object.keys(expected).sort()));

  it("are float32 where nothing is lost", () => {
    const typeOf = (name: string) =>
      (arrays.get(name) as Extract<NpyArray, { kind: "numbers" }>).data.constructor;
    for (const name of ["big-f2", "columns-f4", "little-u2"]) expect(typeOf(name)).toBe(Float32Array);
    for (const name of ["big-f8", "little-i4", "big-u8"]) expect(typeOf(name)).toBe(Float64Array);
  });
});

describe("arrays that are written", () => {
  const shapes = fc.array(fc.nat(4), { maxLength: 3 });
  const numbers = shapes.chain((shape) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const of = (make: (values: number[]) => Float32Array | Float64Array) =>
      fc
        .array(fc.double(), { minLength: length, maxLength: length })
        .map((values) => ({ shape, data: make(values) }));
    return fc.oneof(
      of((values) => Float32Array.from(values)),
      of((values) => Float64Array.from(values)),
    );
  });
  const text = fc.string({ unit: "grapheme" }).filter((value) => !value.endsWith("\0"));

  it("come back, with the same bytes each time", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[a-z.]{1,8}$/), numbers),
        text,
        async (all, name) => {
          const entries = Object.entries(all).map(
            ([key, { data, shape }]) => [key, encodeNpy(data, shape)] as const,
          );
          const files = new Map([...entries, ["A text", encodeNpyText(name)]]);
          const bytes = await encodeNpz(files);
          expect(Buffer.compare(bytes, await encodeNpz(files))).toBe(0);
          const arrays = await read(bytes);
          expect(arrays.get("A text")).toEqual({ kind: "texts", shape: [], texts: [name] });
          for (const [key, { data, shape }] of Object.entries(all))
            expect(arrays.get(key)).toEqual({ kind: "numbers", shape, data });
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("an archive is refused", () => {
  const one = npy([4], new Uint8Array(4));
  const withHeader = (text: string, data = new Uint8Array(4)) => {
    const header = Buffer.from(text);
    return Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00", "latin1"),
      Buffer.of(header.length, 0),
      header,
      data,
    ]);
  };
  const described = (type: string, shape: string, data = new Uint8Array(4)) =>
    withHeader(`{'descr': '${type}', 'fortran_order': True, 'shape': (${shape}), }`, data);

  it.each<[why: string, file: Uint8Array, fault: RegExp]>([
    [
      "when an array claims more than there is",
      described("<f8", "1000000, 1000000"),
      /has 4 bytes after its header/,
    ],
    [
      "when an array has more than its shape",
      described("|u1", "3,"),
      /has 4 bytes after its header, but 3 elements/,
    ],
    ["when an array has dimensions without end", described("|u1", "1, ".repeat(65)), /65 dimensions/],
    ["when texts of no length are too many", described("<U0", "9999999,"), /9999999 elements/],
    ["when it holds Python objects", described("|O", "1,"), /array of Python objects/],
    ["when it holds complex numbers", described("<c8", "1,"), /the type c8/],
    [
      "when it holds records",
      withHeader("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"),
      /several types/,
    ],
    ["when its text is none", described("<U1", "", new Uint8Array(4).fill(0xff)), /text that is none/],
    ["when a file is no array", Buffer.from("not an array"), /is not a NumPy array/],
  ])("%s", async (_, file, fault) => {
    const error = await read(zip({ "x.npy": file })).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataFormatError);
    expect(String(error)).toMatch(fault);
  });

  it("when it is a bomb, before memory is taken for it", async () => {
    // Fifty files, each of which claims the same 8 MB of zeros, in 400 kB.
    const zeros = encodeNpy(new Uint8Array(8 << 20), [8 << 20]);
    const bytes = zip(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${i}.npy`, zeros])));
    expect(bytes.length).toBeLessThan(4 << 20);
    await expect(read(bytes)).rejects.toThrow(/bytes and claims to hold arrays of 4194\d+/);
  });

  it("when it has too many files", async () => {
    const bytes = zip(Object.fromEntries(Array.from({ length: 4097 }, (_, i) => [`${i}.npy`, one])));
    await expect(read(bytes)).rejects.toThrow("holds 4097 arrays, and at most 4096 are read");
  });
});
