import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";

const require = createRequire(import.meta.url);

// As much of Playwright as the tests use. Its own declarations need the DOM's, which this package does without.

export interface Browser {
  newContext(options: ContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

export interface ContextOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly deviceScaleFactor?: number;
  readonly hasTouch?: boolean;
  readonly isMobile?: boolean;
  readonly colorScheme?: "light" | "dark";
  readonly reducedMotion?: "reduce" | "no-preference";
  readonly javaScriptEnabled?: boolean;
}

/** Windows that share what a browser keeps of a site. */
export interface BrowserContext {
  newPage(): Promise<Page>;
  setOffline(offline: boolean): Promise<void>;
  grantPermissions(permissions: readonly ("clipboard-read" | "clipboard-write")[]): Promise<void>;
  /** What the debugger can do: a finger that moves, for one. */
  newCDPSession(page: Page): Promise<{ send(method: string, parameters?: object): Promise<unknown> }>;
  close(): Promise<void>;
}

export interface Page extends Finds {
  on(event: "pageerror", listener: (error: Error) => void): void;
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): void;
  on(
    event: "request" | "requestfinished" | "requestfailed",
    listener: (request: { url(): string }) => void,
  ): void;
  goto(address: string): Promise<unknown>;
  /** Runs a script in every page that is opened from now on, before its own. */
  addInitScript(script: string): Promise<unknown>;
  reload(): Promise<unknown>;
  goBack(): Promise<unknown>;
  /** As it was told last: a page that changes its own address tells of it later; `location.href` has it at once. */
  url(): string;
  title(): Promise<string>;
  /** Runs an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /**
   * Waits until a function of the page returns true. It must be one: an expression would be evaluated anew at every look, which the policy
   * of a served page forbids after the first.
   */
  waitForFunction(
    expression: `() => ${string}`,
    argument?: undefined,
    options?: { readonly timeout?: number },
  ): Promise<unknown>;
  emulateMedia(options: {
    readonly media?: "print" | "screen";
    readonly colorScheme?: "light" | "dark";
  }): Promise<void>;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  setDefaultTimeout(milliseconds: number): void;
  pdf(options: { readonly format: "A4" }): Promise<Uint8Array>;
  screenshot(options?: { readonly fullPage?: boolean; readonly path?: string }): Promise<Uint8Array>;
  context(): BrowserContext;
  close(): Promise<void>;
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  readonly mouse: Mouse;
  readonly touchscreen: { tap(x: number, y: number): Promise<void> };
}

/** In pixels of the window, from its top left. */
export interface Mouse {
  move(x: number, y: number, options?: { readonly steps?: number }): Promise<void>;
  down(): Promise<void>;
  up(): Promise<void>;
  wheel(deltaX: number, deltaY: number): Promise<void>;
}

/** What a page and a part of it can both be asked for. */
export interface Finds {
  locator(selector: string): Locator;
  getByRole(role: string, options?: RoleOptions): Locator;
  getByLabel(text: string | RegExp, options?: { readonly exact?: boolean }): Locator;
  getByText(text: string | RegExp, options?: { readonly exact?: boolean }): Locator;
}

export interface RoleOptions {
  readonly name?: string | RegExp;
  readonly exact?: boolean;
  readonly level?: number;
  readonly checked?: boolean;
  readonly pressed?: boolean;
}

export interface Locator extends Finds {
  count(): Promise<number>;
  nth(index: number): Locator;
  first(): Locator;
  last(): Locator;
  and(other: Locator): Locator;
  filter(options: { readonly hasText?: string | RegExp }): Locator;
  click(): Promise<void>;
  tap(): Promise<void>;
  focus(): Promise<void>;
  press(key: string): Promise<void>;
  hover(options?: { readonly force?: boolean }): Promise<void>;
  fill(text: string): Promise<void>;
  check(): Promise<void>;
  uncheck(): Promise<void>;
  selectOption(value: string): Promise<unknown>;
  setInputFiles(
    file: string | { readonly name: string; readonly mimeType: string; readonly buffer: Uint8Array },
  ): Promise<void>;
  /** Waits until it is there, or not any more. */
  waitFor(options?: {
    readonly state?: "attached" | "detached" | "visible" | "hidden";
    readonly timeout?: number;
  }): Promise<void>;
  scrollIntoViewIfNeeded(): Promise<void>;
  boundingBox(): Promise<Box | null>;
  screenshot(options?: { readonly path?: string }): Promise<Uint8Array>;
  isVisible(): Promise<boolean>;
  isEnabled(): Promise<boolean>;
  isChecked(): Promise<boolean>;
  inputValue(): Promise<string>;
  textContent(): Promise<string | null>;
  innerText(): Promise<string>;
  allTextContents(): Promise<string[]>;
  getAttribute(name: string): Promise<string | null>;
}

/** In pixels of the window. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
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

/** @param options.onlyLoopback Whether no other machine can be found: its names are not, and addresses have nobody behind them. */
export async function launchChromium({
  onlyLoopback = false,
}: {
  readonly onlyLoopback?: boolean;
} = {}): Promise<Browser> {
  if (chromiumPath === null) throw new Error("There is no Chromium to launch.");
  // Containers have neither the privileges that its sandbox takes nor much shared memory.
  const args = ["--no-sandbox", "--disable-dev-shm-usage"];
  if (onlyLoopback) {
    args.push("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE [::1]");
  }
  const { chromium } = require("playwright-core") as {
    chromium: { launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser> };
  };
  return chromium.launch({ executablePath: chromiumPath, args });
}

export interface OpenedPage {
  readonly page: Page;
  /** Errors of the page and on its console. */
  readonly faults: readonly string[];
  /** Addresses that the page asked for, but for its own and those of its data: of one that is served, those of other hosts and ports. */
  readonly requests: readonly string[];
}

/** Opens a file in a window of its own, which is closed when the test is over. */
export async function openFile(
  browser: Browser,
  path: string,
  options: ContextOptions = {},
): Promise<OpenedPage> {
  const address = pathToFileURL(path).href;
  return open(browser, address, (url) => url === address, options);
}

/** Opens what a server serves in a window of its own, which is closed when the test is over. */
export async function openAddress(
  browser: Browser,
  address: string,
  options: ContextOptions = {},
): Promise<OpenedPage> {
  const { origin } = new URL(address);
  return open(browser, address, (url) => new URL(url).origin === origin, options);
}

async function open(
  browser: Browser,
  address: string,
  isOwn: (url: string) => boolean,
  options: ContextOptions,
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const watched = watchPage(page, isOwn);
  await page.goto(address);
  return watched;
}

/** @param isOwn Tells addresses that are the page's own. */
export function watchPage(page: Page, isOwn: (url: string) => boolean): OpenedPage {
  const faults: string[] = [];
  const requests: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(message.text());
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!isOwn(url) && !/^(?:data|blob):/.test(url)) requests.push(url);
  });
  return { page, faults, requests };
}

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Faults that axe-core calls serious or critical, each in a line with the first element that has it. */
export async function seriousFaults(page: Page): Promise<readonly string[]> {
  return accessibilityFaults(page, ["serious", "critical"]);
}

/** Faults that axe-core finds, each in a line with the first element that has it. */
export async function accessibilityFaults(
  page: Page,
  impacts: readonly string[] = ["minor", "moderate", "serious", "critical"],
): Promise<readonly string[]> {
  // The page's policy lets no script but its own run; the debugger may do as it likes.
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(AXE);
  // Of what passes, axe would tell every element, and to carry that here takes longer than the rules do.
  const violations = await page.evaluate<readonly Violation[]>(`axe.run({ resultTypes: ["violations"] }).then(
    ({ violations }) => violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, count: nodes.length, first: nodes[0]?.html })),
  )`);
  return violations
    .filter(({ impact }) => impact === null || impacts.includes(impact))
    .map(({ id, help, count, first }) => `${id}: ${help}, ${count} times, first in ${first}`);
}

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  /** Of the elements that have the fault. */
  readonly count: number;
  readonly first?: string;
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
