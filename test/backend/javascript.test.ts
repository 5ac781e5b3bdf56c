import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { philox } from "../../src/random/philox.js";
import { philoxReference } from "./contract/dropout.js";
import { backendContract, sameBits } from "./contract.js";

backendContract("the JavaScript backend", createJavaScriptBackend);

// All instances share their working memory: the second comes after, the first before the calls of the other.
sameBits("two JavaScript backends give the same bits", createJavaScriptBackend, createJavaScriptBackend);

describe("createJavaScriptBackend", () => {
  it("makes a backend that runs on one thread", () => {
    expect(createJavaScriptBackend()).toMatchObject({ name: "js", kernelSet: "javascript", threads: 1 });
  });
});

it("multiplies wide images to the same bits alone as with others", () => {
  const { imageLinear } = createJavaScriptBackend();
  const [count, width, units] = [8, 50_001, 3];
  const byteOf = (_: unknown, i: number) => (i * 7919) % 256;
  const images = Uint8Array.from({ length: count * width }, byteOf);
  const weight = Float32Array.from({ length: width * 16 }, (_, i) => Math.sin(i));
  const outputs = (rows: readonly number[]) => {
    const out = new Float32Array(rows.length * units);
    const given = { images, rows: Int32Array.from(rows), width, scale: 1 / 255, offset: 0, ink: null };
    imageLinear({ ...given, units, weight, ldw: 16, bias: null, activation: "identity", out });
    return [...out];
  };
  const rows = Array.from({ length: count }, (_, row) => row);
  expect(outputs(rows)).toEqual(rows.flatMap((row) => outputs([row])));
});

// Among resizable buffers, V8 can give a transferred array the length that it had before, once it has optimized the question.
it.each([0, 1])(
  "refuses an array that was transferred elsewhere where %i elements are expected, however often",
  (expected) => {
    const backend = createJavaScriptBackend();
    const resizable = () => new (ArrayBuffer as ResizableArrayBuffer)(8, { maxByteLength: 64 });
    const others: readonly (() => unknown)[] = [
      () => new Float32Array(0),
      () => new Float32Array(3),
      () => new Float32Array(new SharedArrayBuffer(0)),
      () => new Float32Array(resizable(), 4, expected),
      () => new Float64Array(0),
      () => 7,
      () => new Proxy(new Float32Array(0), {}),
    ];
    const isRefused = (x: unknown, out: unknown) => {
      try {
        backend.sigmoid(x as Float32Array, out as Float32Array);
        return false;
      } catch {
        return true;
      }
    };
    let unnoticed = 0;
    for (let i = 0; i < 60_000; i++) {
      if (i % 5 === 0) {
        const transferred = new Float32Array(i % 2);
        structuredClone(transferred, { transfer: [transferred.buffer] });
        if (!isRefused(transferred, new Float32Array(expected))) unnoticed++;
      } else {
        const [x, out] = [others[i % others.length], others[(i >> 3) % others.length]];
        isRefused(x?.(), out?.());
      }
    }
    expect(unnoticed).toBe(0);
  },
);

type ResizableArrayBuffer = new (byteLength: number, options: { maxByteLength: number }) => ArrayBuffer;

// Of Random123's known answers for Philox4x32-10.
it.each([
  [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  [[-1, -1, -1, -1], [-1, -1], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    "d16cfe09 94fdcceb 5001e420 24126ea1",
  ],
] as const)("philox gives the known answer for the counter %j and the key %j", (counter, key, answer) => {
  const words = new Uint32Array(4);
  const [c0, c1, c2, c3] = counter;
  philox(key[0], key[1], c0, c1, c2, c3, words);
  const hexadecimal = (numbers: readonly (number | bigint)[]) =>
    numbers.map((number) => number.toString(16).padStart(8, "0")).join(" ");
  expect(hexadecimal([...words])).toBe(answer);
  const unsigned = (numbers: readonly number[]) => numbers.map((number) => BigInt(number >>> 0));
  expect(hexadecimal(philoxReference(unsigned(counter), unsigned(key)))).toBe(answer);
});
