import fc from "fast-check";
import { expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { MnistNativeError } from "../../../src/errors.js";
import { importOnnx } from "../../../src/interchange/index.js";
import { RECORDED, recordedBytes } from "./recorded-models.js";

const backend = createJavaScriptBackend();
const files = RECORDED.models.map(({ name }) => recordedBytes(name));

const joined = (...pieces: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(pieces));

/** A network, or an error that is for people. */
async function expectSense(bytes: Uint8Array): Promise<void> {
  try {
    const { network } = await importOnnx(bytes, { backend });
    for (const { value } of network.parameters) {
      for (const number of value.data) expect(Number.isFinite(number)).toBe(true);
    }
  } catch (error) {
    if (!(error instanceof MnistNativeError)) throw error;
    expect(error.message.length).toBeLessThan(1000);
  }
}

it("a damaged file gives a network or an error that is for people", async () => {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    value: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      async (file, changes) => {
        const bytes = file.slice();
        for (const { at, value } of changes) bytes[Math.floor(at * bytes.length)] = value;
        await expectSense(bytes);
      },
    ),
    { numRuns: 600 },
  );
});

it("so does a file that is cut off, or whose pieces are in another order", async () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), share, share, async (file, a, b) => {
      const [from, to] = [Math.floor(Math.min(a, b) * file.length), Math.floor(Math.max(a, b) * file.length)];
      await expectSense(file.slice(0, to));
      await expectSense(joined(file.subarray(0, from), file.subarray(to)));
      await expectSense(joined(file.subarray(0, to), file.subarray(from)));
    }),
    { numRuns: 100 },
  );
});
