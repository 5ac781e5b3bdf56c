import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { nativeBackend } from "../support/backends.js";
import { dtypes } from "../support/guarded-memory.js";
import { describeActivations } from "./contract/activations.js";
import { describeBadArguments } from "./contract/bad-arguments.js";
import { describeDescent } from "./contract/descent.js";
import { describeDropout } from "./contract/dropout.js";
import { describeElementwise } from "./contract/elementwise.js";
import { describeGemm } from "./contract/gemm.js";
import { describeImages } from "./contract/images.js";
import { describeInk } from "./contract/ink.js";
import { describeLosses } from "./contract/losses.js";
import { describeNormalization } from "./contract/normalization.js";
import { describeRows } from "./contract/rows.js";
import { results } from "./contract/same-bits.js";
import { describeSoftmax } from "./contract/softmax.js";
import { describeUpdates } from "./contract/updates.js";

/**
 * What every backend must do.
 *
 * @param options.checksArguments Whether wrong arguments are tried. Default: true. What differs by its kernels alone looks at them in the same code.
 * @param create `null` where this machine cannot have the backend. The suite is then skipped, and its name says why.
 */
export function backendContract(
  name: string,
  create: (() => Backend) | null,
  skipReason?: string,
  { checksArguments = true }: { readonly checksArguments?: boolean } = {},
): void {
  describe.skipIf(create === null)(title(name, create === null, skipReason), () => {
    const backend = once(create);

    it("says what it is", () => {
      expect(backend().name).toMatch(/^(native|js)$/);
      expect(backend().kernelSet).toMatch(/^\w+$/);
      expect(backend().threads).toBeGreaterThanOrEqual(1);
    });

    describe.each(dtypes)("%s", (dtype) => {
      describeGemm(backend, dtype);
      describeElementwise(backend, dtype);
      describeActivations(backend, dtype);
      describeRows(backend, dtype);
      describeSoftmax(backend, dtype);
      describeLosses(backend, dtype);
      describeDropout(backend, dtype);
      describeNormalization(backend, dtype);
      describeImages(backend, dtype);
      describeDescent(backend, dtype);
      describeUpdates(backend, dtype);
      describeInk(backend, dtype, () => (backend().name === "js" ? (nativeBackend(1)?.() ?? null) : null));
      if (checksArguments) describeBadArguments(backend, dtype);
    });
  });
}

/** Two backends give the same bits: one with more threads than the other, or the same with other calls before. */
export function sameBits(
  name: string,
  createA: (() => Backend) | null,
  createB: (() => Backend) | null,
  skipReason?: string,
): void {
  const skipped = createA === null || createB === null;
  describe.skipIf(skipped)(title(name, skipped, skipReason), () => {
    const a = once(createA);
    const b = once(createB);

    describe.each(dtypes)("%s", (dtype) => {
      it.each(results(dtype))("$name", ({ compute }) => {
        const expected = compute(a());
        const actual = compute(b());
        const different = actual.findIndex((array, i) => !expected[i]?.equals(array));
        expect(different, "the number of the first output that differs").toBe(-1);
      });
    });
  });
}

function title(name: string, skipped: boolean, skipReason = "it is not available"): string {
  return skipped ? `${name}, skipped: ${skipReason}` : name;
}

/** Creates the backend before the tests and not while they are collected, so that a failure is a failed test. */
function once(create: (() => Backend) | null): () => Backend {
  let backend: Backend | null = null;
  beforeAll(() => {
    backend = create?.() ?? null;
  });
  return () => {
    if (backend === null) throw new Error("The backend was not created.");
    return backend;
  };
}
