import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FixtureServer, startFixtureServer } from "../support/fixture-server.js";
import { type RawAnswer, sendRaw } from "../support/raw-request.js";
import {
  badBody,
  CHANGES,
  change,
  encode,
  HOSTILE,
  notHttp,
  type Wire,
  withHeader,
} from "./hostile-requests.js";

let server: FixtureServer;
beforeAll(async () => {
  server = await startFixtureServer({ listen: { timeouts: { headers: 1000, request: 1500 } } });
});
afterAll(() => server.close());
const own = () => `127.0.0.1:${server.port}`;

/** What is in files outside the page. */
const SECRETS = [readFileSync("package.json", "utf8").slice(0, 60), "root:x:0", "NODE_ENV="];

async function expectNothingGotThrough(send: () => Promise<RawAnswer>): Promise<void> {
  const before = JSON.stringify([
    server.library.changes.length,
    server.drawings.labels,
    server.library.summaries(),
  ]);
  const { status, text } = await send();
  if (status !== 0) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  }
  expect(text).not.toMatch(/access-control-/i);
  for (const secret of SECRETS) expect(text).not.toContain(secret);
  expect(
    JSON.stringify([server.library.changes.length, server.drawings.labels, server.library.summaries()]),
  ).toBe(before);
}

async function expectAlive(): Promise<void> {
  const response = await fetch(`${server.address}api/overview`);
  expect(response.status).toBe(200);
  await response.json();
}

describe("what would do harm, and does not get through", () => {
  it.each(Object.entries(HOSTILE))("%s", async (_, [requests, numRuns]) => {
    await fc.assert(
      fc.asyncProperty(requests as fc.Arbitrary<Wire>, (wire) =>
        expectNothingGotThrough(() => sendRaw(server.port, Buffer.from(encode(wire, own()), "latin1"))),
      ),
      { numRuns },
    );
    await expectAlive();
  });

  it("a body that says something else", async () => {
    // These reach the library and the drawings, which refuse them themselves: only what they refuse is not counted as a change here.
    await fc.assert(
      fc.asyncProperty(badBody, async (wire) => {
        const { status } = await sendRaw(server.port, Buffer.from(encode(wire, own()), "latin1"));
        expect([400, 409]).toContain(status);
      }),
      { numRuns: 60 },
    );
    expect(server.drawings.labels).toEqual([]);
    expect(server.library.summaries().map(({ id, state }) => [id, state])).toEqual([
      ["training", "training"],
      ["failed", "failed"],
      ["finished", "finished"],
    ]);
    await expectAlive();
  });

  it("what is no HTTP", async () => {
    await fc.assert(
      fc.asyncProperty(notHttp, (text) =>
        expectNothingGotThrough(() => sendRaw(server.port, Buffer.from(text))),
      ),
      { numRuns: 40 },
    );
    await expectAlive();
  });

  it.each([
    ["a request line", "GET /api/over"],
    ["headers", "GET /api/overview HTTP/1.1\r\nHost: localhost\r\nX-A"],
    [
      "a body",
      () => encode(withHeader(change("/api/drawings", { label: 7 }), "Content-Length", "100"), own()),
    ],
    [
      "a body in chunks",
      () => {
        const wire = withHeader(change("/api/drawings", {}), "Content-Length");
        return encode({ ...withHeader(wire, "Transfer-Encoding", "chunked"), body: '5\r\n{"lab\r\n' }, own());
      },
    ],
  ])("half of %s, and then nothing: the server ends it", async (_, half) => {
    const text = typeof half === "string" ? half : half();
    await expectNothingGotThrough(() => sendRaw(server.port, text, { isHalf: true }));
    await expectAlive();
  });

  it("four hundred connections that say nothing", async () => {
    const silent = Array.from({ length: 400 }, () =>
      sendRaw(server.port, "GET / HTTP/1.1\r\n", { isHalf: true }),
    );
    await expectAlive();
    for (const { status } of await Promise.all(silent)) expect([0, 408]).toContain(status);
    await expectAlive();
  });
});

it("what the page itself asks for does get through", async () => {
  for (const [path, body] of CHANGES) {
    const { status, text } = await sendRaw(server.port, encode(change(path, body), own()));
    expect([path, status, text.startsWith("HTTP/1.1 20")]).toEqual([path, status, true]);
  }
});
