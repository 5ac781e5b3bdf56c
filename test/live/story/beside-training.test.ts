import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import type { RunSummary, TrainingCommand } from "../../../src/live/protocol.js";
import { toArray } from "../../../src/tensor/tensor.js";
import { loadModel } from "../../../src/training/model-file.js";
import { cli, expectSuccess } from "../../cli/harness.js";
import { writeSmallData } from "../../cli/small-data.js";
import { chromiumPath, launchChromium, openAddress } from "../../support/chromium.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { type EventReader, readEvents } from "../support/event-reader.js";
import { button, soon, stateOfRun } from "./live-page.js";
import { detailOf, eventually, runsOf, type Served, serve, tell } from "./served.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const READERS = 20;
const EPOCHS = 200;
const ALL_EPOCHS = Array.from({ length: EPOCHS }, (_, i) => i + 1);
const SETTINGS = ["--data-dir", data, "--hidden", "20", "--epochs", String(EPOCHS), "--learning-rate", "0.3"];

describe("train --live", () => {
  it("tells twenty readers all that happens, whoever does not listen, and changes no bit", async () => {
    const served = await trainLive("watched", ["--no-wait"]);
    const { address } = served;
    const run = await runThatTrains(address);
    await command(address, run.id, "pause");
    const { lastEventId, epochs } = await eventually(
      () => detailOf(address, run.id),
      (detail) => detail.run.state === "paused",
    );

    await connectDeafReader(address, lastEventId);
    const readers = await Promise.all(
      Array.from({ length: READERS }, () => readEvents(address, { after: lastEventId })),
    );
    await command(address, run.id, "resume");
    await Promise.all(readers.map((reader) => reader.until(saysEnd(run.id))));
    const { status, stderr } = await served.finished;
    expect([status, stderr]).toEqual([0, ""]);

    for (const reader of readers) {
      expect(reader.events.map(({ id }) => id)).toEqual(reader.events.map((_, i) => lastEventId + 1 + i));
      expect([...epochs.map(({ epoch }) => epoch), ...epochsIn(reader)]).toEqual(ALL_EPOCHS);
    }
    expectSuccess(await cli(["train", ...SETTINGS, "--out", join(folder, "unwatched")]));
    expect(await weightsOf("watched")).toEqual(await weightsOf("unwatched"));
  });

  it("serves its page until it is interrupted, when the training is over", async () => {
    const { address, interrupt } = await trainLive("kept", []);
    const run = await eventually(
      () => onlyRun(address),
      ({ state, testAccuracy }) => state === "finished" && testAccuracy !== null,
    );
    expect(run.epoch).toBe(EPOCHS);
    const page = await fetch(address);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const { epochs, samples } = await detailOf(address, run.id);
    expect(epochs.map(({ epoch }) => epoch)).toEqual(ALL_EPOCHS);
    expect(samples.length).toBeGreaterThan(0);
    const { status, stderr } = await interrupt();
    expect([status, stderr]).toEqual([0, ""]);
  });

  it.skipIf(chromiumPath === null)("is followed and steered by its page, to its end", async () => {
    const browser = await launchChromium({ onlyLoopback: true });
    onTestFinished(() => browser.close());
    const served = await trainLive("followed", ["--no-wait"]);
    // The training would be over before a slow browser shows it.
    const { id } = await runThatTrains(served.address);
    await command(served.address, id, "pause");
    const { page, requests } = await openAddress(browser, served.address);
    await soon(() => stateOfRun(page)).toBe("paused");
    await button(page, "Go on").click();
    await button(page, "Pause").click();
    await soon(() => stateOfRun(page)).toBe("paused");
    const { run } = await detailOf(served.address, id);
    await button(page, "One epoch").click();
    await soon(() => page.locator(".run-progress-head strong").textContent()).toBe(String(run.epoch + 1));
    await soon(() => stateOfRun(page)).toBe("paused");
    await button(page, "Go on").click();
    const { status, stderr, stdout } = await served.finished;
    expect([status, stderr]).toEqual([0, ""]);
    // What the terminal has told is what the page shows, though the program is gone.
    const [, accuracy] = /^Test accuracy: ([\d.]+)%/m.exec(stdout) ?? [];
    await page
      .getByText(`Finished: it gets ${Number(accuracy).toFixed(1)} % of the test set right`)
      .waitFor();
    expect(requests).toEqual([]);
  });
});

async function trainLive(name: string, args: readonly string[]): Promise<Served> {
  const served = await serve(["train", "--live", ...args, ...SETTINGS, "--out", join(folder, name)], {
    folder,
  });
  onTestFinished(async () => void (await served.kill()));
  return served;
}

async function onlyRun(address: string): Promise<RunSummary> {
  const runs = await eventually(
    () => runsOf(address),
    ({ length }) => length > 0,
  );
  expect(runs).toHaveLength(1);
  return runs[0] as RunSummary;
}

function runThatTrains(address: string): Promise<RunSummary> {
  return eventually(
    () => onlyRun(address),
    ({ state }) => state === "training",
  );
}

function saysEnd(id: string): (reader: EventReader) => boolean {
  return ({ events }) =>
    events.some(
      ({ event }) => event.type === "run" && event.run.id === id && event.run.testAccuracy !== null,
    );
}

function epochsIn({ events }: EventReader): number[] {
  return events.flatMap(({ event }) =>
    event.type === "epochs" ? event.epochs.map(({ epoch }) => epoch) : [],
  );
}

async function weightsOf(name: string): Promise<readonly unknown[]> {
  const backend = createJavaScriptBackend();
  const { network } = await loadModel(join(folder, name, "model.safetensors"), { backend });
  return network.parameters.map(({ name, value }) => [name, toArray(value)]);
}

async function command(address: string, id: string, command: TrainingCommand): Promise<void> {
  await tell(address, `api/runs/${id}/command`, { command });
}

/** Asks for the events, and reads nothing of the answer. */
async function connectDeafReader(address: string, after: number): Promise<void> {
  const { hostname, port, host } = new URL(address);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve).once("error", reject);
  });
  socket.pause();
  socket.write(`GET /api/events?after=${after} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
}
