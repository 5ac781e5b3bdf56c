import type { PbfWriter } from "pbf";
import { type ProtobufReader, WIRE, type Wire } from "./reader.js";

// The library writes other characters for those beyond U+1FFFF; the platform does not.
const toUtf8 = new TextEncoder();

/** A field of a message: its number in the schema, and how its value is read and written. */
export interface Field<V> {
  readonly number: number;
  /** What it is where a message has no such field; it is not written then. */
  readonly initial: V;
  read(from: ProtobufReader, wire: Wire, soFar: V): V;
  write(to: PbfWriter, value: V): void;
}

/** A number that is 0 where it is not given. 64-bit integers beyond 2 ** 53 are rounded, as every number of JavaScript. */
export function integer(number: number): Field<number> {
  return { ...optionalInteger(number), initial: 0 } as Field<number>;
}

/** A number, or `undefined` where it is not given. */
export function optionalInteger(number: number): Field<number | undefined> {
  return {
    number,
    initial: undefined,
    read(from, wire) {
      from.expect(wire, WIRE.varint);
      return from.varint(true);
    },
    write: (to, value) => to.writeVarintField(number, value as number),
  };
}

/** `undefined` where it is not given. */
export function optionalBoolean(number: number): Field<boolean | undefined> {
  return {
    number,
    initial: undefined,
    read(from, wire) {
      from.expect(wire, WIRE.varint);
      return from.varint() !== 0;
    },
    write: (to, value) => to.writeBooleanField(number, value as boolean),
  };
}

/** A float32 number that is 0 where it is not given. */
export function float(number: number): Field<number> {
  return { ...optionalFloat(number), initial: 0 } as Field<number>;
}

/** A float32 number, or `undefined` where it is not given. */
export function optionalFloat(number: number): Field<number | undefined> {
  return {
    number,
    initial: undefined,
    read(from, wire) {
      from.expect(wire, WIRE.fixed32);
      return from.float();
    },
    write: (to, value) => to.writeFloatField(number, value as number),
  };
}

/** A float64 number that is 0 where it is not given. */
export function double(number: number): Field<number> {
  return { ...optionalDouble(number), initial: 0 } as Field<number>;
}

/** A float64 number, or `undefined` where it is not given. */
export function optionalDouble(number: number): Field<number | undefined> {
  return {
    number,
    initial: undefined,
    read(from, wire) {
      from.expect(wire, WIRE.fixed64);
      return from.double();
    },
    write: (to, value) => to.writeDoubleField(number, value as number),
  };
}

/** "" where it is not given. */
export function text(number: number): Field<string> {
  return {
    number,
    initial: "",
    read(from, wire) {
      from.expect(wire, WIRE.bytes);
      return from.text();
    },
    write: (to, value) => to.writeBytesField(number, toUtf8.encode(value)),
  };
}

export function texts(number: number): Field<readonly string[]> {
  return repeated(text(number));
}

export function optionalText(number: number): Field<string | undefined> {
  return { ...text(number), initial: undefined } as Field<string | undefined>;
}

/** `undefined` where it is not given. */
export function bytes(number: number): Field<Uint8Array | undefined> {
  return {
    number,
    initial: undefined,
    read(from, wire) {
      from.expect(wire, WIRE.bytes);
      return from.bytes();
    },
    write: (to, value) => to.writeBytesField(number, value as Uint8Array),
  };
}

export function byteLists(number: number): Field<readonly Uint8Array[]> {
  return repeated(bytes(number)) as Field<readonly Uint8Array[]>;
}

/** As often as there are values. */
export function repeated<V>({ number, initial, read, write }: Field<V>): Field<readonly V[]> {
  return {
    number,
    initial: [],
    read: (from, wire, soFar) => appended(soFar, read(from, wire, initial)),
    write(to, values) {
      for (const value of values) write(to, value);
    },
  };
}

/** The initial list is everybody's; what is added to is a message's own. */
function appended<V>(list: readonly V[], value: V): readonly V[] {
  if (list.length === 0) return [value];
  (list as V[]).push(value);
  return list;
}

/** Read packed or one by one; written one by one, as the fields of the second version of protocol buffers are where nothing else is said. */
export function integers(number: number): Field<readonly number[]> {
  return {
    number,
    initial: [],
    read(from, wire, soFar) {
      if (wire !== WIRE.bytes) {
        from.expect(wire, WIRE.varint);
        return appended(soFar, from.integer());
      }
      let list = soFar;
      from.packed(() => {
        list = appended(list, from.integer());
      });
      return list;
    },
    write(to, values) {
      for (const value of values) to.writeVarintField(number, value);
    },
  };
}

/** Read packed or one by one, written packed. */
export function packedIntegers(number: number): Field<readonly number[]> {
  return { ...integers(number), write: (to, values) => to.writePackedVarint(number, values as number[]) };
}

/** Read packed or one by one, written one by one. */
export function floats(number: number): Field<Float32Array> {
  return {
    ...packedFloats(number),
    write(to, values) {
      for (const value of values) to.writeFloatField(number, value);
    },
  };
}

/** Read packed or one by one, written packed. */
export function packedFloats(number: number): Field<Float32Array> {
  return {
    number,
    initial: new Float32Array(0),
    read(from, wire, soFar) {
      if (wire !== WIRE.bytes) from.expect(wire, WIRE.fixed32);
      return withMore(soFar, from, wire, Float32Array, () => from.float());
    },
    write: (to, values) => to.writePackedFloat(number, values as unknown as number[]),
  };
}

/** Read packed or one by one, written packed. */
export function packedDoubles(number: number): Field<Float64Array> {
  return {
    number,
    initial: new Float64Array(0),
    read(from, wire, soFar) {
      if (wire !== WIRE.bytes) from.expect(wire, WIRE.fixed64);
      return withMore(soFar, from, wire, Float64Array, () => from.double());
    },
    write: (to, values) => to.writePackedDouble(number, values as unknown as number[]),
  };
}

/** The array with what is read; it takes the room behind the array where there is some, and twice the room where there is none. */
function withMore<A extends Float32Array | Float64Array>(
  soFar: A,
  from: ProtobufReader,
  wire: Wire,
  Kind: {
    new (length: number): A;
    new (buffer: ArrayBufferLike, offset: number, length: number): A;
    BYTES_PER_ELEMENT: number;
  },
  read: () => number,
): A {
  let added = 1;
  if (wire === WIRE.bytes) {
    const length = from.lengthOfBlock();
    from.requireMultiple(length, Kind.BYTES_PER_ELEMENT);
    added = length / Kind.BYTES_PER_ELEMENT;
  }
  const total = soFar.length + added;
  let { buffer } = soFar;
  if (total * Kind.BYTES_PER_ELEMENT > buffer.byteLength) {
    const grown = new Kind(soFar.length === 0 ? added : Math.max(total, 2 * soFar.length));
    grown.set(soFar);
    ({ buffer } = grown);
  }
  const more = new Kind(buffer, 0, total);
  let next = soFar.length;
  const readNext = () => {
    more[next++] = read();
  };
  if (wire === WIRE.bytes) from.packed(readNext);
  else readNext();
  return more;
}
