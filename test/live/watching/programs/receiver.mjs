// A worker that stands for the page's server: it says where it listens, and does in a pause what its name tells.
import { parentPort, workerData } from "node:worker_threads";

const { host, port, name, images } = workerData;
if (name === "breaks before it listens") throw new Error("There is no room.");
if (name === "ends before it listens") process.exit(3);
if (name === "cannot listen") {
  parentPort.postMessage({
    type: "failed",
    code: "ERR_INVALID_ARGUMENT",
    message: "The ports are all taken.",
  });
  parentPort.close();
} else {
  const shown = images === null ? "" : `?images=${images.labels.length}`;
  parentPort.postMessage({
    type: "listening",
    address: `http://${host ?? "127.0.0.1"}:${port ?? 4747}/${shown}`,
  });
  let pauses = 0;
  parentPort.on("message", ({ type, state }) => {
    if (type !== "state" || state !== "paused") return;
    pauses += 1;
    if (name === "breaks in a pause") throw new Error("It broke.");
    if (name === "steps and stops") parentPort.postMessage(pauses === 1 ? "step" : "stop");
  });
}
