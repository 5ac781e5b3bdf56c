import { PbfWriter } from "pbf";
import { type Field, repeated } from "./field.js";
import { ProtobufReader, WIRE } from "./reader.js";

// Protocol buffers (https://protobuf.dev/programming-guides/encoding) by a table of fields for each message.

/** A message, by the fields that are of interest; others are passed over when reading. */
export interface MessageType<T extends object> {
  /** A message of these values; the fields that are left out have their initial ones. */
  of(values: Partial<T>): T;
  /**
   * @param sizeHint How many bytes it will be, about, so that memory is taken once.
   */
  encode(message: T, sizeHint?: number): Uint8Array;
  /**
   * Reads any bytes, with time and memory in proportion to them. Bytes fields are views of `bytes`.
   *
   * @param fail Makes an error of a fault, which is a sentence without its end.
   */
  decode(bytes: Uint8Array, fail: (fault: string) => Error): T;
  /** For a message within a message. */
  readFields(from: ProtobufReader, end: number, soFar: T): T;
  writeFields(message: T, to: PbfWriter): void;
}

/** @param name What a fault calls it. */
export function messageType<T extends object>(
  name: string,
  fields: { readonly [K in keyof T]-?: Field<T[K]> },
): MessageType<T> {
  const entries = Object.entries<Field<unknown>>(fields).sort(([, a], [, b]) => a.number - b.number);
  const byNumber = new Map(entries.map(([key, field]) => [field.number, { key, field }]));
  const initial = Object.fromEntries(entries.map(([key, field]) => [key, field.initial])) as T;

  const type: MessageType<T> = {
    of: (values) => ({ ...initial, ...values }),
    encode(message, sizeHint = 0) {
      const to = new PbfWriter(new Uint8Array(Math.max(16, sizeHint)));
      type.writeFields(message, to);
      return to.finish();
    },
    decode: (bytes, fail) => type.readFields(new ProtobufReader(bytes, fail), bytes.length, initial),
    readFields(from, end, soFar) {
      from.countPart();
      const message = { ...soFar } as Record<string, unknown>;
      from.within(name, end, (number, wire) => {
        const known = byNumber.get(number);
        if (known === undefined) from.skip(wire);
        else message[known.key] = known.field.read(from, wire, message[known.key]);
      });
      return message as T;
    },
    writeFields(message, to) {
      for (const [key, field] of entries) {
        const value = (message as Record<string, unknown>)[key];
        if (value !== field.initial) field.write(to, value);
      }
    },
  };
  return type;
}

/** A message within a message. Where it is given several times, the later ones add to the first, as protocol buffers have it. */
export function embedded<T extends object>(number: number, type: MessageType<T>): Field<T | undefined> {
  return {
    number,
    initial: undefined,
    read(from, wire, soFar) {
      from.expect(wire, WIRE.bytes);
      return type.readFields(from, from.blockEnd(), soFar ?? type.of({}));
    },
    write: (to, value) => writeEmbedded(number, type, value as T, to),
  };
}

export function embeddedList<T extends object>(number: number, type: MessageType<T>): Field<readonly T[]> {
  return repeated(embedded(number, type)) as Field<readonly T[]>;
}

/** More bytes than a length takes. */
const ROOM_FOR_LENGTH = 5;

/** As the library's writeMessage, which moves what follows a length byte by byte: a large file took most of its time for it. */
function writeEmbedded<T extends object>(
  number: number,
  type: MessageType<T>,
  message: T,
  to: PbfWriter,
): void {
  to.writeTag(number, WIRE.bytes);
  to.realloc(ROOM_FOR_LENGTH);
  const start = to.pos;
  const contentStart = start + ROOM_FOR_LENGTH;
  to.pos = contentStart;
  type.writeFields(message, to);
  const end = to.pos;
  to.pos = start;
  to.writeVarint(end - contentStart);
  to.buf.copyWithin(to.pos, contentStart, end);
  to.pos += end - contentStart;
}
