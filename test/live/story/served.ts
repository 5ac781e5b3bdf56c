import type { Overview, RunDetail, RunSummary } from "../../../src/live/protocol.js";
import { type Environment, type Finished, MAIN, startProgram } from "../../cli/harness.js";

/** A command of the command line that serves the live page. */
export interface Served {
  /** Of the page, as it was printed. */
  readonly address: string;
  /** What the command has printed so far, on both outputs. */
  printed(): string;
  readonly finished: Promise<Finished>;
  /** Asks it to end, as Ctrl-C does, and waits until it has. */
  interrupt(): Promise<Finished>;
  /** Ends it without a word. */
  kill(): Promise<Finished>;
}

const POLL_MILLISECONDS = 50;

export interface ServeOptions {
  /** Where it is run. */
  readonly folder: string;
  readonly environment?: Environment;
}

/** Runs a command, such as `["serve"]`, and waits until it says where its page is. */
export async function serve(args: readonly string[], options: ServeOptions): Promise<Served> {
  const { child, finished } = startProgram(
    process.execPath,
    [MAIN, ...args],
    options.environment,
    options.folder,
  );
  let text = "";
  const address = await new Promise<string>((resolve, reject) => {
    const read = (chunk: string) => {
      text += chunk;
      const found = /http:\/\/[\w.:[\]-]+\/?(?:\?token=[\w-]+)?/.exec(text);
      // A line may come in pieces.
      if (found !== null && text.includes("\n", found.index)) resolve(found[0]);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.on("close", () => reject(new Error(`${args.join(" ")} served no page: ${text}`)));
  });
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return finished;
  };
  return {
    address: address.endsWith("/") ? address : `${address}/`,
    printed: () => text,
    finished,
    interrupt: () => end("SIGINT"),
    kill: () => end("SIGKILL"),
  };
}

/** What the server answers to a program that asks for JSON. */
export async function ask<T>(address: string, path: string): Promise<T> {
  return read<T>(path, await fetch(new URL(path, address)));
}

/** What it answers to its own page when that changes something. */
export async function tell<T>(address: string, path: string, body: object): Promise<T> {
  const { origin } = new URL(address);
  const headers = { origin, "content-type": "application/json" };
  const response = await fetch(new URL(path, address), {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  return read<T>(path, response);
}

async function read<T>(path: string, response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}

/** The runs, the newest first. */
export async function runsOf(address: string): Promise<readonly RunSummary[]> {
  const { runs } = await ask<Overview>(address, "api/overview");
  return runs;
}

export function detailOf(address: string, id: string): Promise<RunDetail> {
  return ask(address, `api/runs/${id}`);
}

/** Asks again and again, until the answer is as is waited for: the test's time is the limit. */
export async function eventually<T>(get: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await get();
    if (holds(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}
