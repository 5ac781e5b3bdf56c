import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputError } from "../../src/errors.js";
import {
  makeFolders,
  temporaryNameOf,
  writeFileAtomically,
  writeFilesTogether,
  writeJson,
} from "../../src/system/files.js";
import { withFaultyFiles } from "../support/faulty-files.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const isPosix = process.platform !== "win32";
const large = Uint8Array.from({ length: (9 << 20) + 5 }, (_, i) => (i * 7) % 251);

describe("a file that is written atomically", () => {
  it("holds the bytes or the text, however many", async () => {
    const path = join(folder, "large");
    await writeFileAtomically(path, large);
    expect(readFileSync(path).equals(large)).toBe(true);
    await writeFileAtomically(path, "ä\n");
    expect(readFileSync(path, "utf8")).toBe("ä\n");
    await writeFileAtomically(path, new Uint8Array(0));
    expect(statSync(path).size).toBe(0);
  });

  it.skipIf(!isPosix)("keeps the permissions of the one before", async () => {
    for (const mode of [0o600, 0o640, 0o604, 0o755]) {
      const path = join(folder, `mode ${mode}`);
      writeFileSync(path, "old", { mode });
      const before = statSync(path).mode;
      await writeFileAtomically(path, "new");
      expect([statSync(path).mode, readFileSync(path, "utf8")]).toEqual([before, "new"]);
    }
  });

  it.skipIf(!isPosix)("leaves links as they are, and replaces what they lead to", async () => {
    const place = join(folder, "links");
    mkdirSync(join(place, "elsewhere"), { recursive: true });
    const target = join(place, "elsewhere", "target");
    writeFileSync(target, "old");
    symlinkSync("elsewhere/target", join(place, "first"));
    symlinkSync("first", join(place, "second"));
    await writeFileAtomically(join(place, "second"), "new");
    expect(readFileSync(target, "utf8")).toBe("new");
    expect(lstatSync(target).isFile()).toBe(true);
    expect(readlinkSync(join(place, "second"))).toBe("first");
    expect(readlinkSync(join(place, "first"))).toBe("elsewhere/target");
    expect(readdirSync(join(place, "elsewhere"))).toEqual(["target"]);
  });

  it.skipIf(!isPosix)("is written in place where it is no regular file", async () => {
    await writeFileAtomically("/dev/null", "gone");
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
    await expect(writeFileAtomically("/dev/full", "more")).rejects.toThrow(
      "/dev/full cannot be written: the disk is full",
    );
  });

  it.skipIf(!isPosix)("is refused where a socket or a folder stands", async () => {
    const path = join(folder, "socket");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await expect(writeFileAtomically(path, "more")).rejects.toThrow(OutputError);
    expect(lstatSync(path).isSocket()).toBe(true);
    server.close();
    mkdirSync(join(folder, "a folder"));
    await expect(writeFileAtomically(join(folder, "a folder"), "x")).rejects.toThrow(
      /a folder cannot be written: a folder of that name is in the way/,
    );
    await expect(writeFileAtomically(join(folder, "none", "x"), "x")).rejects.toThrow(
      /its folder does not exist/,
    );
  });

  it("is whole though each write takes only a part", async () => {
    const path = join(folder, "short", "file");
    mkdirSync(join(folder, "short"));
    const calls = await withFaultyFiles(join(folder, "short"), {}, () => writeFileAtomically(path, large));
    for (const [i, call] of calls.entries()) {
      if (call !== "file.write") continue;
      const fault = { n: i + 1, fault: "short" } as const;
      await withFaultyFiles(join(folder, "short"), fault, () => writeFileAtomically(path, large));
      expect(readFileSync(path).equals(large)).toBe(true);
    }
  });

  it("is the old or the new one, and nothing else is there, whatever call fails", async () => {
    const place = join(folder, "faults");
    const path = join(place, "file");
    mkdirSync(place);
    const write = () => writeFileAtomically(path, "the new one");
    const calls = await withFaultyFiles(place, {}, write);
    expect(calls).toEqual(["open", "file.write", "file.sync", "file.close", "rename", ...FLUSH]);
    for (const fault of ["ENOSPC", "EIO", "EDQUOT"] as const) {
      for (const [i, call] of calls.entries()) {
        writeFileSync(path, "old");
        const attempt = withFaultyFiles(place, { n: i + 1, fault }, write);
        await expect(attempt, call).rejects.toThrow(
          /faults.file cannot be written: [^\n]+; name another place\.$/,
        );
        expect(readFileSync(path, "utf8")).toBe(i < calls.indexOf("rename") + 1 ? "old" : "the new one");
        expect(readdirSync(place)).toEqual(["file"]);
      }
    }
  });

  it("needs no folder that can be flushed", async () => {
    const place = join(folder, "no flush");
    mkdirSync(place);
    for (const n of [6, 7]) {
      await withFaultyFiles(place, { n, fault: "EACCES" }, () =>
        writeFileAtomically(join(place, "file"), "x"),
      );
      expect(readFileSync(join(place, "file"), "utf8")).toBe("x");
    }
  });

  it("is refused, and not waited for, where a disk takes nothing", async () => {
    const place = join(folder, "nothing");
    mkdirSync(place);
    const path = join(place, "file");
    const { interceptFileCalls } = await import(
      new URL("../../scripts/kills/file-calls.mjs", import.meta.url).href
    );
    const restore = interceptFileCalls(place, ({ name }: { name: string }, proceed: () => unknown) =>
      name === "file.write" ? Promise.resolve({ bytesWritten: 0 }) : proceed(),
    );
    try {
      await expect(writeFileAtomically(path, "x")).rejects.toThrow(/the disk is full/);
    } finally {
      restore();
    }
    expect(readdirSync(place)).toEqual([]);
  });
});

/** Of the folder, after a file has got its name. */
const FLUSH = ["open, to read", "file.sync, to read", "file.close, to read"];

describe("the temporary name of a file", () => {
  it("tells which file it was to become, and no other name does", async () => {
    const place = join(folder, "temporary");
    mkdirSync(place);
    const seen: string[] = [];
    const { interceptFileCalls } = await import(
      new URL("../../scripts/kills/file-calls.mjs", import.meta.url).href
    );
    const restore = interceptFileCalls(
      place,
      ({ name, path }: { name: string; path: string }, proceed: () => unknown) => {
        if (name === "open") seen.push(path.slice(place.length + 1));
        return proceed();
      },
    );
    await writeFileAtomically(join(place, "model.safetensors"), "x");
    restore();
    expect(temporaryNameOf(seen[0] as string)).toBe("model.safetensors");
    fc.assert(
      fc.property(fc.string(), (name) => {
        fc.pre(!/[0-9a-f]{12}\.tmp$/.test(name));
        expect(temporaryNameOf(name)).toBeUndefined();
      }),
    );
    for (const name of ["model.safetensors", ".model.tmp", "model.0123456789ab.tmp", ".m.0123456789AB.tmp"]) {
      expect(temporaryNameOf(name)).toBeUndefined();
    }
  });
});

describe("files that belong together", () => {
  const place = (name: string) => {
    const own = join(folder, name);
    mkdirSync(own);
    return (file: string) => join(own, file);
  };
  const pair = (path: (file: string) => string) => [
    { path: path("a"), data: "new a" },
    { path: path("b"), data: "new b" },
  ];

  it("replace what is there", async () => {
    const path = place("together");
    writeFileSync(path("a"), "old a");
    writeFileSync(path("b"), "old b");
    await writeFilesTogether(pair(path));
    expect([readFileSync(path("a"), "utf8"), readFileSync(path("b"), "utf8")]).toEqual(["new a", "new b"]);
  });

  it("are as they were when the last cannot be written", async () => {
    const [old, none] = [place("was there"), place("was not there")];
    for (const path of [old, none]) mkdirSync(path("b"));
    writeFileSync(old("a"), "old a");
    await expect(writeFilesTogether(pair(old))).rejects.toThrow(OutputError);
    await expect(writeFilesTogether(pair(none))).rejects.toThrow(OutputError);
    expect(readFileSync(old("a"), "utf8")).toBe("old a");
    expect(readdirSync(none("."))).toEqual(["b"]);
  });

  it.skipIf(!isPosix)("leave a device where it is", async () => {
    const path = place("device");
    symlinkSync("/dev/null", path("a"));
    mkdirSync(path("b"));
    await expect(writeFilesTogether(pair(path))).rejects.toThrow(OutputError);
    expect(readlinkSync(path("a"))).toBe("/dev/null");
  });
});

describe("makeFolders", () => {
  it("makes all that are missing, and has nothing to say of those that are there", async () => {
    const path = join(folder, "a", "b", "c");
    await makeFolders(path);
    await makeFolders(path);
    await writeJson(join(path, "x.json"), { loss: Number.NaN, n: [1] });
    expect(readFileSync(join(path, "x.json"), "utf8")).toBe('{\n  "loss": null,\n  "n": [\n    1\n  ]\n}\n');
  });

  it("flushes each to the disk", async () => {
    const place = join(folder, "flushed");
    mkdirSync(place);
    const calls = await withFaultyFiles(place, {}, () => makeFolders(join(place, "a", "b")));
    expect(calls).toEqual(["mkdir", "mkdir", ...FLUSH, "mkdir", ...FLUSH]);
    expect(existsSync(join(place, "a", "b"))).toBe(true);
  });

  it("fails where a file is in the way", async () => {
    writeFileSync(join(folder, "in the way"), "");
    await expect(makeFolders(join(folder, "in the way"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(makeFolders(join(folder, "in the way", "x"))).rejects.toMatchObject({ code: "ENOTDIR" });
  });
});

describe("files that belong together", () => {
  it("are all as they were where they are interrupted, whenever that is", async () => {
    const out = temporaryFolder();
    const [first, second] = [join(out, "first"), join(out, "second")];
    const data = Buffer.alloc(9 << 20, 7); // In three pieces.
    const reason = new Error("interrupted");
    for (let last = 1; ; last++) {
      writeFileSync(first, "before");
      let asked = 0;
      const signal = {
        throwIfAborted() {
          asked += 1;
          if (asked === last) throw reason;
        },
      } as AbortSignal;
      const files = [
        { path: first, data: "after" },
        { path: second, data },
      ];
      const error = await writeFilesTogether(files, { signal }).catch((thrown: unknown) => thrown);
      if (error === undefined) {
        expect(last).toBeGreaterThan(5);
        break;
      }
      expect(error).toBe(reason);
      expect(readdirSync(out)).toEqual(["first"]);
      expect(readFileSync(first, "utf8")).toBe("before");
    }
    expect(readFileSync(first, "utf8")).toBe("after");
    expect(readFileSync(second).equals(data)).toBe(true);
    expect(readdirSync(out)).toHaveLength(2);
  });
});
