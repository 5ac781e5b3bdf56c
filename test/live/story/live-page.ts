import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { cli, expectSuccess } from "../../cli/harness.js";
import { writeAsPublished, writeSmallData } from "../../cli/small-data.js";
import type { Finds, Locator, Page } from "../../support/chromium.js";
import { type Served, serve } from "./served.js";

/** Milliseconds: a step of a story that takes longer has not happened. */
const PATIENCE = 30_000;

/** A folder as a newcomer has it, where a small data set passes for MNIST, so that nothing is downloaded. */
export interface Place {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** A folder with the small data set, for `--data-dir`. */
  readonly data: string;
}

export async function newcomersPlace(folder: string): Promise<Place> {
  const home = join(folder, "home");
  mkdirSync(home);
  await writeAsPublished(home, "mnist");
  return {
    folder,
    environment: { MNIST_NATIVE_HOME: home, MNIST_NATIVE_OFFLINE: "1" },
    data: writeSmallData(folder, "data"),
  };
}

/** Runs `serve` until the test is over, at any port that is free. */
export async function serveHere(
  { folder, environment }: Place,
  args: readonly string[] = [],
): Promise<Served> {
  const port = args.includes("--port") ? [] : ["--port", "0"];
  const served = await serve(["serve", ...port, ...args], { folder, environment });
  onTestFinished(async () => void (await served.interrupt()));
  return served;
}

/** A run of a small network that is over. */
export async function trainSmall(
  { data, environment }: Place,
  out: string,
  args: readonly string[] = [],
): Promise<void> {
  const settings = "--hidden 32 --activation relu --loss crossEntropy --optimizer adam --epochs 8".split(" ");
  expectSuccess(await cli(["train", "--data-dir", data, ...settings, ...args, "--out", out], environment));
}

/** Waits until what the page shows is so. */
export function soon<T>(read: () => Promise<T>) {
  return expect.poll(read, { timeout: PATIENCE, interval: 50 });
}

export function button(page: Finds, name: string | RegExp): Locator {
  return page.getByRole("button", { name, ...(typeof name === "string" && { exact: true }) });
}

/** What the run that is looked at is doing, in the page's words. */
export async function stateOfRun(page: Page): Promise<string | null> {
  const state = page.locator(".run-head .state");
  return (await state.count()) === 1 ? state.textContent() : null;
}

/** Goes to another part of the page, such as `#draw?run=a`, as a link does. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
}

/** The id of the run that the address names. */
export function runInAddress(page: Page): string {
  const id = new URLSearchParams(new URL(page.url()).hash.split("?")[1]).get("run");
  if (id === null) throw new Error(`The address ${page.url()} names no run.`);
  return id;
}
