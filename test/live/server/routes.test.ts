import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { ErrorBody, Overview, Recognition, RunDetail, RunSummary } from "../../../src/live/protocol.js";
import type { AppOptions } from "../../../src/live/server/routing.js";
import { startFixtureServer } from "../support/fixture-server.js";

async function start(app: Partial<AppOptions> = {}) {
  const server = await startFixtureServer({ app });
  onTestFinished(() => server.close());
  const get = (path: string, init: RequestInit = {}) => fetch(`${server.address}${path}`, init);
  const json = async <T>(path: string) => {
    const response = await get(path);
    expect([path, response.status]).toEqual([path, 200]);
    return (await response.json()) as T;
  };
  const post = (path: string, body: object) => {
    const isBytes = body instanceof Uint8Array;
    return get(path, {
      method: "POST",
      headers: {
        origin: new URL(server.address).origin,
        "content-type": isBytes ? "application/octet-stream" : "application/json",
      },
      body: isBytes ? new Uint8Array(body) : JSON.stringify(body),
    });
  };
  return { server, get, json, post };
}

async function errorOf(response: Response): Promise<readonly [status: number, message: string]> {
  const { error } = (await response.json()) as ErrorBody;
  return [response.status, error.message];
}

describe("the page's files", () => {
  it("are served, and kept by browsers for as long as they cannot change", async () => {
    const { get } = await start();
    const page = await get("");
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const html = await page.text();
    const assets = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path = ""]) => path);
    expect(assets.length).toBeGreaterThan(2);
    for (const path of assets) {
      const asset = await get(path);
      expect([path, asset.status]).toEqual([path, 200]);
      expect(asset.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
      expect((await asset.arrayBuffer()).byteLength).toBe(Number(asset.headers.get("content-length")));
    }
  });

  it("are the built ones and no others", async () => {
    const { get } = await start();
    for (const path of [
      "index.html",
      "assets",
      "assets/",
      "assets/index.js",
      "package.json",
      "favicon.ico",
    ]) {
      expect(await errorOf(await get(path))).toEqual([404, "There is nothing at this address."]);
    }
  });
});

describe("every answer", () => {
  it("says that no other site may frame, embed, read or guess at it", async () => {
    const { get } = await start();
    const paths = [
      "",
      "api/overview",
      "api/events",
      "api/runs/none",
      "nothing",
      "api/runs/finished/weights.svg",
    ];
    for (const path of paths) {
      const { headers, body } = await get(path);
      await body?.cancel();
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("access-control-allow-origin")).toBeNull();
      const policy = headers.get("content-security-policy") ?? "";
      for (const part of [
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]) {
        expect(policy).toContain(part);
      }
      if (path !== "") expect(headers.get("cache-control")).toBe("no-store");
    }
  });

  it("lets the page run what it is made of, and figures nothing", async () => {
    const { get } = await start();
    const policyOf = async (path: string) => (await get(path)).headers.get("content-security-policy") ?? "";
    const page = await policyOf("");
    expect(page).toContain(
      "script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'",
    );
    expect(page).not.toContain("unsafe");
    const figure = await policyOf("api/runs/finished/weights.svg");
    expect(figure).not.toContain("script-src");
    expect(figure).toMatch(/; sandbox$/);
  });

  it("is JSON where a name would be markup elsewhere", async () => {
    const { server, get } = await start();
    const name = "</script><script>alert(1)</script>";
    server.library.add({ id: "named", name, settings: { [name]: name }, reason: name });
    for (const path of [
      "api/overview",
      "api/runs/named",
      "api/runs/named/confusion",
      `api/runs/${encodeURIComponent(name)}`,
      `api/events?after=${encodeURIComponent(name)}`,
    ]) {
      const response = await get(path);
      expect(response.headers.get("content-type")).toBe("application/json");
      expect(response.headers.get("content-security-policy")).toContain("sandbox");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      JSON.parse(await response.text());
    }
  });
});

describe("the runs", () => {
  it("are listed, the newest first, with what a new one may be", async () => {
    const { server, json } = await start();
    const overview = await json<Overview>("api/overview");
    expect(overview.runs.map(({ id }) => id)).toEqual(["training", "failed", "finished"]);
    expect(overview.version).toBe("0.0.0-test");
    expect(overview.starting).toEqual(server.library.starting);
    expect(overview.lastEventId).toBe(server.events.lastId);
  });

  it("have curves", async () => {
    const { server, json } = await start();
    const detail = await json<RunDetail>("api/runs/finished");
    expect(detail).toEqual(server.library.detail("finished"));
    expect(detail.epochs).toHaveLength(8);
  });

  it("are started", async () => {
    const { post, json } = await start();
    const response = await post("api/runs", { epochs: 3, hidden: [20], dataset: "mnist" });
    expect(response.status).toBe(201);
    const run = (await response.json()) as RunSummary;
    expect((await json<RunDetail>(`api/runs/${run.id}`)).run).toEqual(run);
  });

  it("are not started by what is out of bounds, nor where none can be", async () => {
    const { server, post } = await start();
    expect(await errorOf(await post("api/runs", { epochs: "3" }))).toEqual([
      400,
      "Expected a whole number from 1 to 1000 for epochs, and a list of layers.",
    ]);
    const alone = await start({ library: { ...server.library, starting: null } });
    const changes = server.library.changes.length;
    expect((await alone.post("api/runs", { epochs: 3, hidden: [20] })).status).toBe(409);
    expect(server.library.changes).toHaveLength(changes);
  });

  it("are paused, stepped, resumed and stopped", async () => {
    const { server, post } = await start();
    const ask = async (command: string) =>
      ((await (await post("api/runs/training/command", { command })).json()) as RunSummary).state;
    expect(await ask("pause")).toBe("paused");
    expect(await ask("step")).toBe("training");
    server.library.play("training", 1000);
    expect(server.library.detail("training")?.run).toMatchObject({ state: "paused", epoch: 3 });
    expect(await ask("resume")).toBe("training");
    expect(await ask("stop")).toBe("stopped");
  });

  it("are not asked for what they cannot do now, or what nobody can", async () => {
    const { post } = await start();
    expect(await errorOf(await post("api/runs/finished/command", { command: "pause" }))).toEqual([
      409,
      "As in the book cannot do this: it is finished.",
    ]);
    for (const body of [
      {},
      { command: "explode" },
      { command: "stop", also: 1 },
      [],
      { command: ["stop"] },
    ]) {
      expect(await errorOf(await post("api/runs/training/command", body))).toEqual([
        400,
        'Expected { "command": … } with one of pause, resume, step, stop, and nothing else.',
      ]);
    }
    expect((await post("api/runs/none/command", { command: "stop" })).status).toBe(404);
  });
});

describe("a run's model", () => {
  it("is seen by its weights, confusion, mistakes, images, neighbours and hidden space", async () => {
    const { get, json } = await start();
    const figure = await get("api/runs/finished/weights.svg?theme=dark&version=8");
    expect(figure.headers.get("content-type")).toBe("image/svg+xml; charset=utf-8");
    expect(await figure.text()).toMatch(/^<svg /);
    const at = "api/runs/finished";
    expect(await json(`${at}/confusion`)).toMatchObject({ modelVersion: 8, part: "test" });
    expect(await json(`${at}/mistakes?count=3`)).toMatchObject({ images: { length: 3 } });
    expect(
      await json(`${at}/images?part=train&class=7&verdict=wrong&order=least-sure&from=1&count=2`),
    ).toMatchObject({ part: "train", images: [{ trueClass: 7 }, { trueClass: 7 }] });
    expect(await json(`${at}/images`)).toMatchObject({ part: "test", images: { length: 60 } });
    expect(await json(`${at}/images/test/5`)).toMatchObject({ image: { part: "test", position: 5 } });
    expect(await json(`${at}/images/test/5/nearest?count=4`)).toMatchObject({ neighbours: { length: 4 } });
    expect(await json(`${at}/hidden?part=validation&count=50`)).toMatchObject({ images: { length: 50 } });
  });

  it("recognises what is drawn", async () => {
    const { post } = await start();
    const response = await post(
      "api/runs/finished/recognise?width=20&height=30",
      new Uint8Array(600).fill(7),
    );
    const { classes, predicted } = (await response.json()) as Recognition;
    expect(classes).toHaveLength(10);
    expect(predicted).toBe(0);
    const largest = await post("api/runs/finished/recognise?width=512&height=512", new Uint8Array(512 * 512));
    expect(largest.status).toBe(200);
  });

  it("does not recognise what is no picture, and says why", async () => {
    const { post } = await start();
    const recognise = async (query: string, body: object) =>
      errorOf(await post(`api/runs/finished/recognise${query}`, body));
    expect(await recognise("?width=20&height=30", new Uint8Array(599))).toEqual([
      400,
      "Expected 600 bytes of a picture of 20 x 30 pixels, but received 599.",
    ]);
    expect(await recognise("?width=20&height=30", new Uint8Array(601))).toEqual([
      413,
      "At most 600 bytes can be sent here, and this is more.",
    ]);
    expect(await recognise("?width=513&height=1", new Uint8Array(513))).toEqual([
      400,
      'Expected a whole number from 1 to 512 for width, but received "513".',
    ]);
    expect(await recognise("?width=1", new Uint8Array(1))).toEqual([
      400,
      "Expected a whole number from 1 to 512 for height, but received nothing.",
    ]);
    expect(await recognise("?width=1&height=1", { a: 1 })).toEqual([
      415,
      "Expected what is sent to be application/octet-stream, but its Content-Type says otherwise or is missing.",
    ]);
  });

  it("is not there yet, or is of no run", async () => {
    const { server, get } = await start();
    server.library.add({ id: "new", name: "Just begun" });
    expect(await errorOf(await get("api/runs/new/confusion"))).toEqual([
      409,
      "Just begun has no model yet; there is one when its first epoch is over.",
    ]);
    expect(await errorOf(await get("api/runs/none/confusion"))).toEqual([
      404,
      "There is no run of this name here; it may be gone since the page was opened.",
    ]);
  });

  it.each([
    ["images?part=all", 'Expected one of train, validation, test for part, but received "all".'],
    ["images?count=201", 'Expected a whole number from 1 to 200 for count, but received "201".'],
    ["images?count=1&count=2", "Expected count once in this address, but received it several times."],
    ["images?order=size", 'Expected one of number, least-sure, most-sure for order, but received "size".'],
    [
      "images?klass=1",
      'Expected the parameters part, class, verdict, order, from, count alone in this address, but received "klass".',
    ],
    ["hidden?count=5001", 'Expected a whole number from 1 to 5000 for count, but received "5001".'],
    ["confusion?part=test", 'Expected no parameters in this address, but received "part".'],
    ["weights.svg?theme=red", 'Expected one of light, dark for theme, but received "red".'],
  ])("is not seen by %s", async (path, message) => {
    const { get } = await start();
    expect(await errorOf(await get(`api/runs/finished/${path}`))).toEqual([400, message]);
  });

  it("is of no image that is not there", async () => {
    const { get } = await start();
    for (const path of ["images/all/1", "images/test/-1", "images/test/1.5", "images/test/99999999999"]) {
      expect((await get(`api/runs/finished/${path}`)).status).toBe(404);
    }
    expect(await errorOf(await get("api/runs/finished/images/test/200"))).toEqual([
      400,
      "Expected a number from 0 to 199 for the image but received 200.",
    ]);
  });
});

describe("drawings", () => {
  it("are kept, counted and taken back", async () => {
    const { server, post, json } = await start();
    expect(await json("api/drawings")).toMatchObject({ count: 0 });
    expect(await (await post("api/drawings", { label: 7 })).json()).toMatchObject({ count: 1 });
    expect(await (await post("api/drawings", { label: 3 })).json()).toMatchObject({ count: 2 });
    expect(await (await post("api/drawings/undo", {})).json()).toMatchObject({ count: 1 });
    expect(server.drawings.labels).toEqual([7]);
    expect((await post("api/drawings", { label: 10 })).status).toBe(400);
    expect((await post("api/drawings/undo", { all: true })).status).toBe(400);
  });

  it("are not kept where there is no folder for them", async () => {
    const { get, post } = await start({ drawings: null });
    const message = "This server keeps no drawings; start it with a folder for them.";
    expect(await errorOf(await get("api/drawings"))).toEqual([404, message]);
    expect(await errorOf(await post("api/drawings", { label: 7 }))).toEqual([404, message]);
  });
});

describe("a method that an address does not answer", () => {
  it.each([
    ["PUT", "api/overview", "GET, HEAD"],
    ["POST", "", "GET, HEAD"],
    ["GET", "api/runs", "POST"],
    ["DELETE", "api/runs/finished", "GET, HEAD"],
    ["OPTIONS", "api/drawings", "GET, HEAD, POST"],
  ])("is refused with those that it does: %s /%s", async (method, path, allow) => {
    const { server, get } = await start();
    const response = await get(path, { method, headers: { origin: new URL(server.address).origin } });
    expect(response.headers.get("allow")).toBe(allow);
    expect(await errorOf(response)).toEqual([405, `This address answers ${allow} alone.`]);
  });

  it("is not HEAD, where GET is one", async () => {
    const { get } = await start();
    const response = await get("api/overview", { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });
});

it("an error that nobody has foreseen is told to who runs the server, and to readers that there was one", async () => {
  const report = vi.fn();
  const fault = new Error("/home/somebody/secret");
  const views = { of: () => Promise.reject(fault) };
  const { get } = await start({ views, report });
  const response = await get("api/runs/finished/confusion");
  expect(await errorOf(response)).toEqual([
    500,
    "Something went wrong in the program that serves this page; what it was stands where the program was started.",
  ]);
  expect(report).toHaveBeenCalledExactlyOnceWith(fault);
});

describe("an address that a person opens and that cannot be", () => {
  const asPerson = { headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" } };

  it.each(["nothing", "api/runs/not-here", "api/overview?<b>=1"])(
    "is answered by a page: %s",
    async (path) => {
      const { get } = await start();
      const [page, data] = await Promise.all([get(path, asPerson), get(path)]);
      expect(page.headers.get("content-type")).toBe("text/html; charset=UTF-8");
      expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
      const [status, message] = await errorOf(data);
      expect(page.status).toBe(status);
      const html = await page.text();
      const escaped = message.replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
      expect(html).toContain(`<p>${escaped}</p>`);
      expect(html).not.toMatch(/<script|<b>/);
    },
  );

  it("says in words that the token is missing", async () => {
    const token = "0123456789abcdef";
    const { server } = await start({ security: { hosts: [], token } });
    const page = await fetch(new URL("/", server.address), asPerson);
    expect([page.status, await page.text()]).toEqual([401, expect.stringContaining("with its token;")]);
  });

  it("is data where the page has sent something", async () => {
    const { server, get } = await start();
    const headers = { ...asPerson.headers, origin: new URL(server.address).origin };
    const refused = await get("api/runs", { method: "POST", headers, body: "x" });
    expect((await errorOf(refused))[0]).toBe(415);
  });
});
