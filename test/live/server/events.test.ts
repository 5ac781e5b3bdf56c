import { connect } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { LiveEvent } from "../../../src/live/protocol.js";
import type { AppOptions } from "../../../src/live/server/routing.js";
import { readEvents } from "../support/event-reader.js";
import { startFixtureServer } from "../support/fixture-server.js";

async function start(app: Partial<AppOptions> = {}) {
  const server = await startFixtureServer({ app });
  onTestFinished(() => server.close());
  return server;
}

async function connectReader(...args: Parameters<typeof readEvents>) {
  const reader = await readEvents(...args);
  onTestFinished(() => reader.leave());
  return reader;
}

const gone = (id: string): LiveEvent => ({ type: "gone", id });
const numbered = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

describe("the stream of events", () => {
  it("tells of what happens from now on, and of nothing before", async () => {
    const server = await start();
    const reader = await connectReader(server.address);
    expect(reader.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    await reader.until(({ comments }) => comments > 0);
    const id = server.events.append(gone("a"));
    await reader.until(({ events }) => events.length > 0);
    expect(reader.events).toEqual([{ id, name: "message", event: gone("a") }]);
  });

  it("begins after the event that a page has begun with, and after the last that it has heard, which wins", async () => {
    const server = await start();
    const before = server.events.lastId;
    for (let i = 0; i < 10; i++) server.events.append(gone(String(i)));
    const fresh = await connectReader(server.address, { after: before });
    await fresh.until(({ events }) => events.length === 10);
    const again = await connectReader(server.address, { after: before, lastEventId: before + 7 });
    await again.until(({ events }) => events.length === 3);
    expect(again.events).toEqual(fresh.events.slice(7));
  });

  it("loses nothing, and doubles nothing, over many interruptions", async () => {
    const server = await start();
    const before = server.events.lastId;
    const seen: number[] = [];
    let lastEventId = before;
    for (let visit = 0; visit < 12; visit++) {
      for (let i = 0; i < 7; i++) server.events.append(gone(`${visit}`));
      const reader = await connectReader(server.address, { after: before, lastEventId });
      // Leaves in the middle of things: after some of them, or after none.
      await reader.until(({ events }) => events.length >= visit % 4);
      await reader.leave();
      seen.push(...reader.events.map(({ id }) => id));
      lastEventId = seen.at(-1) ?? before;
    }
    const last = await connectReader(server.address, { lastEventId });
    await last.until(({ events }) => lastEventId + events.length === server.events.lastId);
    seen.push(...last.events.map(({ id }) => id));
    expect(seen).toEqual(numbered(before + 1, 12 * 7));
  });

  it("says reset to a page that has missed more than is kept, and goes on from there", async () => {
    const server = await start();
    const before = server.events.lastId;
    for (let i = 0; i < 5000; i++) server.events.append(gone("a"));
    const reader = await connectReader(server.address, { lastEventId: before });
    await reader.until(({ events }) => events.length > 0);
    expect(reader.events).toEqual([{ id: server.events.lastId, name: "reset", event: {} }]);
    server.events.append(gone("b"));
    await reader.until(({ events }) => events.length > 1);
    expect(reader.events[1]).toEqual({ id: server.events.lastId, name: "message", event: gone("b") });
  });

  it("says reset to the page of a server that has been restarted", async () => {
    const old = await start();
    const { port } = old;
    const reader = await connectReader(old.address);
    old.events.append(gone("a"));
    await reader.until(({ events }) => events.length > 0);
    const lastEventId = reader.events[0]?.id ?? 0;
    await old.close();
    await reader.toTheEnd();
    const restarted = await startFixtureServer({ listen: { port } });
    onTestFinished(() => restarted.close());
    const again = await connectReader(restarted.address, { lastEventId });
    await again.until(({ events }) => events.length > 0);
    expect(again.events[0]?.name).toBe("reset");
  });

  it.each(["x", "-1", "1e3", "99999999999999999999", "１"])(
    "says reset where the last event was %s",
    async (id) => {
      const server = await start();
      const response = await fetch(`${server.address}api/events`, {
        headers: { "last-event-id": Buffer.from(id).toString("latin1") },
      });
      const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      while (!text.includes("event: reset")) text += (await stream?.read())?.value ?? "";
      await stream?.cancel();
    },
  );

  it("tells twenty pages the same", async () => {
    const server = await start();
    const after = server.events.lastId;
    const readers = await Promise.all(numbered(0, 20).map(() => connectReader(server.address, { after })));
    server.library.play("training", 100);
    const count = server.events.lastId - after;
    expect(count).toBeGreaterThan(100);
    await Promise.all(readers.map((reader) => reader.until(({ events }) => events.length === count)));
    const [first] = readers;
    expect(first?.events.map(({ id }) => id)).toEqual(numbered(after + 1, count));
    for (const reader of readers) expect(reader.events).toEqual(first?.events);
  });

  it("sends many events in few pieces", async () => {
    const server = await start();
    const after = server.events.lastId;
    for (let i = 0; i < 1000; i++) server.events.append(gone("a"));
    const response = await server.served.fetch(new Request(`${server.address}api/events?after=${after}`));
    const stream = response.body?.getReader();
    let pieces = 0;
    let text = "";
    while (!text.includes(`id: ${server.events.lastId}\n`)) {
      text += Buffer.from((await stream?.read())?.value ?? []).toString();
      pieces++;
    }
    await stream?.cancel();
    expect(pieces).toBeLessThanOrEqual(1 + Math.ceil(1000 / 256));
  });

  it("gives a sign of life where nothing happens", async () => {
    const server = await start({ heartbeat: 1 });
    const reader = await connectReader(server.address);
    await reader.until(({ comments }) => comments > 3);
    expect(reader.events).toEqual([]);
  });

  it("is for so many pages, and for another when one of them has left", async () => {
    const server = await start({ mostReaders: 2 });
    const first = await connectReader(server.address);
    await connectReader(server.address);
    const refused = await fetch(`${server.address}api/events`);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toEqual({
      error: {
        code: "TOO_MANY_READERS",
        message: "2 pages are connected already, which is the most; close one of them, and this one goes on.",
      },
    });
    await first.leave();
    await vi.waitFor(async () => {
      const response = await fetch(`${server.address}api/events`);
      await response.body?.cancel();
      expect(response.status).toBe(200);
    });
  });

  it("keeps nothing of a page that has left: no wait, no timer", async () => {
    const server = await start();
    const readers = await Promise.all(numbered(0, 10).map(() => connectReader(server.address)));
    await vi.waitFor(() => expect(server.events.readers).toBe(10));
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const during = timers();
    await Promise.all(readers.map((reader) => reader.leave()));
    await vi.waitFor(() => {
      expect(server.events.readers).toBe(0);
      expect(timers()).toBeLessThan(during - 5); // The test itself has a few.
    });
  });

  it("is not opened by HEAD, which nobody would read", async () => {
    const server = await start({ mostReaders: 1 });
    for (let i = 0; i < 3; i++) {
      const response = await fetch(`${server.address}api/events`, { method: "HEAD" });
      expect(response.status).toBe(200);
    }
    expect((await connectReader(server.address)).response.status).toBe(200);
  });

  it("ends when the server is closed", async () => {
    const server = await start();
    const readers = await Promise.all(numbered(0, 5).map(() => connectReader(server.address)));
    await Promise.all([server.close(), ...readers.map((reader) => reader.toTheEnd())]);
    expect(server.events.readers).toBe(0);
  });

  it("tells all that has happened before the server is closed", async () => {
    const server = await start();
    const reader = await connectReader(server.address);
    await reader.until(({ comments }) => comments > 0);
    const ids = numbered(0, 500).map((i) => server.events.append(gone(String(i))));
    await Promise.all([server.close(), reader.toTheEnd()]);
    expect(reader.events.map(({ id }) => id)).toEqual(ids);
  });

  it("piles nothing up for a page that reads nothing", async () => {
    const server = await start();
    let made = 0;
    // Counts what is made into text of these events, however it is done.
    const text = "x".repeat(50_000);
    const toJSON = () => {
      made++;
      return text;
    };
    const big = { toJSON } as unknown as string;
    const socket = connect(server.port, "127.0.0.1");
    onTestFinished(() => {
      socket.destroy();
    });
    socket.pause();
    socket.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`);
    await vi.waitFor(() => expect(server.events.readers).toBe(1));
    for (let i = 0; i < 4000; i++) {
      server.events.append(gone(big));
      await new Promise((resolve) => setImmediate(resolve)); // Whoever wants to write can.
    }
    // What systems buffer for a connection is some megabytes; all of it together would be 200.
    expect(made).toBeLessThan(400);
    expect(socket.bytesRead).toBeLessThan(2 ** 20);
    const atRest = made;
    for (let i = 0; i < 1000; i++) server.events.append(gone(big));
    await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBe(atRest);

    // It wakes up: far behind, it is told so, and is not flooded.
    let heard = "";
    await new Promise<void>((resolve) => {
      socket.on("data", (chunk) => {
        heard += chunk.toString("latin1");
        if (heard.includes("event: reset")) resolve();
      });
      socket.resume();
    });
    expect(heard).toContain(`id: ${server.events.lastId}\nevent: reset`);
  });

  it("cuts off a page that reads nothing for long", async () => {
    const server = await startFixtureServer({
      listen: { timeouts: { idle: 50 } },
      app: { heartbeat: 10, mostReaders: 1 },
    });
    onTestFinished(() => server.close());
    const healthy = await connectReader(server.address);
    await healthy.until(({ comments }) => comments > 20); // Longer than it may be idle.
    await healthy.leave();
    await vi.waitFor(() => expect(server.events.readers).toBe(0));
    const socket = connect(server.port, "127.0.0.1");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {}); // It is reset.
    socket.pause();
    socket.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`);
    await vi.waitFor(() => expect(server.events.readers).toBe(1));
    const big = "x".repeat(50_000);
    const appending = setInterval(() => server.events.append(gone(big)), 1);
    onTestFinished(() => clearInterval(appending));
    await vi.waitFor(
      async () => {
        const response = await fetch(`${server.address}api/events`);
        await response.body?.cancel();
        expect(response.status).toBe(200); // Its place is free again.
      },
      { timeout: 20_000 },
    );
    socket.resume();
    await closed;
  });
});
