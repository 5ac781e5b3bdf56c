import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Overview, RunSummary, TrainingMessage } from "../../../src/live/protocol.js";
import type { LiveWorkerClose, LiveWorkerData, LiveWorkerReport } from "../../../src/live/worker-messages.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { readEvents } from "../support/event-reader.js";

const PROGRAM = fileURLToPath(new URL("../../../dist/live/server/live-worker.js", import.meta.url));

const folder = temporaryFolder();

/** Starts the built thread, as a training does. */
function start(data: Partial<LiveWorkerData> = {}) {
  const workerData: LiveWorkerData = {
    host: null,
    port: 0,
    name: "By hand",
    folder: null,
    settings: { Network: "784-50-10" },
    dataset: "mnist",
    images: null,
    ...data,
  };
  const worker = new Worker(PROGRAM, { workerData });
  onTestFinished(async () => {
    await worker.terminate();
  });
  const reports: LiveWorkerReport[] = [];
  worker.on("message", (report: LiveWorkerReport) => reports.push(report));
  const exited = new Promise<number>((resolve) => worker.once("exit", resolve));
  const addressOf = async () => {
    await vi.waitFor(() => expect(reports).not.toEqual([]), { timeout: 20_000 });
    const [first] = reports;
    if (typeof first !== "object" || first.type !== "listening") throw new Error(JSON.stringify(first));
    return first.address;
  };
  return {
    worker,
    reports,
    exited,
    addressOf,
    send: (message: TrainingMessage) => worker.postMessage(message),
  };
}

const BEGIN: TrainingMessage = {
  type: "begin",
  training: {
    epochs: 5,
    stepsPerEpoch: 10,
    examplesPerEpoch: 1000,
    history: [],
    network: "784-50-10",
    layers: ["layers.0", "layers.1"],
    loss: "MSE",
    optimizer: "sgd",
  },
};

describe("the thread that serves the page of a training", () => {
  it("tells pages of the training, whatever was said before it listened", async () => {
    const { send, addressOf } = start();
    send(BEGIN);
    send({ type: "state", state: "training" });
    const address = await addressOf();
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const { runs, lastEventId } = (await (await fetch(`${address}api/overview`)).json()) as Overview;
    expect(runs).toMatchObject([
      { name: "By hand", state: "training", network: "784-50-10", dataset: "mnist" },
    ]);
    const reader = await readEvents(address, { after: lastEventId });
    onTestFinished(() => reader.leave());
    send({ type: "end", state: "finished", testAccuracy: 0.9 });
    await reader.until(({ events }) =>
      events.some(({ event }) => event.type === "run" && event.run.testAccuracy === 0.9),
    );
  });

  it("tells pages how the training has ended before it ends itself", async () => {
    const { worker, send, addressOf, exited } = start();
    send(BEGIN);
    const address = await addressOf();
    const { lastEventId } = (await (await fetch(`${address}api/overview`)).json()) as Overview;
    const reader = await readEvents(address, { after: lastEventId });
    send({ type: "end", state: "finished", testAccuracy: 0.9 });
    worker.postMessage({ type: "close" } satisfies LiveWorkerClose);
    await reader.toTheEnd();
    const [last] = reader.events.flatMap(({ event }) => (event.type === "run" ? [event.run] : [])).slice(-1);
    expect(last).toMatchObject({ state: "finished", testAccuracy: 0.9 });
    expect(await exited).toBe(0);
  });

  it("tells the training what a page asks of it", async () => {
    const { send, addressOf, reports } = start();
    send(BEGIN);
    send({ type: "state", state: "training" });
    const address = await addressOf();
    const { runs } = (await (await fetch(`${address}api/overview`)).json()) as Overview;
    const [run] = runs as readonly [RunSummary];
    const response = await fetch(`${address}api/runs/${run.id}/command`, {
      method: "POST",
      headers: { origin: new URL(address).origin, "content-type": "application/json" },
      body: JSON.stringify({ command: "pause" }),
    });
    expect(response.status).toBe(200);
    await vi.waitFor(() => expect(reports.at(-1)).toBe("pause"));
  });

  it("keeps what is drawn where there is a folder for it, and says where there is none", async () => {
    const keeps = await start({ drawings: folder }).addressOf();
    expect(await (await fetch(`${keeps}api/drawings`)).json()).toMatchObject({ folder, count: 0 });
    const keepsNot = await start().addressOf();
    expect((await fetch(`${keepsNot}api/drawings`)).status).toBe(404);
  });

  it("tells why it cannot listen, and ends", async () => {
    const { reports, exited } = start({ host: "192.0.2.1" });
    expect(await exited).toBe(0);
    expect(reports).toEqual([
      {
        type: "failed",
        code: "ERR_INVALID_ARGUMENT",
        message:
          'Expected an address or name of this machine for host but received "192.0.2.1"; leave it out for this machine alone, or give 0.0.0.0 for all of its addresses.',
      },
    ]);
  });

  it("asks others than this machine for a token, which stands in its address", async () => {
    const { addressOf } = start({ host: "0.0.0.0" });
    const { searchParams, port } = new URL(await addressOf());
    expect(searchParams.get("token")).toMatch(/^[\w-]{22}$/);
    expect((await fetch(`http://127.0.0.1:${port}/api/overview`)).status).toBe(401);
  });
});
