import { posix, win32 } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { FileAccessError, ModelFormatError } from "../../../src/errors.js";
import { importOnnx } from "../../../src/interchange/index.js";
import { checkExternalLocation } from "../../../src/interchange/onnx/external-data.js";
import { DATA_LOCATION, DATA_TYPE, onnxTensor } from "../../../src/interchange/onnx/messages.js";
import { fileOf, node, products, ROWS, WEIGHT } from "./graphs-by-hand.js";
import { largestDifference, outputsFor } from "./recorded-models.js";

const backend = createJavaScriptBackend();
const stored = Uint8Array.from([...new Uint8Array(8), ...new Uint8Array(WEIGHT.floatData.slice().buffer)]);

function fileWith(entries: Readonly<Record<string, string>>, dims: readonly number[] = [3, 2]): Uint8Array {
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
  const weight = onnxTensor({
    name: "w",
    dims,
    dataType: DATA_TYPE.float,
    dataLocation: DATA_LOCATION.external,
    externalData,
  });
  return fileOf({ nodes: [node("MatMul", ["x", "w"], "y")], tensors: [weight] });
}

async function sentenceOf(
  entries: Readonly<Record<string, string>>,
  external?: () => Promise<Uint8Array>,
  dims?: readonly number[],
): Promise<string> {
  const error = await importOnnx(fileWith(entries, dims), { backend, name: "a.onnx", external }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelFormatError);
  return (error as Error).message;
}

describe("weights in another file", () => {
  it.each([
    { location: "parts/w.bin", offset: "8", length: "24" },
    { location: "parts/w.bin", offset: "8" },
  ])("are read by the function that is given: %j", async (entries) => {
    const asked: unknown[] = [];
    const { network } = await importOnnx(fileWith(entries), {
      backend,
      external: async (location, offset, length) => {
        asked.push([location, offset, length]);
        return stored.subarray(offset, offset + length);
      },
    });
    expect(asked).toEqual([["parts/w.bin", 8, 24]]);
    expect(largestDifference(outputsFor(network, ROWS), products())).toBeLessThan(1e-6);
  });

  it("that are not needed are not asked for", async () => {
    const other = onnxTensor({
      name: "other",
      dims: [3],
      dataType: DATA_TYPE.float,
      dataLocation: DATA_LOCATION.external,
      externalData: [{ key: "location", value: "../secret" }],
    });
    const file = fileOf({ nodes: [node("MatMul", ["x", "w"], "y")], tensors: [WEIGHT, other] });
    await expect(importOnnx(file, { backend })).resolves.toBeDefined();
  });

  it("are refused where nobody reads them, or where they are not as they should be", async () => {
    const given = async () => stored;
    const location = "w.bin";
    expect(await sentenceOf({ location })).toBe(
      'a.onnx cannot be imported: the tensor "w" stands in another file, "w.bin"; give the option external, which reads it, or save the model with its weights inside.',
    );
    expect(await sentenceOf({}, given)).toBe(
      'a.onnx cannot be imported: the tensor "w" is told to be in another file, and it is not said in which.',
    );
    expect(await sentenceOf({ location }, given)).toBe(
      'a.onnx cannot be imported: the tensor "w" takes 24 bytes of the file "w.bin", and 32 were there.',
    );
    expect(await sentenceOf({ location, length: "20" }, given)).toBe(
      'a.onnx cannot be imported: the tensor "w" takes 24 bytes, and 20 are told of in the file "w.bin".',
    );
    expect(await sentenceOf({ location, offset: "-1" }, given)).toBe(
      'a.onnx cannot be imported: the tensor "w" has the offset "-1" in another file, and a number of bytes was expected.',
    );
    expect(await sentenceOf({ location }, given, [2 ** 20, 2 ** 20])).toBe(
      `a.onnx cannot be imported: its weights in other files take more than ${2 ** 32} bytes, which is the most that is read.`,
    );
  });

  it("pass on what reading them throws", async () => {
    const external = () => Promise.reject(new FileAccessError("w.bin cannot be read."));
    await expect(importOnnx(fileWith({ location: "w.bin" }), { backend, external })).rejects.toThrow(
      new FileAccessError("w.bin cannot be read."),
    );
  });
});

describe("the place of external data", () => {
  it.each(["w.bin", "model.onnx.data", "parts/w.bin", "a/b/c.d", "größe.bin", "..w", "a b.bin", "con_v.bin"])(
    "may be a path of plain names: %s",
    (location) => {
      expect(() => checkExternalLocation(location, "a.onnx")).not.toThrow();
    },
  );

  it.each([
    "",
    ".",
    "..",
    "../w.bin",
    "a/../../w.bin",
    "a/./w.bin",
    "/etc/passwd",
    "//host/share",
    "a//b",
    "a/",
    "..\\w.bin",
    "a\\..\\..\\w.bin",
    "C:\\w.bin",
    "C:w.bin",
    "w.bin:stream",
    "\\\\host\\share",
    ".. /w.bin",
    "... /w.bin",
    "w.bin.",
    "w\0.bin",
    "w\n.bin",
    "NUL",
    "a/con.bin",
    "x".repeat(1025),
  ])("must not lead elsewhere: %j", async (location) => {
    expect(() => checkExternalLocation(location, "a.onnx")).toThrow(ModelFormatError);
    let asked = false;
    const sentence = await sentenceOf({ location }, async () => {
      asked = true;
      return stored;
    });
    expect(asked).toBe(false);
    expect(sentence).toMatch(
      /and a path was expected that stays in the model's own folder, such as "weights\.bin"/,
    );
    expect(sentence.length).toBeLessThan(350);
  });

  it("never leads out of the folder, whatever it is made of", () => {
    const piece = fc.constantFrom("..", ".", "/", "\\", ":", "C", "a", " ", "w.bin", "\0", "nul", "~");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const location = pieces.join("");
        try {
          checkExternalLocation(location, "a.onnx");
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFormatError);
          return;
        }
        expect(posix.relative("/models/one", posix.resolve("/models/one", location))).toBe(location);
        expect(win32.relative("C:\\models\\one", win32.resolve("C:\\models\\one", location))).toBe(
          location.replaceAll("/", "\\"),
        );
      }),
      { numRuns: 500 },
    );
  });
});
