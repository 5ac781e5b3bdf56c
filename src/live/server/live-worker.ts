import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { MnistNativeError } from "../../errors.js";
import { createDrawings } from "../drawings/drawings.js";
import type { TrainingMessage } from "../protocol.js";
import { createRunLibrary, type LiveRunLibrary } from "../runs/create-run-library.js";
import type {
  LiveWorkerClose,
  LiveWorkerData,
  LiveWorkerFailure,
  LiveWorkerListening,
} from "../worker-messages.js";
import { serveLibrary } from "./create-server.js";
import { createEventLog } from "./event-log.js";
import { listen } from "./listen.js";

// The thread that serves the page of trainings, one after another, which go on in the thread that has started this one. See `worker-messages`.

if (parentPort === null) throw new Error("live-worker is a worker thread's program, and runs in none.");
await serveTraining(parentPort, workerData as LiveWorkerData);

async function serveTraining(port: MessagePort, data: LiveWorkerData): Promise<void> {
  try {
    const { host, port: wanted, drawings: drawn } = data;
    const events = createEventLog();
    const library = createRunLibrary({ events, paths: [], newRuns: null });
    const drawings = drawn === undefined ? null : createDrawings({ folder: drawn });
    const served = serveLibrary({ events, library, drawings, hosts: host === null ? [] : [host] });
    const { address, close } = await listen(served, { host: host ?? undefined, port: wanted ?? undefined });
    attachTrainings(port, library, data);
    port.on("message", (message: TrainingMessage | LiveWorkerClose) => {
      if (message.type === "close") void close().then(() => process.exit()); // It ends this thread alone.
    });
    port.postMessage({ type: "listening", address } satisfies LiveWorkerListening);
  } catch (error) {
    const code = error instanceof MnistNativeError ? error.code : null;
    const message = error instanceof Error ? error.message : String(error);
    port.postMessage({ type: "failed", code, message } satisfies LiveWorkerFailure);
  }
}

/** A program may train again and again: each training after the first is a run of its own from its beginning on. */
function attachTrainings(port: MessagePort, library: LiveRunLibrary, data: LiveWorkerData): void {
  const { folder, images, name, settings, dataset } = data;
  let tell: (message: TrainingMessage) => void = () => {};
  let hasBegun = false;
  let hasEnded = false;
  const attach = () => {
    let own: typeof tell | undefined;
    library.attach({
      onMessage(listener) {
        own = listener;
        tell = listener;
      },
      send(command) {
        if (tell === own) port.postMessage(command);
      },
      folder,
      images,
      name,
      settings,
      dataset,
    });
  };
  attach();
  port.on("message", (message: TrainingMessage | LiveWorkerClose) => {
    if (message.type === "close") return;
    if (message.type === "begin") {
      // Nobody has told how one ended that was cut short.
      if (hasBegun && !hasEnded) tell({ type: "end", state: "failed", reason: "another training has begun" });
      if (hasBegun) attach();
      hasBegun = true;
    }
    hasEnded = message.type === "end" || (hasEnded && message.type !== "begin");
    tell(message);
  });
}
