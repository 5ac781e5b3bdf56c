import { describe } from "vitest";
import { loadAddon } from "../../src/backend/addon.js";
import type { Backend } from "../../src/backend/backend.js";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { createNativeBackend } from "../../src/backend/native.js";

/** `create` is `null` where this machine cannot have the backend; then `skipReason` says why. */
export type BackendUnderTest = readonly [
  name: string,
  create: (() => Backend) | null,
  skipReason: string | undefined,
];

const loaded = loadAddon();

/** Makes a native backend with this many threads; `null` where the addon cannot be had. */
export function nativeBackend(threads: number): (() => Backend) | null {
  const { addon } = loaded;
  return addon === null ? null : () => createNativeBackend(addon, threads);
}

export const nativeSkipReason: string | undefined = loaded.addon === null ? loaded.reason : undefined;

export const backends: readonly BackendUnderTest[] = [
  ["native, 1 thread", nativeBackend(1), nativeSkipReason],
  ["native, 2 threads", nativeBackend(2), nativeSkipReason],
  ["js", createJavaScriptBackend, undefined],
];

if (nativeSkipReason !== undefined) {
  console.warn(`Tests of the native backend are skipped: ${nativeSkipReason}.`);
}

/** Runs a suite on every backend. One that cannot be had is skipped, and the name of its suite says why. */
export function describeOnEveryBackend(suite: (create: () => Backend) => void): void {
  for (const [name, create, skipReason] of backends) {
    const unavailable = () => {
      throw new Error(`${name} cannot be had: ${skipReason}.`);
    };
    const title = create === null ? `${name}, skipped: ${skipReason}` : name;
    describe.skipIf(create === null)(title, () => suite(create ?? unavailable));
  }
}
