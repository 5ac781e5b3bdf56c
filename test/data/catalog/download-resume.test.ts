import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { content, download, expectWhole, otherContent, rangesOf } from "../../support/download.js";
import { sendFile, startServer } from "../../support/http-server.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const temporary = temporaryFolder();

describe("a download that is broken off", () => {
  it("goes on where it stopped, if the server can tell that the file is the same", async () => {
    const server = await startServer((request, response, number) =>
      sendFile(request, response, content, { etag: '"1"', ...(number < 3 && { sends: 60_000 }) }),
    );
    const { done, path } = download([server.url], { cutAt: { server, received: [60_000, 120_000] } });
    await done;
    expectWhole(path);
    expect(rangesOf(server)).toEqual([undefined, "bytes=60000-", "bytes=120000-"]);
    expect(server.requests[1]?.headers["if-range"]).toBe('"1"');
  });

  it("starts again when the server cannot tell", async () => {
    const server = await startServer((request, response, number) =>
      sendFile(request, response, content, number < 2 ? { sends: 60_000 } : {}),
    );
    const { done, path } = download([server.url], { cutAt: { server, received: [60_000] } });
    await done;
    expectWhole(path);
    expect(rangesOf(server)).toEqual([undefined, undefined]);
  });

  it("starts again when a weak tag is all that the server gives", async () => {
    const server = await startServer((request, response, number) =>
      sendFile(request, response, content, { etag: 'W/"1"', ...(number < 2 && { sends: 60_000 }) }),
    );
    await download([server.url], { cutAt: { server, received: [60_000] } }).done;
    expect(rangesOf(server)).toEqual([undefined, undefined]);
  });

  it("takes the whole file from a server that ignores ranges", async () => {
    const server = await startServer((request, response, number) =>
      sendFile(request, response, content, {
        etag: '"1"',
        ranges: false,
        ...(number < 2 && { sends: 60_000 }),
      }),
    );
    const { done, path } = download([server.url], { cutAt: { server, received: [60_000] } });
    await done;
    expectWhole(path);
    expect(rangesOf(server)).toEqual([undefined, "bytes=60000-"]);
  });

  it("takes the whole file when it has changed meanwhile", async () => {
    const server = await startServer((request, response, number) =>
      number < 2
        ? sendFile(request, response, otherContent, { etag: '"1"', sends: 60_000 })
        : sendFile(request, response, content, { etag: '"2"' }),
    );
    const { done, path } = download([server.url], { cutAt: { server, received: [60_000] } });
    await done;
    expectWhole(path);
  });

  it("refuses the rest of another file from a server that sends it all the same", async () => {
    const server = await startServer((request, response, number) =>
      number < 2
        ? sendFile(request, response, otherContent, { etag: '"1"', sends: 60_000 })
        : sendFile(request, response, content, { etag: '"2"', ignoresIfRange: true }),
    );
    const { done, path } = download([server.url], { cutAt: { server, received: [60_000] } });
    await done;
    expectWhole(path);
    expect(rangesOf(server)).toEqual([undefined, "bytes=60000-", undefined]);
  });

  it("starts again when what was continued turns out wrong", async () => {
    const server = await startServer((request, response, number) =>
      sendFile(request, response, number < 2 ? otherContent : content, {
        etag: '"1"',
        ...(number < 2 && { sends: 60_000 }),
      }),
    );
    const { done, path, notices } = download([server.url], { cutAt: { server, received: [60_000] } });
    await done;
    expectWhole(path);
    expect(notices.at(-1)).toMatch(/wrong and was deleted; starting again/);
  });

  it("starts again when the server has less than there is already", async () => {
    const server = await startServer((request, response) =>
      sendFile(request, response, content, { etag: '"1"' }),
    );
    const path = join(mkdtempSync(join(temporary, "longer-")), "file.bin");
    writeFileSync(`${path}.part`, new Uint8Array(300_000));
    writeFileSync(`${path}.part.json`, JSON.stringify({ url: server.url, validator: '"1"' }));
    await download([server.url], { path, largest: 400_000 }).done;
    expectWhole(path);
    expect(rangesOf(server)).toEqual(["bytes=300000-", undefined]);
  });

  it.each([
    ["has no record", undefined],
    ["has a record that was cut short", '{"url":"htt'],
    ["comes from another mirror", '{"url":"http://elsewhere/","validator":"\\"1\\""}'],
  ])("does not continue a part that %s", async (_, record) => {
    const server = await startServer((request, response) =>
      sendFile(request, response, content, { etag: '"1"' }),
    );
    const path = join(mkdtempSync(join(temporary, "record-")), "file.bin");
    writeFileSync(`${path}.part`, content.subarray(0, 100));
    if (record !== undefined) {
      writeFileSync(`${path}.part.json`, record);
    }
    await download([server.url], { path }).done;
    expect(rangesOf(server)).toEqual([undefined]);
  });
});

describe("a download that is aborted", () => {
  it("stops with the caller's reason, and goes on from there another time", async () => {
    const server = await startServer((request, response, number) =>
      sendFile(request, response, content, {
        etag: '"1"',
        ...(number < 2 && { sends: 60_000 }),
      }),
    );
    const controller = new AbortController();
    const reason = new Error("Enough.");
    const first = download([server.url], {
      signal: controller.signal,
      onProgress: ({ received }) => received === 60_000 && controller.abort(reason),
    });
    await expect(first.done).rejects.toBe(reason);
    expect(existsSync(first.path)).toBe(false);

    await download([server.url], { path: first.path }).done;
    expectWhole(first.path);
    expect(rangesOf(server)).toEqual([undefined, "bytes=60000-"]);
    expect(first.files()).toEqual(["file.bin"]);
  });

  it("stops while it waits for the next try", async () => {
    const server = await startServer((_, response) => response.writeHead(503).end());
    const controller = new AbortController();
    const reason = new Error("Enough.");
    const { done } = download([server.url], {
      signal: controller.signal,
      retryDelay: 60_000,
      onNotice: () => controller.abort(reason),
    });
    await expect(done).rejects.toBe(reason);
  });

  it("does not begin when the signal was aborted before", async () => {
    const server = await startServer((request, response) => sendFile(request, response, content));
    await expect(download([server.url], { signal: AbortSignal.abort() }).done).rejects.toThrow(/aborted/);
    expect(server.requests).toEqual([]);
  });
});
