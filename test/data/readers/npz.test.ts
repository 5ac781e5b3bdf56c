import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type LoadNpzOptions, loadNpz } from "../../../src/data/readers/npz.js";
import {
  DataFormatError,
  FileAccessError,
  InvalidArgumentError,
  LabelRangeError,
  ShapeError,
} from "../../../src/errors.js";
import { flat } from "../../support/flat.js";
import { npy } from "../../support/npy.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { zip } from "../../support/zip.js";

const folder = temporaryFolder();
const load = (name: string, options: Partial<LoadNpzOptions> = {}) =>
  loadNpz({ file: fileURLToPath(new URL(`../../golden/npz/${name}.npz`, import.meta.url)), ...options });
const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i);

describe("loadNpz on what NumPy wrote", () => {
  it("takes Keras' four arrays, the training images first", async () => {
    const { dataset, trainCount } = await load("keras");
    expect(flat(dataset)).toEqual({
      images: counting(54),
      labels: Uint8Array.of(0, 1, 2, 3, 0, 1, 2, 3, 0),
      rows: Int32Array.from(counting(9)),
      imageShape: [2, 3],
      classes: 4,
    });
    expect(trainCount).toBe(6);
  });

  it.each(["fractions", "doubles"])(
    "takes %s from 0 to 1 in rows, and finds that they are square",
    async (name) => {
      const { dataset, ...rest } = await load(name);
      expect(flat(dataset)).toMatchObject({
        images: counting(36),
        labels: counting(4),
        imageShape: [3, 3],
        classes: 4,
      });
      expect(rest).toEqual({});
    },
  );

  it("takes other whole numbers, of one channel and big-endian", async () => {
    const { dataset } = await load("big-endian");
    expect(flat(dataset)).toMatchObject({ images: counting(24), labels: counting(4), imageShape: [2, 3] });
  });

  it("takes booleans for black and white", async () => {
    const { dataset } = await load("booleans");
    expect(dataset.features.data).toEqual(counting(16).map((i) => (i % 2) * 255));
  });

  it("takes arrays by name, and the classes it is told", async () => {
    const { dataset } = await load("named", {
      images: "pictures",
      labels: "kinds",
      classNames: [..."abcde"],
    });
    expect(flat(dataset)).toMatchObject({ images: counting(24), classes: 5, classNames: [..."abcde"] });
  });

  it("takes rows in the shape it is told", async () => {
    const { dataset } = await load("oblong", { imageShape: [2, 3] });
    expect(flat(dataset)).toMatchObject({ images: counting(24), imageShape: [2, 3] });
  });
});

describe("loadNpz refuses", () => {
  it.each<[what: string, name: string, errorClass: new (message: string) => Error, fault: RegExp]>([
    ["arrays with other names", "named", DataFormatError, /no arrays images and labels, but pictures, kinds/],
    ["Fortran order", "fortran", DataFormatError, /images in .*ascontiguousarray/],
    ["texts", "text", DataFormatError, /labels in .*not an array of plain numbers/],
    ["fractions above 1", "unscaled", DataFormatError, /fractions from 0 to 1 in images in .*image 0 has 2/],
    ["bytes above 255", "too-bright", DataFormatError, /0 to 255 in images in .*image 0 has 256/],
    ["a negative label", "negative-label", LabelRangeError, /row 0 has the label -1/],
    ["colour images", "colour", ShapeError, /gray images, .*\[4, 2, 3, 3\]/],
    ["fewer labels than images", "few-labels", ShapeError, /Expected \[4\] labels.*\[3\]/],
    ["rows that are no square", "oblong", InvalidArgumentError, /6 pixels, and these fill no square/],
  ])("%s", async (_, name, errorClass, fault) => {
    const error = await load(name).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(errorClass);
    expect(String(error)).toMatch(fault);
  });

  it.each(["|valueOf", "|constructor", "|__proto__"])(
    "an array of the type %s, which every object has",
    async (type) => {
      const array = npy([2, 1, 1], Buffer.of(1, 2));
      const text = array.toString("latin1").replace("|u1", type);
      const bytes = Buffer.from(text, "latin1");
      bytes.writeUInt16LE(bytes.readUInt16LE(8) + type.length - 3, 8);
      const file = join(folder, "type.npz");
      writeFileSync(file, zip({ "images.npy": bytes, "labels.npy": npy([2], Buffer.of(0, 1)) }));
      await expect(loadNpz({ file })).rejects.toThrow(/not an array of plain numbers/);
    },
  );

  it("the name of one array alone", () =>
    expect(load("named", { images: "pictures" })).rejects.toThrow(InvalidArgumentError));

  it("a name that is not in the file", () =>
    expect(load("named", { images: "pictures", labels: "y" })).rejects.toThrow(/has no file y.npy/));

  it("a missing file", () => expect(load("missing")).rejects.toThrow(FileAccessError));

  it("a file that is no archive", async () => {
    const file = join(folder, "text.npz");
    writeFileSync(file, "not an archive");
    const error = await loadNpz({ file }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataFormatError);
    expect(String(error)).toMatch(/text.npz is a damaged zip archive/);
  });

  it("a damaged one, wherever the damage is", async () => {
    const intact = readFileSync(new URL("../../golden/npz/keras.npz", import.meta.url));
    const file = join(folder, "damaged.npz");
    const expected = await load("keras");
    for (let at = 0; at < intact.length; at++) {
      const damaged = Buffer.from(intact);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      writeFileSync(file, damaged);
      const outcome = await loadNpz({ file }).catch((reason: unknown) => reason);
      // Some fields, such as dates, say nothing about the content; no damage may change it.
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(DataFormatError);
      } else {
        expect(outcome).toEqual(expected);
      }
    }
  });

  it.each([
    ["that is cut short", "ends too early", (array: Buffer) => array.subarray(0, array.length - 1)],
    ["that is too long", "more numbers than its shape", (array: Buffer) => Buffer.concat([array, array])],
    ["of another format", "is not a NumPy array", (array: Buffer) => array.subarray(1)],
    ["with an absurd header", "claims a header", (array: Buffer) => withHeader(array, 2, 2 ** 31)],
    ["of an unknown version", "is not a NumPy array", (array: Buffer) => withHeader(array, 9, 1)],
  ])("an array %s", async (_, fault, change) => {
    const array = npy([2, 1, 1], Buffer.of(1, 2));
    const file = join(folder, "array.npz");
    writeFileSync(file, zip({ "x.npy": change(array), "y.npy": npy([2], Buffer.of(0, 1)) }));
    const error = await loadNpz({ file }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataFormatError);
    expect(String(error)).toContain(fault);
  });
});

function withHeader(array: Buffer, version: number, length: number): Buffer {
  const lengthField = Buffer.alloc(4);
  lengthField.writeUInt32LE(length);
  return Buffer.concat([array.subarray(0, 6), Buffer.of(version, 0), lengthField, array.subarray(10)]);
}
