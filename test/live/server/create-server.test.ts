import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { createServer } from "../../../src/live/index.js";
import type { Overview, RunDetail } from "../../../src/live/protocol.js";
import { dense } from "../../../src/nn/specification.js";
import { writeSmallData } from "../../cli/small-data.js";
import { keepRun } from "../../support/library-runs.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
beforeAll(() =>
  keepRun(
    join(folder, "runs", "first"),
    { dataDir: writeSmallData(folder, "images") },
    { layers: [784, 8, dense(10, "softmax")] },
    { epochs: 2 },
  ),
);

async function mount(options: Parameters<typeof createServer>[0]) {
  const page = createServer(options);
  const host = createHttpServer(page.listener);
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await page.close();
    host.closeAllConnections();
    host.close();
  });
  return { page, address: `http://127.0.0.1:${(host.address() as AddressInfo).port}` };
}

describe("a server of one's own with the page in it", () => {
  it("shows the runs below a folder, and what their models see", async () => {
    const { address } = await mount({ runs: [folder], basePath: "/live" });
    const overviewNow = async () => (await (await fetch(`${address}/live/api/overview`)).json()) as Overview;
    await vi.waitFor(async () => expect((await overviewNow()).runs).toHaveLength(1), { timeout: 10_000 });
    const { runs, starting } = await overviewNow();
    expect(starting).toBeNull();
    expect(runs[0]).toMatchObject({ state: "finished", network: "784-8-10", hasModel: true });
    const at = `${address}/live/api/runs/${runs[0]?.id}`;
    expect(((await (await fetch(at)).json()) as RunDetail).epochs).toHaveLength(2);
    expect(await (await fetch(`${at}/weights.svg`)).text()).toMatch(/^<svg /);
    expect(await (await fetch(`${at}/confusion`)).json()).toMatchObject({ part: "test" });
  });

  it("keeps what is drawn, where it has a folder for it", async () => {
    const { address } = await mount({ drawings: join(folder, "drawn") });
    const response = await fetch(`${address}/api/drawings`, {
      method: "POST",
      headers: { origin: address, "content-type": "application/json" },
      body: JSON.stringify({
        label: 7,
        width: 28,
        height: 28,
        pixels: Buffer.alloc(784, 200).toString("base64"),
      }),
    });
    expect(await response.json()).toMatchObject({ count: 1, perClass: { 7: 1 } });
    expect(await (await fetch(`${address}/api/drawings`)).json()).toMatchObject({ count: 1 });
  });

  it("answers others by its token alone, a given one or a random one", async () => {
    const own = createServer({ hosts: ["digits.example"], token: "abcdefghijklmnop" });
    onTestFinished(() => own.close());
    const ask = (query: string, headers: Record<string, string> = {}) =>
      own.fetch(new Request(`http://digits.example/${query}`, { headers }));
    expect((await ask("")).status).toBe(401);
    expect((await ask("?token=abcdefghijklmnoq")).status).toBe(401);
    const opened = await ask("?token=abcdefghijklmnop");
    expect(opened.status).toBe(200);
    const [cookie = ""] = opened.headers.getSetCookie()[0]?.split(";") ?? [];
    expect((await ask("api/overview", { cookie })).status).toBe(200);

    const random = createServer({ hosts: ["digits.example"] });
    onTestFinished(() => random.close());
    expect(random.token).toMatch(/^[\w-]{22}$/);
    const here = createServer({ hosts: ["localhost", "127.0.0.1"] });
    onTestFinished(() => here.close());
    expect(here.token).toBeNull();
  });
});
