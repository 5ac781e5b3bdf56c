import { Agent, buildConnector } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import { createDispatcher } from "../../../src/data/catalog/proxy.js";
import { DownloadError, InvalidArgumentError } from "../../../src/errors.js";
import { content, download, expectWhole } from "../../support/download.js";
import { sendFile, startServer } from "../../support/http-server.js";

describe("a download without a network", () => {
  /** Connects to nothing: each try fails as the operating system says it, until `recovers` of them have. */
  function cutOff(code: string, recovers = Number.POSITIVE_INFINITY) {
    const hosts: string[] = [];
    const connector = buildConnector({});
    const dispatcher = new Agent({
      connect(options, done) {
        hosts.push(options.hostname);
        if (hosts.length > recovers) connector(options, done);
        else done(Object.assign(new Error(`connect ${code}`), { code }), null);
      },
    });
    onTestFinished(() => dispatcher.close());
    return { dispatcher, hosts };
  }

  it.each(["ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "ENETDOWN", "EHOSTUNREACH"])(
    "tries each mirror twice in silence, and says of each what is wrong: %s",
    async (code) => {
      const { dispatcher, hosts } = cutOff(code);
      const { done, notices, files } = download(["http://one.invalid/", "http://two.invalid/"], {
        dispatcher,
      });
      const error = await done.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DownloadError);
      expect(String(error)).toMatch(
        /from http:\/\/one.invalid\/ \((its server|the network) cannot be \w+\) or http:\/\/two.invalid\/ \(/,
      );
      expect(hosts).toEqual(["one.invalid", "one.invalid", "two.invalid", "two.invalid"]);
      expect(notices).toEqual([]);
      expect(files()).toEqual([]);
    },
  );

  it("gives a name server a second chance", async () => {
    const server = await startServer((request, response) => sendFile(request, response, content));
    const { dispatcher, hosts } = cutOff("EAI_AGAIN", 1);
    const { done, path } = download([server.url], { dispatcher });
    await done;
    expectWhole(path);
    expect(hosts.length).toBe(2);
  });

  it("tries once where one try is asked for", async () => {
    const { dispatcher, hosts } = cutOff("ENOTFOUND");
    await expect(download(["http://one.invalid/"], { dispatcher, attempts: 1 }).done).rejects.toThrow(
      /its server cannot be found/,
    );
    expect(hosts.length).toBe(1);
  });

  it("goes from a name that does not exist to the next mirror", async () => {
    const server = await startServer((request, response) => sendFile(request, response, content));
    const { done, path } = download(["http://mirror.invalid/", server.url]);
    await done;
    expectWhole(path);
  });

  it("waits as for other faults where the network was there before", async () => {
    let isCut = false;
    const server = await startServer((request, response, number) =>
      sendFile(request, response, content, { etag: '"1"', ...(number < 2 && { sends: 60_000 }) }),
    );
    const connector = buildConnector({});
    let failures = 0;
    const dispatcher = new Agent({
      connect(options, done) {
        if (isCut && failures++ < 2) done(Object.assign(new Error(), { code: "ENETUNREACH" }), null);
        else connector(options, done);
      },
    });
    onTestFinished(() => dispatcher.close());
    const { done, path, notices } = download([server.url], {
      dispatcher,
      cutAt: { server, received: [60_000] },
      onProgress: ({ received }) => {
        isCut ||= received === 60_000;
      },
    });
    await done;
    expectWhole(path);
    expect(notices).toEqual([
      expect.stringMatching(/the connection was lost. Trying again/),
      expect.stringMatching(/the network cannot be reached. Trying again/),
      expect.stringMatching(/the network cannot be reached. Trying again/),
    ]);
  });
});

describe("a download through a proxy", () => {
  it("asks the proxy for the address", async () => {
    const proxy = await startServer((request, response) => sendFile(request, response, content));
    await download(["http://mirror.example/file.bin"], { env: { http_proxy: proxy.url } }).done;
    expect(proxy.requests.map(({ path }) => path)).toEqual(["http://mirror.example/file.bin"]);
  });

  it.each([
    [
      403,
      "refuses to connect to one.example (403); ask whoever runs it to allow that, name another proxy in HTTPS_PROXY",
    ],
    [407, "wants a user name and a password it accepts (407); write them into HTTPS_PROXY"],
  ])(
    "asks for a tunnel to a server with encryption once, and tells who refuses it: %d",
    async (status, reason) => {
      const proxy = await startServer(() => {}, status);
      const { host } = new URL(proxy.url);
      const { done, notices } = download(["https://one.example/file.bin", "https://two.example/file.bin"], {
        env: { HTTPS_PROXY: `http://user:secret@${host}` },
        retryDelay: 60_000,
      });
      const error = await done.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(DownloadError);
      expect(String(error)).toContain(`https://one.example/file.bin (the proxy http://${host} ${reason}`);
      expect(String(error)).toContain(`https://two.example/file.bin (the proxy http://${host} `);
      expect(String(error)).not.toContain("secret");
      expect(notices.length).toBe(1);
      expect(proxy.requests.map(({ path }) => path)).toEqual([
        "CONNECT one.example:443",
        "CONNECT two.example:443",
      ]);
    },
  );

  it("passes on what the server answers", async () => {
    const proxy = await startServer((_, response) => response.writeHead(404).end());
    const { done } = download(["http://one.example/"], { env: { http_proxy: proxy.url } });
    await expect(done).rejects.toThrow("http://one.example/ (it answered 404);");
  });

  it("asks for a tunnel again where the proxy has a passing fault", async () => {
    const proxy = await startServer(() => {}, 503);
    const { done } = download(["https://one.example/"], { env: { https_proxy: proxy.url }, attempts: 3 });
    await expect(done).rejects.toThrow(/refuses to connect to one.example \(503\)/);
    expect(proxy.requests.length).toBe(3);
  });

  it("tells without a tunnel, too, that the proxy wants a password", async () => {
    const proxy = await startServer((_, response) => response.writeHead(407).end());
    const { done } = download(["http://one.example/"], { env: { http_proxy: proxy.url } });
    await expect(done).rejects.toThrow(/wants a user name and a password .* into http_proxy/);
    expect(proxy.requests.length).toBe(1);
  });

  it("goes around it where no_proxy says so", async () => {
    const proxy = await startServer((_, response) => response.writeHead(502).end());
    const server = await startServer((request, response) => sendFile(request, response, content));
    await download([server.url], { env: { http_proxy: proxy.url, no_proxy: "127.0.0.1" } }).done;
    expect(proxy.requests).toEqual([]);
  });

  it("is refused when the proxy's address is none", async () => {
    await expect(createDispatcher({ http_proxy: "http://[" })).rejects.toThrow(InvalidArgumentError);
  });
});
