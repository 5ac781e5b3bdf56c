import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { DownloadError } from "../../../src/errors.js";
import { content, download, expectWhole, otherContent } from "../../support/download.js";
import { sendFile, startServer } from "../../support/http-server.js";
import { startRawServer } from "../../support/raw-server.js";

const goodServer = () => startServer((request, response) => sendFile(request, response, content));

describe("a mirror that sends too much", () => {
  it("is left at its Content-Length, before a byte is written", async () => {
    const bad = await startServer((_, response) =>
      response.writeHead(200, { "content-length": 2.75e9 }).flushHeaders(),
    );
    const good = await goodServer();
    const { done, path, notices, files } = download([bad.url, good.url], {
      connectTimeout: 60_000,
      stallTimeout: 60_000,
    });
    await done;
    expectWhole(path);
    expect(files()).toEqual(["file.bin"]);
    expect(notices).toEqual([
      `${bad.url} is passed over: it offers 2750000000 bytes where at most 200000 were expected. Trying the next mirror.`,
    ]);
  });

  it.each([
    ["the whole in its Content-Range", { "content-range": "bytes 60000-199999/2750000000" }],
    ["the rest in its Content-Length", { "content-range": "bytes 60000-", "content-length": "2750000000" }],
  ])("is left when it says so of a file that is continued: %s", async (_, headers) => {
    const bad = await startServer((request, response, number) =>
      number === 1
        ? sendFile(request, response, content, { etag: '"1"', sends: 60_000 })
        : response.writeHead(206, headers).flushHeaders(),
    );
    const { done, files } = download([bad.url], { cutAt: { server: bad, received: [60_000] } });
    await expect(done).rejects.toThrow(/it offers \d+ bytes where at most 200000 were expected/);
    expect(bad.requests.length).toBe(2);
    expect(files()).toEqual([]);
  });

  it("is left where its bytes pass the limit, and what it sent is deleted", async () => {
    const bad = await startServer((_, response) => {
      const send = () => response.write(content, send);
      send();
    });
    const good = await goodServer();
    let most = 0;
    const { done, path, notices, files } = download([bad.url, good.url], {
      onProgress: ({ received }) => {
        most = Math.max(most, received);
      },
    });
    await done;
    expectWhole(path);
    expect(files()).toEqual(["file.bin"]);
    expect(most).toBeLessThanOrEqual(content.length);
    expect(notices).toEqual([expect.stringMatching(/passed over: it sent more than the 200000 bytes/)]);
  });
});

describe("a mirror that sends too slowly", () => {
  const drip = (response: { write(text: string): unknown; readonly destroyed: boolean }) => {
    const timer = setInterval(() => {
      response.write("x");
      if (response.destroyed) clearInterval(timer);
    }, 10);
  };

  it("is left for the next, however steadily its bytes drip", async () => {
    const bad = await startServer((_, response) => {
      response.writeHead(200, { "content-length": content.length, etag: '"1"' });
      drip(response);
    });
    const good = await goodServer();
    const { done, path, notices } = download([bad.url, good.url], {
      stallTimeout: 500,
      leastBytesPerSecond: 10_000,
    });
    await done;
    expectWhole(path);
    expect(bad.requests.length).toBe(1);
    expect(notices).toEqual([
      `${bad.url} is passed over: it sent less than 10000 bytes a second for 0.5 seconds. Trying the next mirror.`,
    ]);
  });

  it("is left when already its answer drips", async () => {
    const bad = await startRawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nx: ");
      drip(socket);
    });
    const { done } = download([bad.url], { attempts: 1, connectTimeout: 500 });
    await expect(done).rejects.toThrow(/it gave no answer within 0.5 seconds/);
  });

  it("is given up when it breaks off after every few bytes", async () => {
    const server = await startServer((request, response, number) => {
      sendFile(request, response, content, { etag: '"1"', sends: 10 });
      if (number > 50) response.end();
    });
    const { done } = download([server.url], {
      cutAt: { server, received: Array.from({ length: 50 }, (_, i) => 10 * (i + 1)) },
      attempts: 3,
    });
    await expect(done).rejects.toThrow(/the connection was lost/);
    expect(server.requests.length).toBe(3);
  });
});

describe("a mirror that continues a file with wrong bytes again and again", () => {
  it("is left after the second time", async () => {
    const server = await startServer((request, response) =>
      sendFile(request, response, otherContent, {
        etag: '"1"',
        ...(request.headers.range === undefined && { sends: 60_000 }),
      }),
    );
    let cuts = 0;
    const { done, files } = download([server.url], {
      onProgress: ({ received }) => {
        if (received === 60_000 && cuts++ < 5) server.cut();
      },
    });
    await expect(done).rejects.toThrow(/what it sent is wrong and was deleted/);
    expect(server.requests.length).toBe(4);
    expect(files()).toEqual([]);
  });
});

describe("a mirror that does not speak HTTP", () => {
  const say = (text: string) => (socket: Socket) => void socket.end(Buffer.from(text, "latin1"));

  it.each<[what: string, answer: (socket: Socket) => void, reason: RegExp]>([
    ["garbage", say("\x00\xff garbage\r\n\r\n"), /what it sent is not HTTP/],
    ["another protocol", say("SSH-2.0-OpenSSH_9.2\r\n"), /what it sent is not HTTP/],
    ["an impossible status", say("HTTP/1.1 099 Odd\r\n\r\n"), /what it sent is not HTTP/],
    ["no length that is one", say("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"), /is not HTTP/],
    [
      "a broken body",
      say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc"),
      /what it sent is not HTTP/,
    ],
    [
      "endless headers",
      say(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(100_000)}\r\n\r\n`),
      /headers of its answer are too long/,
    ],
    ["nothing", say(""), /the connection was lost/],
    ["half an answer", say("HTTP/1.1 200 OK\r\ncontent-le"), /the connection was lost/],
    ["a reset", (socket) => void socket.resetAndDestroy(), /the connection was lost/],
    ["a change of protocol", say("HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"), /was lost/],
    ["a way to no address", say("HTTP/1.1 302 X\r\nlocation: http://[\r\n\r\n"), /its address is none/],
    ["a way to a file", say("HTTP/1.1 302 X\r\nlocation: file:///x\r\n\r\n"), /its address is none/],
  ])("is passed over for the next: %s", async (_, answer, reason) => {
    const bad = await startRawServer(answer);
    const good = await goodServer();
    const { done, path, notices } = download([bad.url, good.url], { attempts: 1 });
    await done;
    expectWhole(path);
    expect(notices).toEqual([expect.stringMatching(reason)]);
  });

  it("is passed over for the next: HTTP where TLS was expected", async () => {
    const plain = await startServer((_, response) => response.end());
    const good = await goodServer();
    const { done, path, notices } = download([plain.url.replace("http:", "https:"), good.url]);
    await done;
    expectWhole(path);
    expect(notices).toEqual([expect.stringMatching(/passed over: it does not speak TLS/)]);
  });

  it("is named with the others when all fail", async () => {
    const garbage = await startRawServer(say("garbage"));
    const silent = await startRawServer(say(""));
    const { done } = download([garbage.url, silent.url], { attempts: 1 });
    const error = await done.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DownloadError);
    expect(String(error)).toContain(
      `${garbage.url} (what it sent is not HTTP) or ${silent.url} (the connection was lost)`,
    );
  });
});

describe("what a mirror says", () => {
  it("reaches no terminal as it is", async () => {
    const bad = await startRawServer((socket) =>
      socket.end(`HTTP/1.1 404 \x1b[31mRed\x07${"!".repeat(5000)}\r\ncontent-length: 0\r\n\r\n`),
    );
    const good = await goodServer();
    const { done, notices } = download([bad.url, good.url]);
    await done;
    expect(notices).toEqual([expect.stringMatching(/it answered 404 \\x1b\[31mRed\\x07!+…\. Trying/)]);
    expect(notices[0]?.length).toBeLessThan(250);
  });
});
