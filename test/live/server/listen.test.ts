import { createServer } from "node:http";
import { type AddressInfo, createServer as createNetServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { listen } from "../../../src/live/server/listen.js";
import { startFixtureServer } from "../support/fixture-server.js";

/** Takes a port that is free, whose next one is free as well. */
async function occupy(): Promise<number> {
  const server = createNetServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function start(...args: Parameters<typeof startFixtureServer>) {
  const server = await startFixtureServer(...args);
  onTestFinished(() => server.close());
  return server;
}

describe("listening", () => {
  it("takes the next port where one is taken, and says which", async () => {
    const taken = await occupy();
    const server = await start({ listen: { port: taken } });
    expect(server.port).toBeGreaterThan(taken);
    expect(server.port).toBeLessThan(taken + 20);
    expect(server.address).toBe(`http://127.0.0.1:${server.port}/`);
    expect((await fetch(`${server.address}api/overview`)).status).toBe(200);
  });

  it("is reached as localhost, too", async () => {
    const { port } = await start();
    expect((await fetch(`http://localhost:${port}/api/overview`)).status).toBe(200);
  });

  it("prints an address with the token where others may ask, which opens the page", async () => {
    const token = "a-token-of-22-letters-x";
    const server = await start({
      listen: { host: "0.0.0.0" },
      app: { security: { hosts: ["0.0.0.0"], token } },
    });
    const { searchParams, origin } = new URL(server.address);
    expect(searchParams.get("token")).toBe(token);
    const opened = await fetch(server.address, { redirect: "manual" });
    expect(opened.status).toBe(200);
    expect(await opened.text()).toContain('<meta http-equiv="refresh" content="0; url=./">');
    const [cookie = ""] = opened.headers.getSetCookie()[0]?.split(";") ?? [];
    expect((await fetch(`${origin}/api/overview`, { headers: { cookie } })).status).toBe(200);
    const refused = await fetch(`${origin}/api/overview`);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toEqual({
      error: {
        code: "UNAUTHORIZED",
        message:
          "This page opens by the whole address that the program has printed, with its token; open that address once in this browser.",
      },
    });
  });

  it("does not serve others without a token", async () => {
    const served = { listener: () => {}, token: null, close: async () => {} };
    await expect(listen(served, { host: "0.0.0.0" })).rejects.toThrow(
      'Expected a server with a token for host "0.0.0.0", which other machines reach; give the host to createServer, too.',
    );
  });

  it("says what is wrong with a port or a host", async () => {
    const served = { listener: () => {}, token: "x", close: async () => {} };
    await expect(listen(served, { port: 65536 })).rejects.toThrow(
      "Expected a whole number from 0 to 65535 for port but received 65536.",
    );
    await expect(listen(served, { port: 0, host: "192.0.2.1" })).rejects.toThrow(
      'Expected an address or name of this machine for host but received "192.0.2.1"; leave it out for this machine alone, or give 0.0.0.0 for all of its addresses.',
    );
  });

  it("says that all ports are taken", async () => {
    const server = createNetServer();
    await new Promise<void>((resolve) => server.listen(65535, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
    });
    const served = { listener: () => {}, token: null, close: async () => {} };
    await expect(listen(served, { port: 65535 })).rejects.toThrow(
      "Port 65535 is taken by another program; name another port, or 0 for any that is free.",
    );
  });
});

describe("a server that is mounted in another", () => {
  it("answers below its path, and Node's Request and Response stay what they are", async () => {
    const globals = [globalThis.Request, globalThis.Response];
    const fixture = await start({ app: { basePath: "/digits/live" } });
    const host = createServer((request, response) => {
      if (request.url?.startsWith("/digits/live")) fixture.served.listener(request, response);
      else response.end("the host's own");
    });
    await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      host.closeAllConnections();
      host.close();
    });
    const address = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
    expect(await (await fetch(`${address}/`)).text()).toBe("the host's own");
    const opened = await fetch(`${address}/digits/live`, { redirect: "manual" });
    expect([opened.status, opened.headers.get("location")]).toEqual([308, "/digits/live/"]);
    const html = await (await fetch(`${address}/digits/live/`)).text();
    const [, script = ""] = /src="\.\/(assets\/[^"]+)"/.exec(html) ?? [];
    expect((await fetch(`${address}/digits/live/${script}`)).status).toBe(200);
    expect((await fetch(`${address}/digits/live/api/overview`)).status).toBe(200);
    expect((await fetch(`${address}/digits/liveapi/overview`)).status).toBe(404);
    expect([globalThis.Request, globalThis.Response]).toEqual(globals);
  });

  it("answers a Request by a Response", async () => {
    const { served } = await start();
    const response = await served.fetch(new Request("http://localhost/api/overview"));
    expect(response.status).toBe(200);
    expect((await served.fetch(new Request("http://evil.example/api/overview"))).status).toBe(421);
  });
});
