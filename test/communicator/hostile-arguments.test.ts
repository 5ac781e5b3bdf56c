import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { type MpiAddon, mpiAddonPath } from "../../src/communicator/mpi-addon.js";
import { mpis } from "../support/mpi.js";

/** Any of its functions, with any arguments. */
type Hostile = { readonly [Name in keyof MpiAddon]: (...args: readonly unknown[]) => unknown };

// One alone, as no process has two MPIs. It is loaded, and never started.
describe.each(mpis.slice(0, 1))("the addon for $name refuses", ({ family }) => {
  const addon = createRequire(import.meta.url)(mpiAddonPath(family) ?? "") as Hostile;
  const numbers = new Float32Array(4);
  const bytes = new Uint8Array(4);

  it.each<readonly [string, readonly unknown[]]>([
    ["nothing", []],
    ["null", [null]],
    ["a number", [3]],
    ["an array", [[1, 2]]],
    ["a buffer", [numbers.buffer]],
    ["a view of bytes", [new DataView(numbers.buffer)]],
    ["whole numbers", [new Int32Array(4)]],
    ["bytes", [bytes]],
    ["an object like an array", [{ length: 4, buffer: numbers.buffer }]],
  ])("%s to sum", (_, args) => {
    expect(() => addon.startSum(...args)).toThrow("expected a Float32Array or a Float64Array.");
  });

  it.each<readonly [string, readonly unknown[]]>([
    ["nothing", []],
    ["a text", ["text"]],
    ["big numbers", [new BigInt64Array(2)]],
    ["short numbers", [new Int16Array(2)]],
  ])("%s to share", (_, args) => {
    expect(() => addon.startBroadcast(...args)).toThrow(
      "expected a Float32Array, a Float64Array, a Uint8Array or an Int32Array.",
    );
  });

  it.each<readonly [string, readonly unknown[], string]>([
    ["no bytes of one's own", [], "expected a Uint8Array of one's own."],
    ["no room", [bytes], "expected a Uint8Array for all."],
    ["no counts", [bytes, bytes, [4]], "expected an Int32Array of counts."],
    ["counts below 0", [bytes, bytes, Int32Array.of(-1, 5)], "expected counts of at least 0."],
    [
      "too little room",
      [bytes, bytes, Int32Array.of(4, 1)],
      "expected room for as many bytes as the counts add up to.",
    ],
    [
      "counts beyond all room",
      [bytes, bytes, Int32Array.of(2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1)],
      "expected room for as many bytes as the counts add up to.",
    ],
  ])("%s to gather", (_, args, message) => {
    expect(() => addon.startGather(...args)).toThrow(message);
  });

  it.each([[[]], [["5"]], [[-1]], [[0.5]], [[Number.NaN]], [[Number.POSITIVE_INFINITY]], [[1e7]]])(
    "to wait for %j microseconds",
    (args: readonly unknown[]) => {
      expect(() => addon.wait(...args)).toThrow(
        "expected a whole number from 0 to 1000000 for microseconds.",
      );
    },
  );

  it("to end with an exit code that is none", () => {
    expect(() => addon.abort(256)).toThrow("expected a whole number from 0 to 255 for exitCode.");
    expect(() => addon.abort()).toThrow("expected a whole number from 0 to 255 for exitCode.");
  });

  it("to do anything before it is started", () => {
    for (const call of [
      () => addon.startSum(numbers),
      () => addon.startBroadcast(bytes),
      () => addon.startGather(bytes, bytes, Int32Array.of(4)),
      () => addon.wait(0),
    ])
      expect(call).toThrow("MPI is not started");
    expect(addon.finish()).toBeUndefined();
  });
});
