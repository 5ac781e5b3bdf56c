import { existsSync, mkdirSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogEntry, DATASET_NAMES, type DatasetName } from "../../../src/data/catalog/catalog.js";
import {
  downloadDataset,
  findDataset,
  type LoadDatasetOptions,
  listDatasets,
  loadDataset,
  verifyDataset,
} from "../../../src/data/catalog/datasets.js";
import { isCanonicalMnist } from "../../../src/data/readers/mnist.js";
import { MNIST_FILE_NAMES, type Quartet } from "../../../src/data/readers/quartet.js";
import { exampleCount } from "../../../src/data/stream.js";
import { FileAccessError, InvalidArgumentError, LabelRangeError } from "../../../src/errors.js";
import { encodeIdxHeader, readIdx } from "../../../src/formats/idx.js";
import { flat } from "../../support/flat.js";
import { sendFile, startServer } from "../../support/http-server.js";
import { mnistDirectory } from "../../support/mnist.js";
import { npy } from "../../support/npy.js";
import { smallQuartet, writeEntry } from "../../support/quartet.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { zip } from "../../support/zip.js";

const temporary = temporaryFolder();

interface Machine {
  /** What loading and finding get to know of the machine: nothing but this folder. */
  readonly options: LoadDatasetOptions & { readonly env: NodeJS.ProcessEnv };
  readonly at: (...path: string[]) => string;
  /** Writes the small data set under the names of a data set of the catalogue. */
  readonly put: (name: DatasetName, directory: string, contents?: Quartet<Buffer>) => string;
}

/** A machine with a home, a working folder and a system, all empty, that is offline. */
function machine(env: NodeJS.ProcessEnv = {}): Machine {
  const root = mkdtempSync(join(temporary, "machine-"));
  const at = (...path: string[]) => join(root, ...path);
  mkdirSync(at("work", "project"), { recursive: true });
  return {
    at,
    options: {
      env: { MNIST_NATIVE_OFFLINE: "1", ...env },
      home: at("home"),
      cwd: at("work", "project"),
      cacheDirectory: at("cache"),
      systemDirectory: at("system"),
    },
    put: (name, directory, contents = smallQuartet()) => writeEntry(catalogEntry(name), contents, directory),
  };
}

describe("a data set is found", () => {
  it.each<[where: string, name: DatasetName, place: (at: Machine["at"]) => string, source: string]>([
    ["in the user's cache", "emnist-balanced", (at) => at("cache", "emnist-balanced"), "cache"],
    ["where Debian puts it", "fashion-mnist", (at) => at("system", "fashion-mnist"), "system"],
    [
      "in torchvision's folder here",
      "mnist",
      (at) => at("work", "project", "data", "MNIST", "raw"),
      "torchvision",
    ],
    ["in torchvision's folder above", "qmnist", (at) => at("work", "data", "QMNIST", "raw"), "torchvision"],
    [
      "in torchvision's folder at home",
      "emnist-digits",
      (at) => at("home", "data", "EMNIST", "raw"),
      "torchvision",
    ],
    [
      "where Keras puts it",
      "fashion-mnist",
      (at) => at("home", ".keras", "datasets", "fashion-mnist"),
      "keras",
    ],
  ])("%s", async (_, name, place, source) => {
    const { at, put, options } = machine();
    const quartet = name === "qmnist" ? qmnistQuartet() : smallQuartet({ imageShape: [3, 3] });
    const directory = put(name, place(at), quartet);
    expect(await findDataset(name, options)).toMatchObject({ source, path: directory });
    expect(exampleCount((await loadDataset(name, options)).test)).toBe(40);
  });

  it("in MNIST_NATIVE_HOME before all other places", async () => {
    const { at, put, options } = machine({ MNIST_NATIVE_HOME: "../mine" });
    put("mnist", at("cache", "mnist"));
    const directory = put("mnist", at("work", "mine", "mnist"));
    expect(await findDataset("mnist", options)).toMatchObject({
      source: "MNIST_NATIVE_HOME",
      path: directory,
    });
  });

  it("in the user's cache when MNIST_NATIVE_HOME has it not", async () => {
    const { at, put, options } = machine({ MNIST_NATIVE_HOME: "../mine" });
    put("mnist", at("cache", "mnist"));
    expect(await findDataset("mnist", options)).toMatchObject({ source: "cache" });
  });

  it("only in the folder that is named", async () => {
    const { at, put, options } = machine();
    put("mnist", at("cache", "mnist"));
    const directory = put("mnist", at("work", "project", "mine"));
    expect(await findDataset("mnist", { ...options, directory: "mine" })).toMatchObject({
      source: "directory",
      path: directory,
    });
    await expect(findDataset("mnist", { ...options, directory: "other" })).rejects.toThrow(
      /other cannot be opened/,
    );
  });

  it("past files of another tool that were cut short, with a word about them", async () => {
    const { at, put, options } = machine();
    const broken = put("mnist", at("work", "project", "data", "MNIST", "raw"));
    const raw = join(broken, MNIST_FILE_NAMES.trainImages);
    writeFileSync(raw, smallQuartet().trainImages);
    truncateSync(raw, 100);
    put("mnist", at("home", "data", "MNIST", "raw"));
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    expect(await findDataset("mnist", { ...options, onNotice })).toMatchObject({
      path: at("home", "data", "MNIST", "raw"),
    });
    expect(notices).toEqual([expect.stringMatching(/MNIST.raw is passed over: .*is truncated/)]);
  });

  it("nowhere, and the places that were looked at are named", async () => {
    const { at, options } = machine({ MNIST_NATIVE_HOME: "/mine", KERAS_HOME: "/keras" });
    const error = await loadDataset("mnist", options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FileAccessError);
    expect(String(error)).toMatch(/mnist is not on this machine, and downloads are forbidden/);
    for (const place of [
      join("/mine", "mnist"),
      at("cache", "mnist"),
      join("/keras", "datasets", "mnist.npz"),
    ]) {
      expect(String(error)).toContain(place);
    }
    await expect(findDataset("mnist", options)).rejects.toThrow(/has to be downloaded first/);
  });

  it("under no name that the catalogue has not", async () => {
    await expect(loadDataset("cifar" as "mnist", machine().options)).rejects.toThrow(InvalidArgumentError);
  });
});

describe("listDatasets", () => {
  it("gives every data set, and where it is", async () => {
    const { at, put, options } = machine();
    const directory = put("kmnist", at("cache", "kmnist"));
    const listed = await listDatasets(options);
    expect(listed.map(({ entry }) => entry.name)).toEqual(DATASET_NAMES);
    const found = listed.filter(({ location }) => location !== undefined);
    expect(found.map(({ entry, location }) => [entry.name, location?.path])).toEqual([["kmnist", directory]]);
  });
});

describe("loadDataset", () => {
  it("names the classes", async () => {
    const { at, put, options } = machine();
    put("fashion-mnist", at("system", "fashion-mnist"));
    const { train } = await loadDataset("fashion-mnist", options);
    expect(flat(train)).toMatchObject({ classes: 10, classNames: catalogEntry("fashion-mnist").classNames });
  });

  it("splits by the seed, or keeps the official test set", async () => {
    const { at, put, options } = machine();
    put("mnist", at("system", "mnist"));
    const official = await loadDataset("mnist", { ...options, split: "official" });
    expect([...official.test.rows]).toEqual(Array.from({ length: 40 }, (_, i) => 240 + i));
    const [one, two] = await Promise.all([1, 2].map((seed) => loadDataset("mnist", { ...options, seed })));
    expect(one?.train.rows).not.toEqual(two?.train.rows);
  });

  it("turns EMNIST's images upright, and counts the letters from 0", async () => {
    const { at, put, options } = machine();
    const quartet = smallQuartet({ imageShape: [3, 3] });
    const fromOne = {
      ...quartet,
      trainLabels: raised(quartet.trainLabels),
      testLabels: raised(quartet.testLabels),
    };
    put("emnist-letters", at("cache", "emnist-letters"), fromOne);
    const { train } = await loadDataset("emnist-letters", options);
    expect([...train.features.data.subarray(0, 18)]).toEqual([
      0, 3, 6, 1, 4, 7, 2, 5, 8, 9, 12, 15, 10, 13, 16, 11, 14, 17,
    ]);
    expect(flat(train)).toMatchObject({
      classes: 26,
      labels: Uint8Array.from({ length: 280 }, (_, i) => i % 10),
    });
  });

  it("refuses letters that are counted from 0 already", async () => {
    const { at, put, options } = machine();
    put("emnist-letters", at("cache", "emnist-letters"), smallQuartet({ imageShape: [3, 3] }));
    const error = await loadDataset("emnist-letters", options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LabelRangeError);
    expect(String(error)).toMatch(/from 1 in .*train-labels.*row 0 has the label 0/);
  });

  it("takes the class out of QMNIST's extended labels", async () => {
    const { at, put, options } = machine();
    put("qmnist", at("system", "qmnist"), qmnistQuartet());
    const { train } = await loadDataset("qmnist", options);
    expect([...train.targets.labels]).toEqual(Array.from({ length: 280 }, (_, i) => i % 10));
  });

  it("downloads what is nowhere", async () => {
    const { at, put, options } = machine();
    const source = put("qmnist", at("mirror"), qmnistQuartet());
    const server = await startServer((request, response) =>
      sendFile(request, response, readFileSync(join(source, request.url ?? ""))),
    );
    const online = { ...options, offline: false, mirrors: [server.url] };
    // The catalogue's sums are those of the true QMNIST.
    await expect(loadDataset("qmnist", online)).rejects.toThrow(/has the MD5/);
    await expect(downloadDataset("qmnist", online)).rejects.toThrow(/has the MD5/);
    expect(existsSync(at("cache", "qmnist.lock"))).toBe(false);
    expect(server.requests.length).toBe(2);
  });
});

describe("verifyDataset", () => {
  it("tells right, wrong and unknown files apart", async () => {
    const { at, put, options } = machine();
    const directory = put("emnist-digits", at("cache", "emnist-digits"));
    const damaged = join(directory, "emnist-digits-test-labels-idx1-ubyte.gz");
    truncateSync(damaged, 30);
    const files = await verifyDataset("emnist-digits", options);
    expect(files.map(({ verdict }) => verdict)).toEqual([
      "well-formed",
      "well-formed",
      "well-formed",
      "wrong",
    ]);
    expect(files[3]).toMatchObject({
      path: damaged,
      fault: expect.stringMatching(/compressed data end too early/),
    });
  });

  it("finds another file by its sum", async () => {
    const { at, put, options } = machine();
    put("mnist", at("cache", "mnist"));
    const files = await verifyDataset("mnist", options);
    expect(files.map(({ verdict }) => verdict)).toEqual(["wrong", "wrong", "wrong", "wrong"]);
    expect(files[0]?.fault).toMatch(/has the SHA-256 \w{64} where ba891046e6505d7a\w+ was expected/);
  });

  it("does not hold the sum of compressed files against others", async () => {
    const { at, put, options } = machine();
    const directory = put("kmnist", at("cache", "kmnist"));
    writeFileSync(join(directory, MNIST_FILE_NAMES.trainImages), smallQuartet().trainImages);
    const files = await verifyDataset("kmnist", options);
    expect(files.map(({ verdict }) => verdict)).toEqual(["well-formed", "wrong", "wrong", "wrong"]);
  });

  it("finds an archive of Keras that is another", async () => {
    const { at, options } = machine();
    mkdirSync(at("home", ".keras", "datasets"), { recursive: true });
    const path = at("home", ".keras", "datasets", "mnist.npz");
    const [images, labels] = [npy([2, 1, 1], Buffer.of(1, 2)), npy([2], Buffer.of(0, 1))];
    writeFileSync(
      path,
      zip({ "x_train.npy": images, "y_train.npy": labels, "x_test.npy": images, "y_test.npy": labels }),
    );
    expect(await verifyDataset("mnist", options)).toEqual([
      {
        path,
        verdict: "wrong",
        fault: expect.stringMatching(/does not hold the images and labels of MNIST/),
      },
    ]);
  });
});

describe.skipIf(mnistDirectory === null)("real MNIST", () => {
  it("is verified, and the same from Keras' archive", async () => {
    const directory = mnistDirectory ?? "";
    const files = await verifyDataset("mnist", { directory });
    expect(files.map(({ verdict }) => verdict)).toEqual(["verified", "verified", "verified", "verified"]);

    const { at, options } = machine();
    mkdirSync(at("home", ".keras", "datasets"), { recursive: true });
    const read = async (file: string, kind: "images" | "labels") => {
      const { shape, data } = await readIdx(join(directory, `${file}.gz`), kind);
      return npy(shape, data);
    };
    const arrays = {
      "x_train.npy": await read(MNIST_FILE_NAMES.trainImages, "images"),
      "y_train.npy": await read(MNIST_FILE_NAMES.trainLabels, "labels"),
      "x_test.npy": await read(MNIST_FILE_NAMES.testImages, "images"),
      "y_test.npy": await read(MNIST_FILE_NAMES.testLabels, "labels"),
    };
    writeFileSync(at("home", ".keras", "datasets", "mnist.npz"), zip(arrays));
    expect(await verifyDataset("mnist", options)).toMatchObject([{ verdict: "verified" }]);
    const { train, validation, test } = await loadDataset("mnist", options);
    expect(isCanonicalMnist(train)).toBe(true);
    expect([train, validation, test].map(exampleCount)).toEqual([55_000, 5_000, 10_000]);
  });
});

const debian = "/usr/share/datasets/fashion-mnist";
if (!existsSync(debian)) {
  console.warn(
    `A test on real Fashion-MNIST is skipped: Debian's package dataset-fashion-mnist is not installed.`,
  );
}
it.skipIf(!existsSync(debian))("Debian's Fashion-MNIST is verified", async () => {
  const files = await verifyDataset("fashion-mnist", { directory: debian });
  expect(files.map(({ verdict }) => verdict)).toEqual(["verified", "verified", "verified", "verified"]);
});

/** Labels one higher each. */
function raised(file: Buffer): Buffer {
  return Buffer.from(file.map((byte, i) => (i < 8 ? byte : byte + 1)));
}

/** The small data set with labels in eight columns of 32 bits, of which the first is the class. */
function qmnistQuartet(): Quartet<Buffer> {
  const quartet = smallQuartet();
  const extend = (file: Buffer) => {
    const labels = file.subarray(8);
    const body = Buffer.alloc(labels.length * 32, 7);
    for (const [row, label] of labels.entries()) {
      body.writeInt32BE(label, row * 32);
    }
    return Buffer.concat([encodeIdxHeader("extended-labels", [labels.length, 8]), body]);
  };
  return { ...quartet, trainLabels: extend(quartet.trainLabels), testLabels: extend(quartet.testLabels) };
}
