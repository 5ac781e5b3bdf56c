import { PbfReader } from "pbf";

// The library knows how protocol buffers write numbers (https://protobuf.dev/programming-guides/encoding), but reads on past the end of
// what it is given. Everything is checked here before it is asked.

/** How the bytes of a field are to be read: https://protobuf.dev/programming-guides/encoding/#structure */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
export type Wire = (typeof WIRE)[keyof typeof WIRE];
const LONGEST_VARINT = 10;

// What a reader accepts of one file; beyond it a small file could be made to use up the memory. Parts are messages, texts and pieces of
// bytes: a network has some ten for each layer. Integers in lists are sizes; numbers that were learned are hardly ever among them.
const MOST_PARTS = 1_000_000;
const MOST_INTEGERS = 2 ** 22;
const LONGEST_TEXT = 2 ** 24;

/** What it may mean where bytes are missing at the end of a file, and not within one of its messages. */
const TRUNCATED = "; it may be truncated";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads what is there and nothing beyond it. */
export class ProtobufReader {
  readonly #pbf: PbfReader;
  readonly #fail: (fault: string) => Error;
  #end: number;
  #parts = 0;
  #integers = 0;
  /** What is being read, for faults. */
  #where = "";

  constructor(bytes: Uint8Array, fail: (fault: string) => Error) {
    this.#pbf = new PbfReader(bytes);
    this.#fail = fail;
    this.#end = bytes.length;
  }

  /** Gives each field of a message to `visit`, which has to read it. */
  within(message: string, end: number, visit: (number: number, wire: Wire) => void): void {
    const outerEnd = this.#end;
    const outerWhere = this.#where;
    this.#end = end;
    while (this.#pbf.pos < end) {
      this.#where = `the next field of ${message}`;
      const tag = this.varint();
      const number = Math.floor(tag / 8);
      this.#where = `field ${number} of ${message}`;
      const wire = (tag % 8) as Wire;
      if (number < 1 || number >= 2 ** 29 || !Object.values(WIRE).includes(wire)) {
        throw this.#fault(
          `${message} has a field that no such file has: number ${number}, wire type ${tag % 8}`,
        );
      }
      visit(number, wire);
    }
    this.#end = outerEnd;
    this.#where = outerWhere;
  }

  expect(found: Wire, expected: Wire): void {
    if (found === expected) return;
    throw this.#fault(`${this.#where} has wire type ${found}, and ${expected} was expected`);
  }

  varint(isSigned = false): number {
    const { buf, pos } = this.#pbf;
    const limit = Math.min(this.#end, pos + LONGEST_VARINT);
    let last = pos;
    while (last < limit && (buf[last] as number) >= 0x80) last++;
    if (last === limit) {
      throw this.#fault(`${this.#where} has a number without an end`, limit);
    }
    return this.#pbf.readVarint(isSigned);
  }

  integer(): number {
    if (++this.#integers > MOST_INTEGERS) {
      throw this.#fault(`it has more than ${MOST_INTEGERS} integers in lists, which is not read`);
    }
    return this.varint(true);
  }

  float(): number {
    this.#require(4);
    return this.#pbf.readFloat();
  }

  double(): number {
    this.#require(8);
    return this.#pbf.readDouble();
  }

  /** Reads the length of what follows, and gives the position of its end. */
  blockEnd(): number {
    const length = this.varint();
    this.#require(length);
    return this.#pbf.pos + length;
  }

  bytes(): Uint8Array {
    this.countPart();
    const end = this.blockEnd();
    const found = this.#pbf.buf.subarray(this.#pbf.pos, end);
    this.#pbf.pos = end;
    return found;
  }

  text(): string {
    const found = this.bytes();
    if (found.length > LONGEST_TEXT) {
      throw this.#fault(
        `${this.#where} is a text of ${found.length} bytes, and at most ${LONGEST_TEXT} are read`,
      );
    }
    return utf8.decode(found);
  }

  /** Calls `read` until the block that begins here ends. */
  packed(read: () => void): void {
    const end = this.blockEnd();
    const outerEnd = this.#end;
    this.#end = end;
    while (this.#pbf.pos < end) read();
    this.#end = outerEnd;
  }

  skip(wire: Wire): void {
    if (wire === WIRE.varint) this.varint();
    else if (wire === WIRE.bytes) this.#pbf.pos = this.blockEnd();
    else {
      const count = wire === WIRE.fixed32 ? 4 : 8;
      this.#require(count);
      this.#pbf.pos += count;
    }
  }

  countPart(): void {
    if (++this.#parts > MOST_PARTS) {
      throw this.#fault(`it has more than ${MOST_PARTS} parts, which is not read`);
    }
  }

  /** How many bytes the block has that begins here; it is still to be read. */
  lengthOfBlock(): number {
    const { pos } = this.#pbf;
    const end = this.blockEnd();
    const length = end - this.#pbf.pos;
    this.#pbf.pos = pos;
    return length;
  }

  requireMultiple(length: number, of: number): void {
    if (length % of !== 0) {
      throw this.#fault(`${this.#where} has ${length} bytes of numbers that take ${of} each`);
    }
  }

  #require(count: number): void {
    const left = this.#end - this.#pbf.pos;
    if (count <= left) return;
    throw this.#fault(`${this.#where} needs ${count} bytes where ${left} are left`, this.#end);
  }

  /** @param missing The position from which on bytes were missing. */
  #fault(fault: string, missing?: number): Error {
    const end = missing === this.#pbf.buf.length ? TRUNCATED : "";
    return this.#fail(`${fault} (at byte ${this.#pbf.pos})${end}`);
  }
}
