import { types } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { argumentChecks } from "../../src/backend/arguments.js";
import type { Backend } from "../../src/backend/backend.js";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { nativeBackend, nativeSkipReason } from "../support/backends.js";
import { dtypes, floats } from "../support/guarded-memory.js";
import { type Arguments, callOf, emptied, type Operation, operations } from "./contract/right-arguments.js";

// The native backend asks the addon first, and `arguments.ts` only for the words of a refusal; the JavaScript backend asks
// `arguments.ts` first. Whatever the arguments, either must refuse what the other refuses, and say the same.

type View = Float32Array | Float64Array | Uint8Array | Int32Array;

/** Makes a value to be put in the place of an argument; from the others, so that it can share their memory. */
type Make = (args: Arguments, name: string) => unknown;

const constant =
  (value: unknown): Make =>
  () =>
    value;

const values: readonly Make[] = [
  ...[
    undefined,
    null,
    true,
    false,
    "",
    "sigmoid",
    "identity",
    "relu",
    "rmsprop",
    "lion",
    3n,
    Symbol("s"),
    {},
    [],
    [1, 2],
  ],
  ...[
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -0,
    0,
    1,
    2,
    3,
    4,
    5,
    7,
    8,
    12,
    16,
    24,
    32,
    1.5,
    -1,
    2 ** 31,
    2 ** 53,
  ],
  () => 3,
  new Date(0),
].map(constant);

const arrayTypes = [
  ...[Float32Array, Float64Array, Uint8Array, Int32Array, Int8Array, Uint8ClampedArray, Uint32Array],
  ...[BigInt64Array, Uint16Array],
] as const;

class OwnFloats extends Float32Array {}

/** An array of this type over some memory that was made for it. */
function arrayOver(Type: (typeof arrayTypes)[number], length: number, memory: string): unknown {
  const bytes = length * Type.BYTES_PER_ELEMENT;
  switch (memory) {
    case "shared":
      return new Type(new SharedArrayBuffer(bytes) as unknown as ArrayBuffer, 0, length);
    case "transferred": {
      const array = new Type(length);
      structuredClone(array, { transfer: [array.buffer as ArrayBuffer] });
      return array;
    }
    case "shrunk": {
      const buffer = resizable(bytes + 8);
      const array = new Type(buffer, 8, length);
      buffer.resize(0);
      return array;
    }
    case "tracking":
      return new Type(resizable(bytes));
    case "a proxy":
      return new Proxy(new Type(length), {});
    case "of its prototype":
      return Object.create(new Type(length));
    default:
      return new Type(length);
  }
}

/** TypeScript's library of this target does not know of buffers that change their size; Node.js does. */
function resizable(bytes: number): ArrayBuffer & { resize(bytes: number): void } {
  const Resizable = ArrayBuffer as unknown as new (
    bytes: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(bytes: number): void };
  return new Resizable(bytes, { maxByteLength: bytes + 64 });
}

const anyArray: fc.Arbitrary<Make> = fc
  .record({
    Type: fc.constantFrom(...arrayTypes),
    length: fc.oneof(fc.integer({ min: 0, max: 16 }), fc.constantFrom(20, 32, 64, 65)),
    memory: fc.constantFrom(...["plain", "shared", "transferred", "tracking", "a proxy", "of its prototype"]),
  })
  .map(
    ({ Type, length, memory }): Make =>
      () =>
        arrayOver(Type, length, memory),
  );

/** An array like the right one, but of other memory or length, or with other contents. */
const anyVariant: fc.Arbitrary<Make> = fc
  .record({
    longer: fc.integer({ min: -1, max: 1 }),
    memory: fc.constantFrom("plain", "shared", "transferred", "tracking", "a proxy"),
    fill: fc.constantFrom(0, 1, 2, 3, 255, -1),
  })
  .map(
    ({ longer, memory, fill }): Make =>
      (args, name) => {
        const array = args[name];
        if (!isView(array)) return fill;
        const length = Math.max(0, array.length + longer);
        const like = arrayOver(array.constructor as (typeof arrayTypes)[number], length, memory);
        if (memory === "plain" || memory === "shared") (like as View).fill(fill);
        return like;
      },
  );

/** A view of the memory of another argument, as long as the right array where there is room. */
const anySharing: fc.Arbitrary<Make> = fc
  .record({ other: fc.nat(), shift: fc.integer({ min: 0, max: 8 }) })
  .map(
    ({ other, shift }): Make =>
      (args, name) => {
        const arrays = Object.values(args).filter((value) => isView(value) && value.length > 0);
        if (arrays.length === 0) return args[name];
        const source = arrays[other % arrays.length] as View;
        const array = args[name];
        const Type = (isView(array) ? array : source).constructor as new (
          buffer: ArrayBufferLike,
          start: number,
          length: number,
        ) => View;
        const { BYTES_PER_ELEMENT: bytes } = isView(array) ? array : source;
        const start = Math.min(shift * bytes, Math.floor(source.buffer.byteLength / bytes) * bytes);
        const room = Math.floor((source.buffer.byteLength - start) / bytes);
        return new Type(source.buffer, start, Math.min(room, isView(array) ? array.length : room));
      },
  );

const anyInk: fc.Arbitrary<Make> = fc.constantFrom<Make[]>(
  ({ images, width }) => ({ images, width, handle: {} }),
  ({ images, width }) => ({ images, width, handle: null }),
  ({ images, width }) => ({ images, width }),
  ({ images }) => ({ images, width: 5, handle: {} }),
  () => ({}),
);

const anyFloats: fc.Arbitrary<Make> = fc.record({ dtype: fc.constantFrom(...dtypes), own: fc.boolean() }).map(
  ({ dtype, own }): Make =>
    (args, name) => {
      const length = isView(args[name]) ? (args[name] as View).length : 4;
      return own ? new OwnFloats(length) : floats(dtype, length);
    },
);

const anyMake = fc.oneof(
  fc.constantFrom(...values),
  anyArray,
  anyVariant,
  { arbitrary: anySharing, weight: 2 },
  anyFloats,
  anyInk,
);

interface Hostile {
  readonly isEmpty: boolean;
  readonly changes: readonly (readonly [argument: number, make: Make])[];
}

const anyHostile: fc.Arbitrary<Hostile> = fc.record({
  isEmpty: fc.boolean(),
  changes: fc.array(fc.tuple(fc.nat(), anyMake), { minLength: 1, maxLength: 3 }),
});

/** The same arguments each time, in memory of their own. */
function argumentsOf(operation: Operation, { isEmpty, changes }: Hostile): Arguments {
  const right = isEmpty ? emptied(operation) : operation.valid;
  const args: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(right)) args[name] = isView(value) ? value.slice() : value;
  const names = Object.keys(args);
  for (const [argument, make] of changes) {
    const name = names[argument % names.length] as string;
    args[name] = make(args, name);
  }
  return args;
}

/** What a call throws, in words; and `refused: false` where it computes. */
function outcome(operation: Operation, backend: Backend, args: Arguments) {
  const arrays = Object.values(args).filter((value) => isView(value) && value.length > 0) as View[];
  const before = arrays.map((array) => array.slice());
  try {
    operation.call(backend, args);
    return { refused: false };
  } catch (error) {
    const { name, message, code } = error as Error & { code?: string };
    expect(
      arrays.map((array) => array.slice()),
      "what was there before",
    ).toEqual(before);
    return { refused: true, name, message, code, errorClass: (error as Error).constructor };
  }
}

/** What is an array inside, and not only looks like one. */
function isView(value: unknown): value is View {
  return (
    types.isFloat32Array(value) ||
    types.isFloat64Array(value) ||
    types.isUint8Array(value) ||
    types.isInt32Array(value)
  );
}

const create = nativeBackend(2);
const title = "the native backend refuses what the JavaScript backend refuses, in the same words";

it("has right arguments for every operation, to make them wrong", () => {
  // Some have several, named for what they are of.
  const names = new Set(Object.keys(operations("float32")).map((name) => name.split(" of ")[0]));
  expect([...names].sort()).toEqual(Object.keys(argumentChecks("js")).sort());
});

describe.skipIf(create === null)(create === null ? `${title}, skipped: ${nativeSkipReason}` : title, () => {
  const native = () => {
    if (create === null) throw new Error("There is no native backend.");
    return create();
  };
  const js = createJavaScriptBackend();

  describe.each(dtypes)("%s", (dtype) => {
    it.each(Object.keys(operations(dtype)))("%s", (name) => {
      const operation = operations(dtype)[name] as Operation;
      const backend = native();
      let [refused, computed] = [0, 0];
      fc.assert(
        fc.property(anyHostile, (hostile) => {
          const expected = outcome(operation, js, argumentsOf(operation, hostile));
          expect(outcome(operation, backend, argumentsOf(operation, hostile))).toEqual(expected);
          if (expected.refused) refused++;
          else computed++;
        }),
        { numRuns: 1500 },
      );
      // Both happen, or nothing is tested.
      expect(refused).toBeGreaterThan(300);
      expect(computed).toBeGreaterThan(10);
    });
  });

  describe.each(dtypes)("with one argument of another kind, %s", (dtype) => {
    it.each(Object.entries(operations(dtype)))("%s", (_, operation) => {
      const backend = native();
      for (const isEmpty of [false, true]) {
        for (const argument of Object.keys(operation.valid).keys()) {
          for (const make of values) {
            const hostile: Hostile = { isEmpty, changes: [[argument, make]] };
            const expected = outcome(operation, js, argumentsOf(operation, hostile));
            expect(outcome(operation, backend, argumentsOf(operation, hostile))).toEqual(expected);
          }
        }
      }
    });
  });

  it.each(Object.entries(operations("float32")))(
    "%s on an array that its buffer no longer reaches",
    (_, operation) => {
      for (const [name, array] of Object.entries(operation.valid)) {
        if (!isView(array) || operation.anyLength?.includes(name)) continue;
        const shrunk = () =>
          arrayOver(array.constructor as (typeof arrayTypes)[number], array.length, "shrunk");
        const expected = outcome(operation, js, { ...operation.valid, [name]: shrunk() });
        expect(expected).toMatchObject({ refused: true });
        expect(outcome(operation, native(), { ...operation.valid, [name]: shrunk() })).toEqual(expected);
      }
    },
  );

  it.each(Object.keys(operations("float32")))("%s without an object of arguments, or an array", (name) => {
    type Call = (...args: readonly unknown[]) => void;
    const thrownBy = (backend: Backend, args: readonly unknown[]) => {
      try {
        (backend[callOf(name) as "gemm"] as unknown as Call)(...args);
        return undefined;
      } catch (error) {
        return error;
      }
    };
    for (const args of [[], [null], [undefined], [3], ["text"], [{}], [[]], [null, null, null]]) {
      const expected = thrownBy(js, args) as Error;
      expect(expected).toBeInstanceOf(Error);
      const actual = thrownBy(native(), args) as Error;
      expect(actual.constructor).toBe(expected.constructor);
      expect(actual.message).toBe(expected.message);
    }
  });

  it.each<[string, unknown, unknown]>([
    ["no array", [1, 2], 1],
    ["images of another type", new Int8Array(8), 4],
    ["images whose memory was transferred", arrayOver(Uint8Array, 8, "transferred"), 4],
    ["no width", new Uint8Array(8), undefined],
    ["a width of 0", new Uint8Array(8), 0],
    ["parts of images", new Uint8Array(9), 4],
  ])("listInk of %s", (_, images, width) => {
    const thrownBy = (backend: Backend) => {
      try {
        return backend.listInk(images as Uint8Array, width as number);
      } catch (error) {
        return error;
      }
    };
    const expected = thrownBy(js) as Error;
    expect(expected).toBeInstanceOf(Error);
    expect(expected.message).toMatch(/^listInk: /);
    const actual = thrownBy(native()) as Error;
    expect(actual.constructor).toBe(expected.constructor);
    expect(actual.message).toBe(expected.message);
  });
});
