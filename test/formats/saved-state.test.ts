import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError, ModelFormatError } from "../../src/errors.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/formats/safetensors.js";
import { packState, type SavedState, unpackState } from "../../src/formats/saved-state.js";

/** Through the bytes of a file. */
function roundTrip(state: SavedState): SavedState {
  const { json, tensors } = packState(state, "state");
  const file = decodeSafetensors(encodeSafetensors(tensors, { json }), "file");
  return unpackState(file.metadata.json as string, file, "file");
}

const name = fc.string().filter((text) => !text.startsWith("$"));
const { state } = fc.letrec<{ state: SavedState }>((tie) => ({
  state: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.constantFrom(Number.NaN, -0, 0, Infinity, -Infinity, 5e-324, 2 ** 53),
    fc.string(),
    fc.float64Array({ maxLength: 9 }),
    fc.float32Array({ maxLength: 9 }),
    fc.array(tie("state"), { maxLength: 5 }),
    fc.dictionary(name, tie("state"), { maxKeys: 5 }),
  ),
}));

describe("a state", () => {
  it("comes back from a file as it was, to the bit", () => {
    fc.assert(
      fc.property(state, (value) => {
        const back = roundTrip(value);
        expect(withBits(back)).toEqual(withBits(value));
      }),
    );
  });

  it("keeps values of a name that objects have by themselves", () => {
    const value = JSON.parse('{"__proto__":1,"constructor":{"toString":[2]},"length":3}');
    expect(JSON.stringify(roundTrip(value))).toBe(JSON.stringify(value));
  });

  it("leaves out what is undefined", () => {
    expect(roundTrip({ a: 1, b: undefined } as unknown as SavedState)).toEqual({ a: 1 });
  });

  it.each<[string, unknown]>([
    ["a function", () => {}],
    ["a big integer", 1n],
    ["a symbol", Symbol("x")],
    ["nothing", undefined],
    ["a map", new Map()],
    ["a date", new Date(0)],
    ["integers", Int32Array.of(1)],
    ["an object of a class", new (class A {})()],
    ["a name that begins with $", { $tensor: "x" }],
  ])("cannot hold %s, at any depth", (_, value) => {
    for (const given of [value, [value], { a: [value] }]) {
      expect(() => packState(given as SavedState, "state")).toThrow(InvalidArgumentError);
    }
  });
});

describe("a state in a file that somebody has changed", () => {
  const file = decodeSafetensors(encodeSafetensors([], {}), "file");

  it.each(["", "{", "nonsense", '{"a":}', "[1,", "\u0000"])("is refused where it is no JSON: %j", (json) => {
    expect(() => unpackState(json, file, "run/last.safetensors")).toThrow(
      new ModelFormatError("run/last.safetensors is not a readable checkpoint: its state is not JSON."),
    );
  });

  it.each(['{"$tensor":"state.0"}', '{"$tensor":7}', '{"$tensor":null}', '{"$tensor":{"$tensor":"x"}}'])(
    "is refused where a tensor is missing: %s",
    (json) => {
      expect(() => unpackState(json, file, "last.safetensors")).toThrow(
        /^last\.safetensors is not a readable checkpoint: it has no tensor /,
      );
    },
  );

  it("is refused, or is a state, whatever JSON it is", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        let error: unknown;
        try {
          expect(unpackState(json, file, "f")).not.toBeUndefined();
        } catch (thrown) {
          error = thrown;
        }
        if (error !== undefined) expect(error).toBeInstanceOf(ModelFormatError);
      }),
    );
  });

  it("nests as deep as JSON may, and changes no object but its own", () => {
    const deep = `${"[".repeat(2000)}${"]".repeat(2000)}`;
    expect(JSON.stringify(unpackState(deep, file, "f"))).toBe(deep);
    unpackState('{"__proto__":{"polluted":true}}', file, "f");
    expect({}).not.toHaveProperty("polluted");
  });
});

/** Arrays and numbers as their bits, so that NaN is equal to itself and -0 not to 0. */
function withBits(value: SavedState): unknown {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (value instanceof Float32Array || value instanceof Float64Array) {
    return [
      value.constructor.name,
      Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex"),
    ];
  }
  if (Array.isArray(value)) return value.map(withBits);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([key, entry]) => [key, withBits(entry)]);
}
