import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { DownloadProgress } from "../../../src/data/catalog/download.js";
import { DownloadError, OutputError } from "../../../src/errors.js";
import { content, download, expectWhole, otherContent, rangesOf } from "../../support/download.js";
import { sendFile, startServer } from "../../support/http-server.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const temporary = temporaryFolder();

describe("a download from a good server", () => {
  it("gives the file and leaves nothing else", async () => {
    const server = await startServer((request, response) =>
      sendFile(request, response, content, { etag: '"1"' }),
    );
    const { done, path, files, notices } = download([`${server.url}file.bin`]);
    await done;
    expectWhole(path);
    expect(files()).toEqual(["file.bin"]);
    expect(notices).toEqual([]);
  });

  it("follows redirections", async () => {
    const server = await startServer((request, response) =>
      request.url === "/old"
        ? response.writeHead(302, { location: "/new" }).end()
        : sendFile(request, response, content),
    );
    const { done, path } = download([`${server.url}old`]);
    await done;
    expectWhole(path);
  });

  it("takes a body of unannounced length", async () => {
    const server = await startServer((_, response) => {
      response.write(content.subarray(0, 50_000));
      response.end(content.subarray(50_000));
    });
    const progress: DownloadProgress[] = [];
    const { done, path } = download([server.url], { onProgress: (step) => progress.push(step) });
    await done;
    expectWhole(path);
    expect(progress.at(-1)).toMatchObject({ received: 200_000, total: undefined, secondsLeft: undefined });
  });

  it("reports progress with size, speed and time left", async () => {
    const server = await startServer((request, response) => sendFile(request, response, content));
    const progress: DownloadProgress[] = [];
    await download([server.url], { onProgress: (step) => progress.push(step) }).done;
    const received = progress.map((step) => step.received);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toMatchObject({
      file: "file.bin",
      received: 200_000,
      total: 200_000,
      secondsLeft: 0,
    });
    expect(progress.every(({ bytesPerSecond }) => bytesPerSecond > 0)).toBe(true);
  });
});

describe("a download from a bad server", () => {
  it("is tried again after an answer that will not last, and keeps what it has", async () => {
    const server = await startServer((request, response, number) => {
      if (number === 2) {
        response.writeHead(503).end("Come back later.");
      } else {
        sendFile(request, response, content, { etag: '"1"', ...(number < 2 && { sends: 60_000 }) });
      }
    });
    const { done, notices } = download([server.url], { cutAt: { server, received: [60_000] } });
    await done;
    expect(rangesOf(server)).toEqual([undefined, "bytes=60000-", "bytes=60000-"]);
    expect(notices).toEqual([
      expect.stringMatching(/the connection was lost. Trying again in 1 s/),
      expect.stringMatching(/it answered 503 Service Unavailable. Trying again in 1 s/),
    ]);
  });

  it("goes to the next mirror at once when the file is not there", async () => {
    const bad = await startServer((_, response) => response.writeHead(404).end());
    const good = await startServer((request, response) => sendFile(request, response, content));
    const { done, path, notices } = download([bad.url, good.url]);
    await done;
    expectWhole(path);
    expect(bad.requests.length).toBe(1);
    expect(notices).toEqual([
      `${bad.url} is passed over: it answered 404 Not Found. Trying the next mirror.`,
    ]);
  });

  it("gives up a mirror after some tries without a new byte", async () => {
    const server = await startServer((_, response) => response.writeHead(500).end());
    await expect(download([server.url], { attempts: 3 }).done).rejects.toThrow(DownloadError);
    expect(server.requests.length).toBe(3);
  });

  it("says what each mirror did when all fail, and leaves nothing behind", async () => {
    const missing = await startServer((_, response) => response.writeHead(404).end());
    const silent = await startServer(() => {});
    const { done, files } = download([missing.url, silent.url], { attempts: 1, connectTimeout: 500 });
    const error = await done.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DownloadError);
    expect(String(error)).toContain(
      `file.bin could not be downloaded from ${missing.url} (it answered 404 Not Found) or ${silent.url} (it gave no answer within 0.5 seconds)`,
    );
    expect(files()).toEqual([]);
  });

  it("goes on after a server fell silent", async () => {
    const server = await startServer((request, response, number) =>
      sendFile(request, response, content, {
        etag: '"1"',
        ...(number < 2 && { sends: 60_000 }),
      }),
    );
    const { done, path, notices } = download([server.url], { stallTimeout: 300 });
    await done;
    expectWhole(path);
    expect(notices[0]).toEqual(expect.stringMatching(/it sent nothing for 0.3 seconds/));
  });

  it("ends when nobody listens", async () => {
    const { done } = download(["http://127.0.0.1:1/"], { attempts: 2 });
    await expect(done).rejects.toThrow(/its server refuses connections/);
  });

  it("deletes a wrong file, says so, and goes to the next mirror", async () => {
    const bad = await startServer((request, response) => sendFile(request, response, otherContent));
    const good = await startServer((request, response) => sendFile(request, response, content));
    const { done, path, notices, files } = download([bad.url, good.url]);
    await done;
    expectWhole(path);
    expect(files()).toEqual(["file.bin"]);
    expect(bad.requests.length).toBe(1);
    expect(notices[0]).toMatch(/what it sent is wrong and was deleted: It has the wrong sum/);
  });

  it("deletes a file that is shorter than it should be, although the server says that this is all", async () => {
    const server = await startServer((request, response) =>
      sendFile(request, response, content.subarray(0, 150_000), { etag: '"1"' }),
    );
    const { done, files } = download([server.url]);
    await expect(done).rejects.toThrow(/what it sent is wrong and was deleted/);
    expect(files()).toEqual([]);
  });

  it("deletes a file when the server sends more than it says, of which the rest is lost", async () => {
    const server = await startServer((request, response) =>
      sendFile(request, response, content, { claimedLength: 150_000, sends: 200_000 }),
    );
    const { done, files } = download([server.url]);
    await expect(done).rejects.toThrow(/what it sent is wrong and was deleted/);
    expect(files()).toEqual([]);
  });

  it("does not take a file for whole whose announced end never comes", async () => {
    const server = await startServer((_, response) => response.write(content));
    const { done, path } = download([server.url], {
      cutAt: { server, received: [200_000] },
      attempts: 1,
      verify: async () => {},
    });
    await expect(done).rejects.toThrow(/the connection was lost/);
    expect(existsSync(path)).toBe(false);
  });

  it("does not take a file for whole that is shorter than the server says", async () => {
    const server = await startServer((request, response) =>
      sendFile(request, response, content, { claimedLength: 250_000, ranges: false }),
    );
    const { done, path } = download([server.url], {
      cutAt: { server, received: [200_000] },
      attempts: 2,
      largest: 250_000,
      verify: async () => {},
    });
    await expect(done).rejects.toThrow(/the connection was lost/);
    expect(existsSync(path)).toBe(false);
  });

  it("does not take a part that it did not ask for", async () => {
    const server = await startServer((_, response) =>
      response.writeHead(206, { "content-range": "bytes 100-199/200" }).end(new Uint8Array(100)),
    );
    const { done, path } = download([server.url], { attempts: 1, verify: async () => {} });
    await expect(done).rejects.toThrow(/could not continue an earlier download/);
    expect(existsSync(path)).toBe(false);
  });

  it("ends when redirections lead in a circle", async () => {
    const server = await startServer((request, response) =>
      response.writeHead(302, { location: request.url === "/a" ? "/b" : "/a" }).end(),
    );
    await expect(download([`${server.url}a`]).done).rejects.toThrow(
      /its address is none, or leads in a circle/,
    );
    expect(server.requests.length).toBeLessThan(15);
  });

  it("ends when the address is none", async () => {
    await expect(download(["nonsense"]).done).rejects.toThrow(DownloadError);
  });
});

describe("a download that cannot be kept", () => {
  it("is refused before anything is fetched, when its folder is missing", async () => {
    const server = await startServer((request, response) => sendFile(request, response, content));
    const path = join(temporary, "missing", "file.bin");
    await expect(download([server.url], { path }).done).rejects.toThrow(OutputError);
  });

  it.each(["", ".part"])("is reported when a folder is in the place of file.bin%s", async (extension) => {
    const server = await startServer((request, response) => sendFile(request, response, content));
    const path = join(mkdtempSync(join(temporary, "occupied-")), "file.bin");
    mkdirSync(`${path}${extension}`);
    await expect(download([server.url], { path }).done).rejects.toThrow(OutputError);
  });
});
