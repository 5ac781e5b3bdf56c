import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nativeBackend, nativeSkipReason } from "../support/backends.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const missing = join(temporaryFolder(), "missing.node");

/** The module as a new process has it: it has loaded no addon and announced nothing. */
const fresh = () => import("../../src/backend/select.js");

beforeEach(() => {
  vi.resetModules();
  vi.stubEnv("MNIST_NATIVE_BACKEND", undefined);
  vi.stubEnv("MNIST_NATIVE_ADDON", undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What is written to standard error from now on. */
function listen(): string[] {
  const written: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  return written;
}

describe("js", () => {
  it("is chosen by name, whatever the environment says", async () => {
    vi.stubEnv("MNIST_NATIVE_BACKEND", "native");
    const { chooseBackend, selectBackend } = await fresh();
    const choice = { name: "js", why: "it was asked for by name", isFallback: false, addon: null };
    expect(chooseBackend("js")).toEqual(choice);
    expect(selectBackend({ backend: "js" })).toMatchObject({ name: "js", kernelSet: "javascript" });
  });

  it.each([0, 1025, 1.5, Number.NaN])("takes no impossible number of threads either: %s", async (threads) => {
    const { selectBackend } = await fresh();
    expect(() => selectBackend({ backend: "js", threads })).toThrow(
      `Expected a whole number from 1 to 1024 for threads but received ${threads}.`,
    );
  });

  it("is chosen by MNIST_NATIVE_BACKEND, in silence and without a look at the addon", async () => {
    vi.stubEnv("MNIST_NATIVE_BACKEND", "js");
    vi.stubEnv("MNIST_NATIVE_ADDON", missing);
    const written = listen();
    const { chooseBackend, selectBackend } = await fresh();
    expect(chooseBackend()).toMatchObject({ name: "js", why: "it was asked for by MNIST_NATIVE_BACKEND" });
    expect(selectBackend().name).toBe("js");
    expect(written).toEqual([]);
  });
});

describe.skipIf(nativeBackend(1) === null)(
  nativeBackend(1) === null ? `native, skipped: ${nativeSkipReason}` : "native",
  () => {
    it.each([undefined, ""])("is chosen where MNIST_NATIVE_BACKEND is %j", async (value) => {
      vi.stubEnv("MNIST_NATIVE_BACKEND", value);
      const written = listen();
      const { chooseBackend, selectBackend } = await fresh();
      const choice = chooseBackend();
      expect(choice).toMatchObject({ name: "native", isFallback: false });
      expect(choice.why).toBe("the addon loads and computes correctly");
      expect(selectBackend()).toMatchObject({ name: "native", threads: choice.addon?.defaultThreads });
      expect(written).toEqual([]);
    });

    it("is chosen by MNIST_NATIVE_BACKEND, or by name whatever that says", async () => {
      vi.stubEnv("MNIST_NATIVE_BACKEND", "native");
      const { chooseBackend } = await fresh();
      expect(chooseBackend()).toMatchObject({
        name: "native",
        why: "it was asked for by MNIST_NATIVE_BACKEND",
      });
      vi.stubEnv("MNIST_NATIVE_BACKEND", "js");
      expect(chooseBackend("native")).toMatchObject({ name: "native", why: "it was asked for by name" });
    });

    it("gets the threads asked for, from 1 to 1024", async () => {
      const { selectBackend } = await fresh();
      expect(selectBackend({ threads: 3 }).threads).toBe(3);
      expect(() => selectBackend({ threads: 0 })).toThrow(
        "Expected a whole number from 1 to 1024 for threads",
      );
    });
  },
);

describe("an impossible name", () => {
  const wrong = (place: string) =>
    expect.objectContaining({
      code: "ERR_INVALID_ARGUMENT",
      message: `Expected native or js for ${place} but received "cuda".`,
    });

  it("is refused in MNIST_NATIVE_BACKEND", async () => {
    vi.stubEnv("MNIST_NATIVE_BACKEND", "cuda");
    const { chooseBackend, selectBackend } = await fresh();
    expect(() => chooseBackend()).toThrow(wrong("MNIST_NATIVE_BACKEND"));
    expect(() => selectBackend()).toThrow(wrong("MNIST_NATIVE_BACKEND"));
  });

  it("is refused as an option", async () => {
    const { chooseBackend, selectBackend } = await fresh();
    const name = "cuda" as "js";
    expect(() => chooseBackend(name)).toThrow(wrong("backend"));
    expect(() => selectBackend({ backend: name })).toThrow(wrong("backend"));
  });
});

describe("without an addon", () => {
  beforeEach(() => vi.stubEnv("MNIST_NATIVE_ADDON", missing));

  it("TypeScript stands in, and standard error says so once, with the reason and the remedy", async () => {
    const written = listen();
    const { chooseBackend, selectBackend } = await fresh();
    const why = `there is no file ${missing}, which MNIST_NATIVE_ADDON names`;
    expect(chooseBackend()).toEqual({ name: "js", why, isFallback: true, addon: null });
    expect(written).toEqual([]);
    expect(selectBackend().name).toBe("js");
    expect(selectBackend({ threads: 4 }).name).toBe("js");
    expect(written).toEqual([
      `mnist-native runs on its slower TypeScript backend, because ${why}. Unset MNIST_NATIVE_ADDON, or name ` +
        "a file that this package built. MNIST_NATIVE_BACKEND=js silences this.\n",
    ]);
  });

  it("the native backend cannot be had by name or by MNIST_NATIVE_BACKEND, and the error says why", async () => {
    const written = listen();
    const { chooseBackend, selectBackend } = await fresh();
    const unavailable = (source: string) =>
      expect.objectContaining({
        name: "BackendUnavailableError",
        code: "ERR_BACKEND_UNAVAILABLE",
        message: expect.stringMatching(
          new RegExp(
            `^The native backend was asked for by ${source}, but there is no file ${missing}, .*\\. Unset MNIST`,
          ),
        ),
      });
    expect(() => chooseBackend("native")).toThrow(unavailable("name"));
    expect(() => selectBackend({ backend: "native" })).toThrow(unavailable("name"));
    vi.stubEnv("MNIST_NATIVE_BACKEND", "native");
    expect(() => selectBackend()).toThrow(unavailable("MNIST_NATIVE_BACKEND"));
    expect(written).toEqual([]);
  });

  it("a file that cannot be loaded is not called missing", async () => {
    writeFileSync(missing, "garbage");
    const written = listen();
    const { selectBackend } = await fresh();
    expect(selectBackend().name).toBe("js");
    expect(written.join("")).toContain(`because the native addon ${missing} cannot be loaded: `);
  });
});
