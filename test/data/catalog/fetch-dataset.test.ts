import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { type CatalogEntry, catalogEntry, entriesOfArchive } from "../../../src/data/catalog/catalog.js";
import { type FetchDatasetOptions, fetchDataset } from "../../../src/data/catalog/fetch-dataset.js";
import { withLock } from "../../../src/data/catalog/lock.js";
import { DownloadError, FileAccessError } from "../../../src/errors.js";
import { encodeIdxHeader } from "../../../src/formats/idx.js";
import { copyCompiled, run } from "../../support/compiled.js";
import { type Handler, sendFile, startServer } from "../../support/http-server.js";
import { isolatedPlaces } from "../../support/isolated-places.js";
import { entryFor, smallQuartet } from "../../support/quartet.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { zip } from "../../support/zip.js";

const temporary = temporaryFolder();
const contents = smallQuartet();
const entry = entryFor(contents);
const served = new Map(
  Object.entries(entry.files).map(([place, { name }]) => [
    `/${name}.gz`,
    gzipSync(contents[place as keyof typeof contents]),
  ]),
);
const fileNames = [...served.keys()].map((path) => path.slice(1)).sort();

/** What is in a folder, without the records beside the files. */
const dataFiles = (directory: string) =>
  readdirSync(directory)
    .filter((name) => !name.endsWith(".verified.json"))
    .sort();

const serveAll: Handler = (request, response) => {
  const content = served.get(request.url ?? "");
  content === undefined
    ? response.writeHead(404).end()
    : sendFile(request, response, content, { etag: '"1"' });
};

/** Options that let nothing of this machine in, wait for nothing, and keep the data in a new folder. */
function isolated(
  mirror: string,
  options: FetchDatasetOptions = {},
): FetchDatasetOptions & { cacheDirectory: string } {
  const { places } = isolatedPlaces(temporary);
  return {
    ...places,
    mirrors: [mirror],
    retryDelay: 1,
    attempts: 2,
    connectTimeout: 5000,
    stallTimeout: 5000,
    ...options,
    cacheDirectory: places.cacheDirectory,
  };
}

describe("fetchDataset", () => {
  it("puts the verified files into the user's cache", async () => {
    const server = await startServer(serveAll);
    const options = isolated(server.url);
    const location = await fetchDataset(entry, options);
    const directory = join(options.cacheDirectory, "mnist");
    expect(location).toMatchObject({ source: "cache", path: directory });
    expect(dataFiles(directory)).toEqual(fileNames);
    expect(readdirSync(options.cacheDirectory)).toEqual(["mnist"]);
  });

  it("puts them into MNIST_NATIVE_HOME, counted from the working folder", async () => {
    const server = await startServer(serveAll);
    const options = isolated(server.url, { env: { MNIST_NATIVE_HOME: "my data" } });
    const location = await fetchDataset(entry, options);
    expect(location).toMatchObject({
      source: "MNIST_NATIVE_HOME",
      path: join(options.cwd ?? "", "my data", "mnist"),
    });
    expect(existsSync(options.cacheDirectory)).toBe(false);
  });

  it("puts them into a folder that is named", async () => {
    const server = await startServer(serveAll);
    const options = isolated(server.url, { directory: "here" });
    await fetchDataset(entry, options);
    expect(readdirSync(join(options.cwd ?? "", "here")).sort()).toEqual(fileNames);
  });

  it("fetches only what is missing, and nothing when all is there", async () => {
    const server = await startServer(serveAll);
    const options = isolated(server.url);
    const directory = join(options.cacheDirectory, "mnist");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "train-images-idx3-ubyte"), contents.trainImages);
    await fetchDataset(entry, options);
    await fetchDataset(entry, options);
    expect(server.requests.map(({ path }) => path)).toEqual(
      ["train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"].map((name) => `/${name}-ubyte.gz`),
    );
  });

  it.each<[how: string, options: FetchDatasetOptions]>([
    ["an option", { offline: true }],
    ["MNIST_NATIVE_OFFLINE", { env: { MNIST_NATIVE_OFFLINE: "1" } }],
  ])("asks nobody when %s forbids it", async (_, forbidding) => {
    const server = await startServer(serveAll);
    const error = await fetchDataset(entry, isolated(server.url, forbidding)).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(FileAccessError);
    expect(String(error)).toMatch(/downloads are forbidden/);
    expect(server.requests).toEqual([]);
  });

  it("does not take MNIST_NATIVE_OFFLINE=0 for a ban", async () => {
    const server = await startServer(serveAll);
    await fetchDataset(entry, isolated(server.url, { env: { MNIST_NATIVE_OFFLINE: "0" } }));
    expect(server.requests.length).toBe(4);
  });

  it("keeps no file with a wrong sum, and those that are right", async () => {
    const server = await startServer(serveAll);
    const options = isolated(server.url);
    const files = { ...entry.files, testImages: { ...entry.files.testImages, sha256: "0".repeat(64) } };
    const error = await fetchDataset({ ...entry, files }, options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DownloadError);
    expect(String(error)).toMatch(
      /was deleted: .*t10k-images-idx3-ubyte.gz.part has the SHA-256 \w+ where 0{64}/,
    );
    expect(dataFiles(join(options.cacheDirectory, "mnist"))).toEqual([
      "train-images-idx3-ubyte.gz",
      "train-labels-idx1-ubyte.gz",
    ]);
  });

  it.each([
    ["than its header promises", [240, 2, 3], /holds more bytes where its header promises 1456;/],
    ["than any file of the catalogue", [76_000, 28, 28], /promises 59584000 bytes where at most \d{8} were/],
  ])("does not decompress a file from which far more would come %s", async (_, shape, reason) => {
    const bytes = gzipSync(Buffer.concat([encodeIdxHeader("images", shape), Buffer.alloc(60_000_000)]));
    const server = await startServer((request, response) => sendFile(request, response, bytes));
    await expect(fetchDataset(entry, isolated(server.url))).rejects.toThrow(reason);
  });

  it("checks the published sum of compressed files where that is all that is known", async () => {
    const server = await startServer(serveAll);
    const name = entry.files.trainImages.name;
    const digest = createHash("md5")
      .update(served.get(`/${name}.gz`) ?? "")
      .digest("hex");
    const withSum = (sum: string): CatalogEntry => ({
      ...entry,
      files: { ...entry.files, trainImages: { name, published: { algorithm: "md5", digest: sum } } },
    });
    await fetchDataset(withSum(digest), isolated(server.url));
    await expect(fetchDataset(withSum("0".repeat(32)), isolated(server.url))).rejects.toThrow(/has the MD5/);
  });
});

describe("a data set in an archive", () => {
  const letters = catalogEntry("emnist-letters");
  const members = entriesOfArchive(letters).flatMap(({ files }) =>
    Object.entries(files).map(
      ([place, { name }]) => [`gzip/${name}.gz`, gzipSync(contents[place as keyof typeof contents])] as const,
    ),
  );

  function archived(files: Readonly<Record<string, Uint8Array>>): { entry: CatalogEntry; content: Buffer } {
    const content = zip(files);
    const digest = createHash("sha256").update(content).digest("hex");
    const archive = {
      name: "gzip.zip",
      folder: "gzip/",
      byteLength: content.length,
      published: { algorithm: "sha256", digest },
    } as const;
    return { entry: { ...letters, archive }, content };
  }

  it("is unpacked with the others in it, and the archive deleted", async () => {
    const { entry, content } = archived(Object.fromEntries(members));
    const server = await startServer((request, response) => sendFile(request, response, content));
    const options = isolated(server.url);
    const location = await fetchDataset(entry, options);
    expect(dataFiles(location.path).length).toBe(4);
    expect(readdirSync(options.cacheDirectory).sort()).toEqual([
      "emnist-balanced",
      "emnist-digits",
      "emnist-letters",
    ]);
    await fetchDataset(catalogEntry("emnist-digits"), options);
    expect(server.requests.map(({ path }) => path)).toEqual(["/gzip.zip"]);
  });

  it("is unpacked alone into a folder that is named", async () => {
    const { entry, content } = archived(Object.fromEntries(members));
    const server = await startServer((request, response) => sendFile(request, response, content));
    const { path } = await fetchDataset(entry, isolated(server.url, { directory: "letters" }));
    expect(readdirSync(path).sort()).toEqual(
      Object.values(letters.files)
        .map(({ name }) => `${name}.gz`)
        .sort(),
    );
  });

  it.skipIf(process.platform === "win32")("is not unpacked through a link", async () => {
    const { entry, content } = archived(Object.fromEntries(members));
    const server = await startServer((request, response) => sendFile(request, response, content));
    const options = isolated(server.url, { directory: "letters" });
    const directory = join(options.cwd ?? "", "letters");
    mkdirSync(directory);
    const other = join(directory, "other");
    writeFileSync(other, "untouched");
    const [first = ""] = Object.values(letters.files).map(({ name }) => join(directory, `${name}.gz`));
    symlinkSync(other, `${first}.part`);
    await fetchDataset(entry, options);
    expect(readFileSync(other, "utf8")).toBe("untouched");
    expect(lstatSync(first).isFile()).toBe(true);
  });

  it("is unpacked from an archive that a killed process left, unless that has been changed", async () => {
    const { entry, content } = archived(Object.fromEntries(members));
    const server = await startServer((request, response) => sendFile(request, response, content));
    for (const [left, requests] of [
      [content, 0],
      [content.subarray(1), 1],
    ] as const) {
      const options = isolated(server.url);
      mkdirSync(options.cacheDirectory);
      writeFileSync(join(options.cacheDirectory, "gzip.zip"), left);
      await fetchDataset(entry, options);
      expect(server.requests.length).toBe(requests);
      expect(existsSync(join(options.cacheDirectory, "gzip.zip"))).toBe(false);
    }
  });

  it("is unpacked from an archive that the user put into the named folder, and leaves it there", async () => {
    const { entry, content } = archived(Object.fromEntries(members));
    const server = await startServer((request, response) => sendFile(request, response, content));
    const options = isolated(server.url, { directory: "letters" });
    const archive = join(options.cwd ?? "", "letters", "gzip.zip");
    mkdirSync(join(archive, ".."));
    writeFileSync(archive, content);
    await fetchDataset(entry, options);
    expect(readFileSync(archive).equals(content)).toBe(true);
    expect(server.requests).toEqual([]);
  });

  it("is not taken from an archive with another sum", async () => {
    const { entry, content } = archived(Object.fromEntries(members));
    const server = await startServer((request, response) => sendFile(request, response, content.subarray(1)));
    const options = isolated(server.url);
    await expect(fetchDataset(entry, options)).rejects.toThrow(/gzip.zip.part has the SHA-256/);
    expect(readdirSync(options.cacheDirectory)).toEqual([]);
  });

  it("is reported when the archive lacks a file", async () => {
    const { entry, content } = archived(Object.fromEntries(members.slice(1)));
    const server = await startServer((request, response) => sendFile(request, response, content));
    await expect(fetchDataset(entry, isolated(server.url))).rejects.toThrow(
      /has no file gzip\/emnist-letters-train-images/,
    );
  });
});

describe("several who fetch the same", () => {
  let module = "";
  beforeAll(() => {
    module = copyCompiled("data/catalog/fetch-dataset.ts", mkdtempSync(join(temporary, "compiled-")));
  });

  const program = (options: FetchDatasetOptions) =>
    `import { fetchDataset } from "${module}"; await fetchDataset(${JSON.stringify(entry)}, ${JSON.stringify(options)});`;
  const slowly: Handler = (request, response, number) =>
    void wait(100).then(() => serveAll(request, response, number));

  it("share one download in one process", async () => {
    const server = await startServer(slowly);
    const options = isolated(server.url);
    const [first, second] = await Promise.all([fetchDataset(entry, options), fetchDataset(entry, options)]);
    expect(second).toEqual(first);
    expect(server.requests.length).toBe(4);
  });

  it("share one download between processes", async () => {
    const server = await startServer(slowly);
    const options = isolated(server.url);
    const processes = [run(program(options)), run(program(options))];
    const results = await Promise.all(processes.map(({ ended }) => ended));
    expect(results).toEqual([
      { code: 0, errors: "" },
      { code: 0, errors: "" },
    ]);
    expect(server.requests.length).toBe(4);
    expect(readdirSync(options.cacheDirectory)).toEqual(["mnist"]);
  });

  it("continue what a killed process began, and break its lock", async () => {
    const half = Math.floor((served.get("/train-images-idx3-ubyte.gz")?.length ?? 0) / 2);
    const server = await startServer((request, response, number) =>
      number > 1
        ? serveAll(request, response, number)
        : sendFile(request, response, served.get(request.url ?? "") ?? Buffer.alloc(0), {
            etag: '"1"',
            sends: half,
          }),
    );
    const options = isolated(server.url);
    const part = join(options.cacheDirectory, "mnist", "train-images-idx3-ubyte.gz.part");
    const { child, ended } = run(program({ ...options, stallTimeout: 60_000 }));
    while (statSync(part, { throwIfNoEntry: false })?.size !== half) {
      await wait(10);
    }
    child.kill("SIGKILL");
    await ended;
    const lock = join(options.cacheDirectory, "mnist.lock");
    expect(existsSync(lock)).toBe(true);
    // As it looks when its holder has not touched it for an hour.
    const hourAgo = Date.now() / 1000 - 3600;
    utimesSync(lock, hourAgo, hourAgo);

    await fetchDataset(entry, options);
    expect(server.requests[1]?.headers.range).toBe(`bytes=${half}-`);
    expect(dataFiles(join(options.cacheDirectory, "mnist"))).toEqual(fileNames);
    expect(existsSync(lock)).toBe(false);
  });

  it.skipIf(process.platform === "win32").each([
    ["a link to a folder", (lock: string, other: string) => symlinkSync(other, lock)],
    ["a link to nothing", (lock: string, other: string) => symlinkSync(join(other, "missing"), lock)],
    ["a file", (lock: string) => writeFileSync(lock, "")],
  ])("take no notice of %s in the place of a lock", async (_, occupy) => {
    const server = await startServer(serveAll);
    const options = isolated(server.url);
    const other = join(options.cwd ?? "", "other");
    mkdirSync(other);
    mkdirSync(options.cacheDirectory);
    occupy(join(options.cacheDirectory, "mnist.lock"), other);
    const notices: string[] = [];
    await fetchDataset(entry, { ...options, onNotice: (notice) => notices.push(notice) });
    expect(notices).toEqual([]);
    expect(readdirSync(options.cacheDirectory)).toEqual(["mnist"]);
    expect(existsSync(other)).toBe(true);
  });

  it("wait for who was first, say so, and can give up", async () => {
    const server = await startServer(serveAll);
    const options = isolated(server.url);
    const controller = new AbortController();
    const reason = new Error("Enough.");
    const notices: string[] = [];
    const onNotice = (notice: string) => {
      notices.push(notice);
      controller.abort(reason);
    };
    await withLock(join(options.cacheDirectory, "mnist"), {}, async () => {
      const waiting = fetchDataset(entry, { ...options, onNotice, signal: controller.signal });
      await expect(waiting).rejects.toBe(reason);
    });
    expect(notices).toEqual(["Another process is fetching mnist; waiting for it."]);
    expect(server.requests).toEqual([]);
  });
});
