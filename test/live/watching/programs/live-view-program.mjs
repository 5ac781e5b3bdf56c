// A program with a page: it prints where the page is and what becomes of its training. The arguments: the name that the worker goes by, and
// "waits" or "closes".
import { createDataset, createJavaScriptBackend, fit, MultilayerPerceptron } from "mnist-native";
import { startLivePage } from "../../../../dist/live/watching/live-page.js";
import { createLiveView } from "../../../../dist/live/watching/live-view.js";

const [, , name, ...words] = process.argv;
const labels = Uint8Array.from({ length: 40 }, (_, i) => i % 4);
const images = Uint8Array.from({ length: 40 * 16 }, (_, i) => (i * 37) % 256);
const dataset = createDataset({ images, labels, imageShape: [4, 4], classes: 4 });
const network = new MultilayerPerceptron({ layers: [16, 3, 4], backend: createJavaScriptBackend() });
const receiver = new URL("receiver.mjs", import.meta.url);
const live = createLiveView(
  { name, images: dataset, waits: words.includes("waits"), onListening: (address) => console.log(address) },
  (data) => startLivePage(data, receiver),
);
process.on("warning", ({ message }) => console.log(message));
if (words.includes("closes"))
  process.on("SIGTERM", () => void live.close().then(() => console.log("closed")));
// What the worker asks for comes in a pause, however slow it is.
const pausing = { onEpochEnd: ({ control, epoch }) => epoch === 1 && name !== "Training" && control.pause() };
const history = await fit(network, dataset, { epochs: 3, callbacks: [live, pausing] });
console.log(`trained ${history.epochs.length} epochs`);
