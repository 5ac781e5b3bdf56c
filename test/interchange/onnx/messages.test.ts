import fc from "fast-check";
import { PbfWriter } from "pbf";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError, ModelFormatError } from "../../../src/errors.js";
import {
  decodeOnnx,
  encodeOnnx,
  type OnnxModel,
  onnxAttribute,
  onnxDimension,
  onnxGraph,
  onnxModel,
  onnxNode,
  onnxTensor,
  onnxValueInfo,
} from "../../../src/interchange/onnx/messages.js";
import { peer } from "../../support/interchange-peers.js";

/** What is used of onnx-proto, which need not be installed. */
interface OnnxProto {
  readonly onnx: {
    readonly ModelProto: {
      decode(bytes: Uint8Array): unknown;
      toObject(message: unknown): object;
      create(values: object): unknown;
      encode(message: unknown): { finish(): Uint8Array };
    };
  };
}

const { ModelProto } = peer<OnnxProto>("onnx-proto")?.onnx ?? {};

const name = fc.string({ maxLength: 20, unit: "grapheme" });
const int64 = fc.oneof(fc.integer(), fc.maxSafeInteger());
const int32 = fc.integer();
const raw = fc.uint8Array({ maxLength: 200 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const list = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 4 });
const entry = fc.record({ key: name, value: name });
const float32s = fc.float32Array({ maxLength: 40, noNaN: true });
const float32 = fc.float({ noNaN: true }).map((number) => (Object.is(number, -0) ? 0 : number));

const tensor = fc
  .record({
    name,
    docString: name,
    dims: list(int64),
    dataType: int32,
    floatData: float32s,
    doubleData: fc.float64Array({ maxLength: 40, noNaN: true }),
    int32Data: list(int32),
    int64Data: list(int64),
    stringData: list(raw),
    rawData: maybe(raw),
    dataLocation: fc.constantFrom(0, 1),
    externalData: list(entry),
  })
  .map(onnxTensor);
const attribute = fc
  .record({
    name,
    type: fc.nat(14),
    f: float32,
    i: int64,
    s: maybe(raw),
    t: maybe(tensor),
    floats: float32s,
    ints: list(int64),
    strings: list(raw),
  })
  .map(onnxAttribute);
const node = fc
  .record({
    name,
    opType: name,
    domain: name,
    input: list(name),
    output: list(name),
    attribute: list(attribute),
    docString: name,
  })
  .map(onnxNode);
const dimension = fc
  .oneof(fc.record({ dimValue: int64 }), fc.record({ dimParam: name }), fc.constant({}))
  .map(onnxDimension);
const valueInfo = fc
  .record({
    name,
    docString: name,
    type: maybe(
      fc.record({
        tensorType: maybe(fc.record({ elemType: int32, shape: maybe(fc.record({ dim: list(dimension) })) })),
      }),
    ),
  })
  .map(onnxValueInfo);
const graph = fc
  .record({
    name,
    docString: name,
    node: list(node),
    initializer: list(tensor),
    input: list(valueInfo),
    output: list(valueInfo),
    valueInfo: list(valueInfo),
  })
  .map(onnxGraph);
const model: fc.Arbitrary<OnnxModel> = fc
  .record({
    irVersion: int64,
    opsetImport: list(fc.record({ domain: name, version: int64 })),
    producerName: name,
    producerVersion: name,
    domain: name,
    modelVersion: int64,
    docString: name,
    graph,
    metadataProps: list(entry),
  })
  .map(onnxModel);

/** Without the difference between Buffer and Uint8Array. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (ArrayBuffer.isView(value)) return [...(value as Float32Array)];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

/** As our messages are: a field for each key, typed arrays for numbers. */
function fromPeer(found: unknown, like: unknown): unknown {
  if (like instanceof Uint8Array || found instanceof Uint8Array) {
    return found === undefined ? undefined : { bytes: [...(found as Uint8Array)] };
  }
  if (typeof found === "object" && found !== null && "toNumber" in found) {
    return (found as { toNumber(): number }).toNumber();
  }
  if (Array.isArray(found) || ArrayBuffer.isView(like) || Array.isArray(like)) {
    const members = [...((found ?? []) as unknown[])];
    return members.map((member, i) => fromPeer(member, (like as unknown[])[i]));
  }
  if (typeof like !== "object" || like === null) {
    return found ?? (typeof like === "string" ? "" : typeof like === "number" ? 0 : undefined);
  }
  const fields = (found ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(like).map(([key, member]) => [key, fromPeer(fields[key], member)]),
  );
}

describe("an ONNX file", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(model, (written) => {
        expect(plain(decodeOnnx(encodeOnnx(written), "a.onnx"))).toEqual(plain(written));
      }),
      { numRuns: 40 },
    );
  });

  it.skipIf(ModelProto === undefined)("is what another implementation of the published schema reads", () => {
    fc.assert(
      fc.property(model, (written) => {
        const read = ModelProto?.toObject(ModelProto.decode(encodeOnnx(written)));
        expect(fromPeer(read, written)).toEqual(plain(written));
      }),
      { numRuns: 40 },
    );
  });

  it.skipIf(ModelProto === undefined)("of another implementation is read", () => {
    fc.assert(
      fc.property(model, (written) => {
        const bytes = ModelProto?.encode(ModelProto.create(written)).finish() ?? new Uint8Array(0);
        expect(plain(decodeOnnx(bytes, "a.onnx"))).toEqual(plain(written));
      }),
      { numRuns: 40 },
    );
  });

  it("may have numbers one by one where they are packed by the schema, and the other way about", () => {
    const to = new PbfWriter();
    const inner = new PbfWriter();
    inner.writePackedVarint(1, [3, -1, 2 ** 40]); // dims
    inner.writeVarintField(1, 9);
    inner.writeFloatField(4, 0.5);
    inner.writePackedFloat(4, [1.5, 2.5]);
    inner.writeFloatField(4, 3.5);
    inner.writeDoubleField(10, -1);
    inner.writeVarintField(7, -5);
    const bytesOfTensor = inner.finish();
    const innerGraph = new PbfWriter();
    innerGraph.writeBytesField(5, bytesOfTensor);
    to.writeBytesField(7, innerGraph.finish());
    const [found] = decodeOnnx(to.finish(), "a.onnx").graph.initializer;
    expect(found?.dims).toEqual([3, -1, 2 ** 40, 9]);
    expect(found?.floatData).toEqual(Float32Array.of(0.5, 1.5, 2.5, 3.5));
    expect(found?.doubleData).toEqual(Float64Array.of(-1));
    expect(found?.int64Data).toEqual([-5]);
  });

  it("may have fields that are not known here, and a graph in pieces", () => {
    const to = new PbfWriter();
    for (const graphName of ["first", "second"]) {
      to.writeMessage(7, (_, pbf) => pbf.writeStringField(2, graphName), {});
      to.writeMessage(
        7,
        (_, pbf) => pbf.writeMessage(1, (__, node) => node.writeStringField(4, "Relu"), {}),
        {},
      );
    }
    to.writeVarintField(1000, 7);
    to.writeDoubleField(1001, 7);
    to.writeFloatField(1002, 7);
    to.writeStringField(1003, "seven");
    const { graph: found } = decodeOnnx(to.finish(), "a.onnx");
    expect(found.name).toBe("second");
    expect(found.node.map(({ opType }) => opType)).toEqual(["Relu", "Relu"]);
  });
});

describe("bytes that are no ONNX file", () => {
  /** Whatever it is, it is either read or refused by the one error. */
  function readOrRefuse(bytes: Uint8Array): void {
    try {
      decodeOnnx(bytes, "a.onnx");
    } catch (error) {
      expect(error).toBeInstanceOf(ModelFormatError);
      expect((error as Error).message).toMatch(/^a\.onnx is not a readable ONNX model: .+\.$/);
    }
  }

  it("are read or refused, whatever they are", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), readOrRefuse), { numRuns: 1000 });
  });

  it("are read or refused where a file is cut off or has other bytes in it", () => {
    fc.assert(
      fc.property(model, fc.nat(), fc.nat(255), fc.boolean(), (written, at, byte, isCut) => {
        const bytes = encodeOnnx(written).slice();
        const position = at % bytes.length;
        if (isCut) return readOrRefuse(bytes.subarray(0, position));
        bytes[position] = byte;
        readOrRefuse(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["nothing", [], "it has no graph"],
    [
      "a text",
      [...Buffer.from("hello, world")],
      /field that no such file has: number 13, wire type 4 \(at byte 3\)/,
    ],
    [
      "a length beyond the end",
      [0x3a, 0x7f, 0x0a],
      "field 7 of ModelProto needs 127 bytes where 1 are left (at byte 2); it may be truncated.",
    ],
    [
      "a length of 2 ** 63",
      [0x3a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
      "field 7 of ModelProto needs 9223372036854776000 bytes where 0 are left (at byte 11); it may be truncated.",
    ],
    [
      "a number that ends with the file",
      [0x08, 0x80],
      "field 1 of ModelProto has a number without an end (at byte 1); it may be truncated.",
    ],
    [
      "a number of eleven bytes",
      [0x08, ...Array(10).fill(0x80), 0x01],
      "field 1 of ModelProto has a number without an end (at byte 1).",
    ],
    [
      "a text where a number belongs",
      [0x0a, 0x01, 0x41],
      "field 1 of ModelProto has wire type 2, and 0 was expected (at byte 1)",
    ],
    [
      "floats that are cut",
      [0x3a, 0x07, 0x2a, 0x05, 0x22, 0x03, 1, 2, 3],
      "field 4 of TensorProto has 3 bytes of numbers that take 4 each (at byte 5)",
    ],
    [
      "a message that is longer than the one around it",
      [0x3a, 0x03, 0x12, 0x04, 0x41, 0x41, 0x41, 0x41],
      "field 2 of GraphProto needs 4 bytes where 1 are left (at byte 4).",
    ],
    [
      "field 0",
      [0x00, 0x00],
      "ModelProto has a field that no such file has: number 0, wire type 0 (at byte 1)",
    ],
    ["a group", [0x0b], "ModelProto has a field that no such file has: number 1, wire type 3 (at byte 1)"],
  ])("are refused in a sentence: %s", (_, bytes, fault) => {
    const read = () => decodeOnnx(Uint8Array.from(bytes as number[]), "a.onnx");
    expect(read).toThrow(ModelFormatError);
    expect(read).toThrow(fault);
  });

  it("are refused before they take much memory", () => {
    const nodes = new Uint8Array(2 * 1_000_001 + 6); // Each of two bytes: field 1, of length 0.
    nodes.set([0x3a, ...varint(nodes.length - 6)]);
    for (let i = 6; i < nodes.length; i += 2) nodes[i] = 0x0a;
    expect(() => decodeOnnx(nodes, "a.onnx")).toThrow("it has more than 1000000 parts, which is not read");

    const numbers = 2 ** 22 + 1;
    const dims = new Uint8Array(18 + numbers);
    dims.set([0x3a, ...varint(12 + numbers), 0x2a, ...varint(6 + numbers), 0x0a, ...varint(numbers)]);
    expect(() => decodeOnnx(dims, "a.onnx")).toThrow("it has more than 4194304 integers in lists");
  });

  it("may lie as deep in each other as they like where nothing of it is read", () => {
    let bytes = new Uint8Array(0);
    for (let depth = 0; depth < 2000; depth++) {
      const to = new PbfWriter();
      // A graph in an attribute of a node of a graph.
      to.writeMessage(1, (_, n) => n.writeMessage(5, (__, a) => a.writeBytesField(6, bytes), {}), {});
      bytes = Uint8Array.from(to.finish());
    }
    const to = new PbfWriter();
    to.writeBytesField(7, bytes);
    expect(decodeOnnx(to.finish(), "a.onnx").graph.node).toHaveLength(1);
  });
});

describe("a model that no ONNX file can hold", () => {
  it("is refused before it is written", () => {
    // No such array is made: its length is all that is asked for.
    const rawData = { length: 2 ** 31 } as Uint8Array;
    const large = onnxModel({ graph: onnxGraph({ initializer: [onnxTensor({ rawData })] }) });
    expect(() => encodeOnnx(large)).toThrow(InvalidArgumentError);
    expect(() => encodeOnnx(large)).toThrow(
      "Expected an ONNX file of at most 2147483647 bytes, which is what protocol buffers can have, but this one takes 2147483648.",
    );
  });
});

/** In five bytes always. */
function varint(value: number): readonly number[] {
  return [0, 7, 14, 21, 28]
    .map((shift) => ((value / 2 ** shift) & 0x7f) | (shift < 28 ? 0x80 : 0))
    .slice(0, 5);
}
