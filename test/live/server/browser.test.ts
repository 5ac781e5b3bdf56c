import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Browser, chromiumPath, launchChromium, openAddress } from "../../support/chromium.js";
import { startFixtureServer } from "../support/fixture-server.js";

let browser: Browser;
beforeAll(async () => {
  if (chromiumPath !== null) browser = await launchChromium({ onlyLoopback: true });
});
afterAll(() => browser?.close());

/** A page of another site: for a browser, localhost is another than 127.0.0.1. */
async function startOtherSite(html: string): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://localhost:${(server.address() as AddressInfo).port}/`;
}

async function start(...args: Parameters<typeof startFixtureServer>) {
  const server = await startFixtureServer(...args);
  onTestFinished(() => server.close());
  return server;
}

describe.skipIf(chromiumPath === null)("in a browser", () => {
  it("the page opens by an address with a token, also along a link of another site, and keeps it in no address", async () => {
    const token = "abcdefghijklmnop";
    const server = await start({ app: { security: { hosts: [], token } } });
    expect(server.address).toContain(`?token=${token}`);
    const { page } = await openAddress(browser, await startOtherSite(`<a href="${server.address}">go</a>`));
    await page.locator("a").click();
    await expect.poll(() => page.url(), { timeout: 20_000 }).toBe(server.address.replace(/\?.*/, ""));
    await page.locator("h1").first().waitFor();
    expect(await page.evaluate(`fetch("api/overview").then(({ status }) => status)`)).toBe(200);
    expect(await page.evaluate("document.cookie")).toBe("");
  });

  it("a page of another site reads nothing and changes nothing", async () => {
    const server = await start();
    const { page } = await openAddress(browser, await startOtherSite("<p>Nothing to see</p>"));
    const address = JSON.stringify(server.address);
    const settled = (promise: string) =>
      page.evaluate<string>(`${promise}.then((r) => "got " + r.type, () => "refused")`);
    for (const path of ["", "api/overview", "api/runs/finished/weights.svg"]) {
      expect(await settled(`fetch(${address} + "${path}")`)).toBe("refused");
      expect(await settled(`fetch(${address} + "${path}", { mode: "no-cors" })`)).toBe("refused");
    }
    const tried = await page.evaluate<readonly string[]>(`Promise.all([
      new Promise((resolve) => {
        const events = new EventSource(${address} + "api/events");
        events.onopen = () => resolve("events");
        events.onerror = () => { events.close(); resolve("refused"); };
      }),
      new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve("image");
        image.onerror = () => resolve("refused");
        image.src = ${address} + "api/runs/finished/weights.svg";
      }),
      ...["text/plain", "application/json", "application/x-www-form-urlencoded"].flatMap((type) =>
        ["no-cors", "cors"].map((mode) =>
          fetch(${address} + "api/drawings", { method: "POST", mode, headers: { "content-type": type }, body: '{"label":7}' })
            .then(({ type }) => type, () => "refused"))),
    ])`);
    expect(tried).toEqual(Array.from({ length: 8 }, () => "refused"));
    expect(server.drawings.labels).toEqual([]);
    // A form leads to the answer, which is an error.
    await page.evaluate(`(() => {
      const form = document.createElement("form");
      Object.assign(form, { method: "POST", enctype: "text/plain", action: ${address} + "api/drawings" });
      form.innerHTML = "<input name='{&quot;label&quot;:7,&quot;x&quot;:&quot;' value='&quot;}'>";
      document.body.append(form);
      form.submit();
    })()`);
    await page.getByText("FORBIDDEN").waitFor();
    expect(page.url()).toBe(`${server.address}api/drawings`);
    expect(server.drawings.labels).toEqual([]);
  });

  it("a page of another site cannot frame it", async () => {
    const server = await start();
    const asked = vi.spyOn(server.library, "summaries"); // The page's first question.
    const { page } = await openAddress(browser, await startOtherSite("<p></p>"));
    await page.evaluate(`new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.onload = resolve;
      frame.src = ${JSON.stringify(server.address)};
      document.body.append(frame);
    })`);
    const own = await openAddress(browser, server.address);
    await own.page.locator("h1").first().waitFor();
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  });

  it("no script runs in a figure that is opened for itself", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg"><style>svg { fill: red }</style><text y="20">figure</text><script>document.documentElement.setAttribute("ran", "yes")</script></svg>`;
    const view = { version: 1, weightsFigure: async () => svg };
    const server = await start({ app: { views: { of: async () => view as never } } });
    const { page } = await openAddress(browser, `${server.address}api/runs/finished/weights.svg`);
    expect(await page.locator("text").textContent()).toBe("figure");
    expect(await page.locator("svg").getAttribute("ran")).toBeNull();
  });
});
