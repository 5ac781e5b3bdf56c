// How long the live page takes to answer while a wide network trains beside it.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeIdxHeader } from "../../dist/formats/idx.js";
import { imageLike } from "./training.mjs";

const CLI = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const IMAGES = 10_000;
const SIDE = 28;
/** A picture as the page sends it: its canvas in CSS pixels. */
const DRAWN = 280;

/**
 * Starts `train --live` of 784-2048-2048-10, reads its events as one page does, and asks for one thing after the other.
 *
 * @param {{ rounds: number }} options How often each of them is asked for.
 * @returns {Promise<{ answers: { name: string, p50: number, p99: number }[], examplesPerSecond: number }>} Milliseconds from the request to
 *   the answer's last byte; the last of `answers` are all of them.
 */
export async function benchmarkPageLatency({ rounds }) {
  const folder = mkdtempSync(join(tmpdir(), "mnist-native-latency-"));
  writeData(folder);
  const network = "--hidden 2048,2048 --activation relu --loss crossEntropy --optimizer adam";
  const args = [CLI, "train", "--live", "--no-wait", "--data-dir", folder, "--epochs", "100000"];
  const child = spawn(process.execPath, [...args, ...network.split(" "), "--out", join(folder, "run")], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const reading = new AbortController();
  try {
    const address = await addressOf(child);
    const id = await runWithModel(address);
    const events = readSamples(address, reading.signal);
    const times = await askInTurn(requests(address, id), rounds);
    const samples = events.taken();
    if (samples.length === 0) throw new Error("The training told nothing while its page was asked.");
    const all = [...times.values()].flat();
    return {
      answers: [...times, ["all", all]].map(([name, values]) => ({
        name,
        p50: percentile(values, 0.5),
        p99: percentile(values, 0.99),
      })),
      examplesPerSecond: percentile(
        samples.map(({ examplesPerSecond }) => examplesPerSecond ?? 0),
        0.5,
      ),
    };
  } finally {
    reading.abort();
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true });
  }
}

function writeData(folder) {
  for (const [name, count] of [
    ["train", IMAGES],
    ["t10k", IMAGES / 10],
  ]) {
    const { features, targets } = imageLike(count);
    const images = [encodeIdxHeader("images", [count, SIDE, SIDE]), features.data];
    writeFileSync(join(folder, `${name}-images-idx3-ubyte`), Buffer.concat(images));
    writeFileSync(
      join(folder, `${name}-labels-idx1-ubyte`),
      Buffer.concat([encodeIdxHeader("labels", [count]), targets.labels]),
    );
  }
}

/** Where the page is, as the command prints it. */
function addressOf(child) {
  return new Promise((resolve, reject) => {
    let printed = "";
    const read = (text) => {
      printed += text;
      const address = /http:\/\/[^\s/]+\/\S*(?=\s)/.exec(printed)?.[0];
      if (address !== undefined) resolve(address.replace(/[.,;]$/, ""));
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.on("close", () => reject(new Error(`train --live served no page: ${printed}`)));
  });
}

/** The run's id, when its first epoch is over and there is a model. */
async function runWithModel(address) {
  for (;;) {
    const response = await fetch(new URL("api/overview", address));
    const { runs } = await response.json();
    const [run] = runs ?? [];
    if (run?.hasModel) return run.id;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function requests(address, id) {
  const picture = new Uint8Array(DRAWN * DRAWN).fill(255);
  for (let y = 60; y < 220; y++) picture.fill(0, y * DRAWN + 130, y * DRAWN + 152);
  const { origin } = new URL(address);
  const run = `api/runs/${id}`;
  return [
    ["the page", "", {}],
    ["overview", "api/overview", {}],
    ["a run's curves", run, {}],
    ["weights as a picture", `${run}/weights.svg?theme=light`, {}],
    [
      "recognising a drawing",
      `${run}/recognise?width=${DRAWN}&height=${DRAWN}`,
      { method: "POST", headers: { origin, "content-type": "application/octet-stream" }, body: picture },
    ],
  ].map(([name, path, init]) => ({ name, url: new URL(path, address), init }));
}

async function askInTurn(asked, rounds) {
  const times = new Map(asked.map(({ name }) => [name, []]));
  // The first round does not count: V8 compiles what answers, once for each server.
  for (let round = 0; round <= rounds; round++) {
    for (const { name, url, init } of asked) {
      const began = performance.now();
      const response = await fetch(url, init);
      const body = await response.text();
      const milliseconds = performance.now() - began;
      if (!response.ok) throw new Error(`${url} answered ${response.status}: ${body}`);
      if (round > 0) times.get(name).push(milliseconds);
    }
  }
  return times;
}

/** Reads the training's events, as an open page does. */
function readSamples(address, signal) {
  const samples = [];
  const read = async () => {
    const response = await fetch(new URL("api/events?after=0", address), { signal });
    let text = "";
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split("\n");
      text = lines.pop();
      for (const line of lines) {
        if (!line.startsWith("data:")) continue;
        const event = JSON.parse(line.slice("data:".length));
        if (event.type === "sample") samples.push(event.sample);
      }
    }
  };
  read().catch((error) => {
    if (!signal.aborted) throw error;
  });
  return { taken: () => samples };
}

/** The smallest value that at least this share of them do not pass. */
function percentile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1];
}
