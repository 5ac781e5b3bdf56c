import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";

const require = createRequire(import.meta.url);

// As much of Playwright as the tests use. Its own declarations need the DOM's, which this package does without.

export interface Browser {
  newContext(options: ContextOptions): Promise<{ newPage(): Promise<Page>; close(): Promise<void> }>;
  close(): Promise<void>;
}

export interface ContextOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
  readonly javaScriptEnabled?: boolean;
}

export interface Page {
  on(event: "pageerror", listener: (error: Error) => void): void;
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): void;
  on(event: "request", listener: (request: { url(): string }) => void): void;
  goto(address: string): Promise<unknown>;
  /** Runs an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  emulateMedia(options: { readonly media: "print" }): Promise<void>;
  pdf(options: { readonly format: "A4" }): Promise<Uint8Array>;
  locator(selector: string): Locator;
  readonly keyboard: { press(key: string): Promise<void> };
}

export interface Locator {
  count(): Promise<number>;
  nth(index: number): Locator;
  click(): Promise<void>;
  focus(): Promise<void>;
  hover(options?: { readonly force?: boolean }): Promise<void>;
  textContent(): Promise<string | null>;
  allTextContents(): Promise<string[]>;
  getAttribute(name: string): Promise<string | null>;
}

/** Chromium's path, by CHROMIUM_PATH or PATH; `null` where this machine has none: then skip the test with `it.skipIf`. */
export const chromiumPath: string | null = findChromium();

if (chromiumPath === null) {
  console.warn(
    "Tests in a browser are skipped: there is no chromium on PATH (on Debian: apt-get install chromium), and CHROMIUM_PATH names none.",
  );
}

function findChromium(): string | null {
  const { CHROMIUM_PATH, PATH = "" } = process.env;
  if (CHROMIUM_PATH !== undefined) return CHROMIUM_PATH;
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const candidates = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export async function launchChromium(): Promise<Browser> {
  if (chromiumPath === null) throw new Error("There is no Chromium to launch.");
  // Containers have neither the privileges that its sandbox takes nor much shared memory.
  const args = ["--no-sandbox", "--disable-dev-shm-usage"];
  const { chromium } = require("playwright-core") as {
    chromium: { launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser> };
  };
  return chromium.launch({ executablePath: chromiumPath, args });
}

export interface OpenedPage {
  readonly page: Page;
  /** Errors of the page and on its console. */
  readonly faults: readonly string[];
  /** Addresses that the page asked for, but for its own and those of its data. */
  readonly requests: readonly string[];
}

/** Opens a file in a window of its own, which is closed when the test is over. */
export async function openFile(
  browser: Browser,
  path: string,
  options: ContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const address = pathToFileURL(path).href;
  const faults: string[] = [];
  const requests: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(message.text());
  });
  page.on("request", (request) => {
    const url = request.url();
    if (url !== address && !url.startsWith("data:")) requests.push(url);
  });
  await page.goto(address);
  return { page, faults, requests };
}

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Faults that axe-core calls serious or critical, each in a line with the first element that has it. */
export async function seriousFaults(page: Page): Promise<readonly string[]> {
  // The page's policy lets no script but its own run; the debugger may do as it likes.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${id}: ${help}, ${nodes.length} times, first in ${nodes[0]?.html}`);
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly help: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** Elements that stick out of the page's right edge, but for what scrolls in a frame of its own, each in a line. */
export async function stickingOut(page: Page): Promise<readonly string[]> {
  return page.evaluate(`(() => {
    const scrolls = (element) => element !== null && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    return [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5 && !scrolls(element.parentElement))
      .map((element) => element.tagName + " " + element.textContent.slice(0, 60));
  })()`);
}

/** Words of no more than so many characters that are broken in two lines, but for those of commands. */
export async function brokenWords(page: Page, longest = 14): Promise<readonly string[]> {
  return page.evaluate(`(() => {
    const broken = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (node.parentElement.closest("pre, script, style, svg") !== null) continue;
      for (const { 0: word, index } of node.data.matchAll(/[\\p{L}\\p{N}.,%]+/gu)) {
        if (word.length > ${longest}) continue;
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const lines = new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom)));
        if (lines.size > 1) broken.push(word);
      }
    }
    return broken;
  })()`);
}

/** How many pixels of the page lie beyond the right edge of the window. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
}
