import { once } from "node:events";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { addonPaths, loadAddon } from "../../src/backend/addon.js";
import { type Backend, ELEMENTWISE } from "../../src/backend/backend.js";
import { createNativeBackend } from "../../src/backend/native.js";
import { InvalidArgumentError } from "../../src/errors.js";
import { nativeBackend, nativeSkipReason } from "../support/backends.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { backendContract, sameBits } from "./contract.js";

const built = loadAddon();
const folder = temporaryFolder();
let copies = 0;

afterEach(() => vi.unstubAllEnvs());

/** Loads a copy of the addon that chooses its kernels anew, for a processor of the name given. */
function loadFor(kernelSet: string) {
  if (built.addon === null) throw new Error(built.reason);
  // A new file each time: to write to one that is loaded would change the code that runs.
  const copy = join(folder, `copy-${copies++}.node`);
  copyFileSync(built.info.path, copy);
  vi.stubEnv("MNIST_NATIVE_CPU", kernelSet);
  try {
    return loadAddon([copy]);
  } finally {
    vi.unstubAllEnvs();
  }
}

function kernels(kernelSet: string): Backend {
  const result = loadFor(kernelSet);
  if (result.addon === null) throw new Error(result.reason);
  return createNativeBackend(result.addon, 2);
}

backendContract("the native backend on 1 thread", nativeBackend(1), nativeSkipReason);
backendContract("the native backend on 2 threads", nativeBackend(2), nativeSkipReason);
for (const threads of [2, 3]) {
  const name = `${threads} threads of the native backend give the bits of one`;
  sameBits(name, nativeBackend(1), nativeBackend(threads), nativeSkipReason);
}

const kernelSets = built.addon === null ? [] : built.info.runnableKernelSets;
for (const kernelSet of kernelSets.filter((name) => name !== built.addon?.kernelSet)) {
  const name = `the native backend with its ${kernelSet} kernels`;
  backendContract(name, () => kernels(kernelSet), undefined, { checksArguments: false });
}

describe.skipIf(built.addon === null)(
  built.addon === null ? `the built addon, skipped: ${nativeSkipReason}` : "the built addon",
  () => {
    it("says what it is", () => {
      if (built.addon === null) throw new Error(built.reason);
      const { path, kernelSet, kernelSetDescription, runnableKernelSets, threading, defaultThreads } =
        built.info;
      expect(path).toMatch(/mnist_native\.node$/);
      expect(runnableKernelSets).toContain(kernelSet);
      expect(runnableKernelSets).toContain("baseline");
      expect(kernelSetDescription).not.toBe("");
      expect(threading).toMatch(/^(OpenMP|none)$/);
      expect(defaultThreads).toBeGreaterThanOrEqual(1);
    });

    it("makes a backend with the threads asked for", () => {
      if (built.addon === null) throw new Error(built.reason);
      const { addon, info } = built;
      const { kernelSet } = info;
      expect(createNativeBackend(addon, 3)).toMatchObject({ name: "native", kernelSet, threads: 3 });
      expect(createNativeBackend(addon).threads).toBe(info.defaultThreads);
      expect(createNativeBackend(addon, 1024).threads).toBe(1024);
      for (const threads of [0, -1, 1.5, 1025, Number.NaN]) {
        expect(() => createNativeBackend(addon, threads)).toThrow(InvalidArgumentError);
        expect(() => createNativeBackend(addon, threads)).toThrow(`for threads but received ${threads}.`);
      }
    });

    it("can be named relative to the working directory", () => {
      if (built.addon === null) throw new Error(built.reason);
      const path = relative(process.cwd(), built.info.path);
      expect(loadAddon(addonPaths({ MNIST_NATIVE_ADDON: path }))).toMatchObject({
        info: { path: built.info.path },
      });
    });

    it.each(kernelSets)("runs its %s kernels where MNIST_NATIVE_CPU asks for them", (kernelSet) => {
      expect(kernels(kernelSet).kernelSet).toBe(kernelSet);
    });

    it.each([
      ["float32", Float32Array, 2e-38],
      ["float64", Float64Array, 4e-308],
    ] as const)(
      "writes 0 for denormal results on every thread, in %s, and leaves those of JavaScript alone",
      (_, FloatArray, small) => {
        const n = 100_000; // Enough for two threads.
        const numbers = new FloatArray(n).fill(small);
        for (const threads of [1, 2]) {
          const out = new FloatArray(n).fill(1);
          nativeBackend(threads)?.().sigmoidBackward(numbers, new FloatArray(n).fill(0.5), out); // a quarter of them
          const others = out.filter((x) => x !== 0);
          const [index, value] = [out.findIndex((x) => x !== 0), others[0]];
          expect({ threads, count: others.length, index, value }).toEqual({ threads, count: 0, index: -1 });
        }
        const denormal = new FloatArray(numbers).map((x) => x / 4);
        expect(denormal.every((x) => x > 0)).toBe(true);
      },
    );

    it("trusts nobody who calls it: labels and rows that another thread could change, too few and too many arguments", () => {
      if (built.addon === null) throw new Error(built.reason);
      const { addon } = built;
      const labels = new Uint8Array(2);
      const rows = new Int32Array(2);
      const loss = (of: Uint8Array | Int32Array, delta: Float32Array | null = null) => {
        const [a, totals] = [new Float32Array(6), new Float64Array(3)];
        addon.loss(a, null, of, null, null, totals, delta, 1, 2, 3, 0, 1, 1, 1);
      };
      const imageGradient = (of: Int32Array, ...more: readonly unknown[]) =>
        addon.imageGradient(
          new Float32Array(6),
          new Float32Array(64),
          3,
          16,
          new Uint8Array(8),
          of,
          4,
          1,
          0,
          null,
          1,
          ...more,
        );
      expect(() => loss(labels)).not.toThrow();
      const shared = new SharedArrayBuffer(8);
      for (const of of [new Uint8Array(shared, 0, 2), new Int32Array(shared)]) {
        expect(() => loss(of)).toThrow(
          "loss: expected labels that no other thread can change, but they are on a SharedArrayBuffer.",
        );
      }
      for (const List of [Uint8Array, Int32Array]) {
        expect(() => loss(List.of(1, 3))).toThrow("loss: label 3 of example 1 is out of range");
      }
      expect(() => imageGradient(rows)).not.toThrow();
      expect(() => imageGradient(new Int32Array(new SharedArrayBuffer(8)))).toThrow(
        "imageGradient: expected rows that no other thread can change, but they are on a SharedArrayBuffer.",
      );
      expect(() => imageGradient(rows, 1)).toThrow("imageGradient: expected 11 arguments but received 12.");
      expect(() => addon.sigmoid(new Float32Array(1), new Float32Array(1))).toThrow(
        "sigmoid: expected a number for threads.",
      );
      const one = new Float32Array(1);
      const product = (bias: Float32Array | null) =>
        addon.gemm(one, one, new Float32Array(1), bias, false, false, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1);
      expect(() => product(null)).not.toThrow();
      expect(() => product(new Float32Array(0))).toThrow("gemm: expected 1 elements in bias but received 0");
      expect(() => loss(labels, new Float32Array(0))).toThrow(
        "loss: expected 6 elements in delta but received 0",
      );
      expect(() => addon.sigmoid()).toThrow("sigmoid: expected a Float32Array or a Float64Array");
    });

    it("takes nothing for lists of ink but what listImages returned for as many images of this width", () => {
      if (built.addon === null) throw new Error(built.reason);
      const { addon } = built;
      const images = Uint8Array.from({ length: 60 }, (_, i) => (i % 4 === 0 ? i : 0));
      const handle = addon.listImages(images, 10, 1) as object;
      expect(handle).toBeTypeOf("object");
      const [delta, weight, bias, out] = [6, 160, 3, 6].map((length) => new Float32Array(length).fill(1));
      const scaled = (lists: unknown) => [images, Int32Array.of(5, 0), 10, 1, 0, lists, 1] as const;
      const calls: Readonly<Record<string, (lists: unknown) => void>> = {
        imageLinear: (lists) => addon.imageLinear(weight, bias, out, 3, 16, 1, ...scaled(lists)),
        imageGradient: (lists) => addon.imageGradient(delta, weight, 3, 16, ...scaled(lists)),
        imageDescent: (lists) => addon.imageDescent(delta, weight, bias, 3, 16, 0.1, ...scaled(lists)),
      };
      const strangers: readonly unknown[] = [
        ...[undefined, 1, "lists", true, 1n, Symbol("lists"), {}, [], () => {}, images, images.buffer],
        ...[Object.create(handle), new Proxy(handle, {}), { ...handle }, structuredClone(handle)],
        ...[Object.setPrototypeOf({}, handle), new Date(), new Map(), addon],
      ];
      const others = [
        addon.listImages(images, 5, 1),
        addon.listImages(images, 20, 1),
        addon.listImages(images.subarray(10), 10, 1),
        addon.listImages(new Uint8Array(0), 10, 1),
      ];
      for (const [name, call] of Object.entries(calls)) {
        for (const lists of [handle, null]) expect(() => call(lists)).not.toThrow();
        for (const lists of strangers) {
          expect(() => call(lists)).toThrow(
            `${name}: expected what listImages returned, or null, for lists.`,
          );
        }
        for (const lists of others) {
          expect(lists).not.toBeNull();
          expect(() => call(lists)).toThrow(
            `${name}: expected the lists of 6 images of 10 pixels for lists.`,
          );
        }
      }
    });

    it("lists only whole images that no other thread can change, and only with little ink", () => {
      if (built.addon === null) throw new Error(built.reason);
      const { addon } = built;
      const list = (...args: readonly unknown[]) =>
        addon.listImages(...(args as Parameters<typeof addon.listImages>));
      expect(list(new Uint8Array(8).fill(1), 4, 1)).toBeNull();
      expect(list(new Uint8Array(new SharedArrayBuffer(8)), 4, 1)).toBeNull();
      expect(() => list(new Uint8Array(9), 4, 1)).toThrow("listImages: expected 8 elements in images");
      expect(() => list(new Uint8Array(8), 0, 1)).toThrow("listImages: expected a whole number from 1");
      expect(() => list(new Int8Array(8), 4, 1)).toThrow("listImages: expected a Uint8Array for images.");
      expect(() => list(new Uint8Array(8), 4)).toThrow("listImages: expected a number for threads.");
      expect(() => list(new Uint8Array(8), 4, 1, 1)).toThrow(
        "listImages: expected 3 arguments but received 4.",
      );
    });

    it("lists cannot be sent to another thread: what arrives is refused there", async () => {
      if (built.addon === null) throw new Error(built.reason);
      const { addon, info } = built;
      const images = new Uint8Array(60);
      const program = `
        const { parentPort, workerData } = require("node:worker_threads");
        const addon = require(workerData.path);
        const call = (lists) => {
          try {
            addon.imageGradient(new Float32Array(6), new Float32Array(160), 3, 16,
              workerData.images, Int32Array.of(5, 0), 10, 1, 0, lists, 1);
            return "computed";
          } catch (error) {
            return error.message;
          }
        };
        parentPort.postMessage([call(workerData.handle), call(addon.listImages(workerData.images, 10, 1))]);
      `;
      const handle = addon.listImages(images, 10, 1);
      const worker = new Worker(program, { eval: true, workerData: { path: info.path, images, handle } });
      const [answers] = await once(worker, "message");
      await worker.terminate();
      expect(answers).toEqual([
        "imageGradient: expected what listImages returned, or null, for lists.",
        "computed",
      ]);
      expect(() => structuredClone(handle, { transfer: [handle as never] })).toThrow();
    });

    it("refuses kernels that this machine cannot run, and names those that it can", () => {
      expect(() => loadFor("pentium")).toThrow(InvalidArgumentError);
      expect(() => loadFor("pentium")).toThrow(/MNIST_NATIVE_CPU .*"pentium".*baseline/s);
    });
  },
);

describe("addonPaths", () => {
  it("is the file that MNIST_NATIVE_ADDON names, and otherwise the one built here before the one that came along", () => {
    expect(addonPaths({ MNIST_NATIVE_ADDON: "/some/addon.node" })).toEqual(["/some/addon.node"]);
    const usual = [
      expect.stringMatching(/build.Release.mnist_native\.node$/),
      expect.stringMatching(/prebuilds.[\w-]+.mnist_native\.node$/),
    ];
    expect(addonPaths({})).toEqual(usual);
    expect(addonPaths({ MNIST_NATIVE_ADDON: "" })).toEqual(usual);
  });
});

describe("loadAddon says why there is no addon", () => {
  const write = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it("where no file is there", () => {
    const paths = [join(folder, "a.node"), join(folder, "b.node")];
    expect(loadAddon(paths)).toEqual({
      addon: null,
      reason: `the native addon has not been built (there is no ${paths[0]}, nor ${paths[1]})`,
    });
  });

  it.each([
    ["empty", ""],
    ["text", "not a shared library"],
    ["half", "\x7fELF\x02\x01\x01"],
  ])("where the file is damaged: %s", (name, content) => {
    const path = write(`${name}.node`, content);
    const result = loadAddon([join(folder, "missing.node"), path]);
    expect(result).toMatchObject({ addon: null });
    expect(result).toHaveProperty(
      "reason",
      expect.stringContaining(`the native addon ${path} cannot be loaded: `),
    );
    expect(result).toHaveProperty("reason", expect.not.stringMatching(/not been built|\n/));
  });

  it("where there is a folder in its place", () => {
    const path = join(folder, "folder.node");
    mkdirSync(path);
    expect(loadAddon([path])).toMatchObject({
      addon: null,
      reason: expect.stringContaining("cannot be loaded"),
    });
  });

  it.each(["module.exports = { abi: 99 };", "module.exports = { gemm() {} };"])(
    "where it was built for another version: %s",
    (source) => {
      const path = write(`version-${source.length}.cjs`, source);
      expect(loadAddon([path])).toEqual({
        addon: null,
        reason: expect.stringMatching(
          / was built for another version .*\(its interface is (99|undefined), not 8\)$/,
        ),
      });
    },
  );

  const others =
    Object.keys(ELEMENTWISE)
      .map((name) => `${name}() {}, `)
      .join("") +
    "softmax() {}, loss() {}, dropout() {}, normalizeBatch() {}, normalizeBatchBackward() {}, scaleColumns() {}, gatherImages() {}, gatherRows() {}, imageLinear() {}, imageGradient() {}, linearDescent() {}, imageDescent() {}, columnSums() {}, argmaxRows() {}, sgdUpdate() {}, update() {}, addPenalty() {}, sumOfSquares() {}, limitNorms() {}, useKernelSet() {}, listImages() {}, addressModulo() {}";

  it.each([
    ["nothing", "gemm() {}"],
    ["something else", "gemm(...args) { args[2].fill(7); }"],
  ])("where it computes %s", (name, gemm) => {
    const path = write(`${name}.cjs`, `module.exports = { abi: 8, ${gemm}, ${others}, measurePeak() {} };`);
    const reason = `the native addon ${path} computes a small layer wrongly`;
    expect(loadAddon([path])).toEqual({ addon: null, reason });
  });

  it.each([
    ["gemm", "measurePeak() {}"],
    ["measurePeak", "gemm() {}"],
  ])("where it lacks a function: %s", (name, rest) => {
    const path = write(`without-${name}.cjs`, `module.exports = { abi: 8, ${rest}, ${others} };`);
    const reason = `the native addon ${path} is incomplete (it has no ${name})`;
    expect(loadAddon([path])).toEqual({ addon: null, reason });
  });

  it("where a file holds nothing at all", () => {
    const path = write("null.cjs", "module.exports = null;");
    expect(loadAddon([path])).toMatchObject({
      addon: null,
      reason: expect.stringContaining("undefined, not 8"),
    });
  });

  it("for every file that is there", () => {
    const paths = [write("old.cjs", "module.exports = { abi: 0 };"), write("broken.node", "")];
    expect(loadAddon([...paths, join(folder, "missing.node")])).toEqual({
      addon: null,
      reason: expect.stringMatching(
        /old\.cjs was built .*; and the native addon .*broken\.node cannot be loaded: /,
      ),
    });
  });
});

describe.skipIf(built.addon === null)("loadAddon, where the first file is of no use,", () => {
  it("takes the next one, and says what was passed over", () => {
    if (built.addon === null) throw new Error(built.reason);
    const broken = join(folder, "first.node");
    writeFileSync(broken, "garbage");
    const { path } = built.info;
    expect(loadAddon([join(folder, "missing.node"), broken, path])).toMatchObject({
      info: {
        path,
        passedOver: [{ path: broken, reason: expect.stringContaining(`${broken} cannot be loaded: `) }],
      },
    });
    expect(built.info.passedOver).toEqual([]);
  });
});
