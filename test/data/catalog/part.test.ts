import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseNotes } from "../../../src/data/catalog/part.js";
import { OutputError } from "../../../src/errors.js";
import { content, download, expectWhole, rangesOf } from "../../support/download.js";
import { sendFile, startServer, type TestServer } from "../../support/http-server.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const temporary = temporaryFolder();
const goodServer = () =>
  startServer((request, response) => sendFile(request, response, content, { etag: '"1"' }));
const notesFor = ({ url }: TestServer) => JSON.stringify({ url, validator: '"1"' });

/** Where a file will go, and where its part and its notes lie, in an empty folder. */
function places() {
  const path = join(mkdtempSync(join(temporary, "part-")), "file.bin");
  return { path, part: `${path}.part`, notes: `${path}.part.json`, other: `${path}.other` };
}

describe("notes beside a part", () => {
  it.each([
    ["null", "null"],
    ["an array", '["http://", "1"]'],
    ["a number", "7"],
    ["a text", '"text"'],
    ["other types", '{"url":{},"validator":7}'],
    ["no validator", (url: string) => JSON.stringify({ url })],
    ["a validator of another type", (url: string) => JSON.stringify({ url, validator: ["1"] })],
    ["a validator no header may hold", (url: string) => JSON.stringify({ url, validator: '"1"\r\nx: y' })],
    [
      "a validator that never ends",
      (url: string) => JSON.stringify({ url, validator: `"${"1".repeat(9999)}"` }),
    ],
    ["broken JSON", '{"url": "htt'],
    ["nothing", ""],
    ["far too much", `"${" ".repeat(1e6)}"`],
  ])("begin the download anew when they hold %s", async (_, held) => {
    const server = await goodServer();
    const { path, part, notes } = places();
    writeFileSync(part, content.subarray(0, 100));
    writeFileSync(notes, typeof held === "string" ? held : held(server.url));
    const { done, files } = download([server.url], { path });
    await done;
    expectWhole(path);
    expect(rangesOf(server)).toEqual([undefined]);
    expect(files()).toEqual(["file.bin"]);
  });

  it("are forgotten when the server refuses what they say", async () => {
    const server = await startServer((request, response) =>
      request.headers["if-range"] === undefined
        ? sendFile(request, response, content)
        : response.writeHead(400).end(),
    );
    const { path, part, notes } = places();
    writeFileSync(part, content.subarray(0, 100));
    writeFileSync(notes, notesFor(server));
    await download([server.url], { path }).done;
    expectWhole(path);
    expect(rangesOf(server)).toEqual(["bytes=100-", undefined]);
  });

  it("are read as written, and anything else is refused without an error", () => {
    const written = fc.record({
      url: fc.webUrl(),
      validator: fc.oneof(
        fc.stringMatching(/^"[!#-~]{1,40}"$/),
        fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      ),
    });
    fc.assert(
      fc.property(written, (notes) => {
        expect(parseNotes(JSON.stringify(notes))).toEqual(notes);
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(parseNotes(text)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(
        fc.record({
          url: fc.anything(),
          validator: fc.oneof(
            fc.string({ unit: "binary" }).map((tag) => `"${tag}"`),
            fc.anything(),
          ),
        }),
        (notes) => {
          const parsed = parseNotes(JSON.stringify(notes));
          if (parsed !== undefined)
            expect(new Headers({ "if-range": parsed.validator }).get("if-range")).not.toBe("");
        },
      ),
    );
  });
});

describe.skipIf(process.platform === "win32")("a part on the disk", () => {
  it("is continued when it is a file of its own", async () => {
    const server = await goodServer();
    const { path, part, notes } = places();
    writeFileSync(part, content.subarray(0, 100));
    writeFileSync(notes, notesFor(server));
    await download([server.url], { path }).done;
    expect(rangesOf(server)).toEqual(["bytes=100-"]);
  });

  it.each(["symbolic link", "hard link"])(
    "is removed, and not written through, when it is a %s",
    async (kind) => {
      const server = await goodServer();
      const { path, part, notes, other } = places();
      writeFileSync(other, content.subarray(0, 100));
      if (kind === "hard link") linkSync(other, part);
      else symlinkSync(other, part);
      writeFileSync(notes, notesFor(server));
      const { done, files } = download([server.url], { path });
      await done;
      expectWhole(path);
      expect(lstatSync(path).isFile()).toBe(true);
      expect(readFileSync(other).equals(content.subarray(0, 100))).toBe(true);
      expect(files()).toEqual(["file.bin", "file.bin.other"]);
    },
  );

  it("is not made at the end of a link that leads nowhere", async () => {
    const server = await goodServer();
    const { path, part, notes, other } = places();
    symlinkSync(other, part);
    symlinkSync(`${other}.json`, notes);
    await download([server.url], { path }).done;
    expectWhole(path);
    expect([existsSync(other), existsSync(`${other}.json`)]).toEqual([false, false]);
  });

  it("does not write its notes through a link", async () => {
    const server = await goodServer();
    const { path, part, notes, other } = places();
    writeFileSync(part, content.subarray(0, 100));
    writeFileSync(other, notesFor(server));
    symlinkSync(other, notes);
    await download([server.url], { path }).done;
    expectWhole(path);
    expect(rangesOf(server)).toEqual([undefined]);
    expect(readFileSync(other, "utf8")).toBe(notesFor(server));
  });

  it("is removed and begun anew when it is a pipe", async () => {
    const server = await goodServer();
    const { path, part, notes } = places();
    execFileSync("mkfifo", [part]);
    writeFileSync(notes, notesFor(server));
    await download([server.url], { path }).done;
    expectWhole(path);
  });

  it("is left alone, and an error, when its notes are a folder", async () => {
    const server = await goodServer();
    const { path, part, notes } = places();
    writeFileSync(part, content.subarray(0, 100));
    mkdirSync(notes);
    await expect(download([server.url], { path }).done).rejects.toThrow(OutputError);
  });

  it("is not continued when it is exchanged while the server answers", async () => {
    const { path, part, notes, other } = places();
    const server = await startServer((request, response, number) => {
      if (number === 1) {
        execFileSync("rm", [part]);
        writeFileSync(other, content.subarray(0, 100));
        linkSync(other, part);
      }
      sendFile(request, response, content, { etag: '"1"' });
    });
    writeFileSync(part, content.subarray(0, 100));
    writeFileSync(notes, notesFor(server));
    await download([server.url], { path }).done;
    expectWhole(path);
    expect(readFileSync(other).length).toBe(100);
    expect(rangesOf(server)).toEqual(["bytes=100-", undefined]);
  });
});
