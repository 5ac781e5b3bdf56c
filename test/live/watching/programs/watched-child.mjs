// A process that trains, and tells its parent how it goes. Its first argument says what it does besides.
import { createDataset, createJavaScriptBackend, fit, MultilayerPerceptron } from "mnist-native";
import { processChannel } from "../../../../dist/live/watching/process-channel.js";
import { watchTraining } from "../../../../dist/live/watching/watch-training.js";

const [, , task, hidden = "3"] = process.argv;
const labels = Uint8Array.from({ length: 40 }, (_, i) => i % 4);
const images = Uint8Array.from({ length: 40 * 16 }, (_, i) => (i * 37) % 256);
const dataset = createDataset({ images, labels, imageShape: [4, 4], classes: 4 });
const backend = createJavaScriptBackend();
const network = new MultilayerPerceptron({ layers: [16, Number(hidden), 4], backend });
const channel = processChannel();
const { callback, ended } = watchTraining(channel);
const pausing = { onEpochEnd: ({ control, epoch }) => epoch === 1 && control.pause() };
const callbacks = task === "pauses" ? [callback, pausing] : [callback];
const { epochs } = await fit(network, dataset, { epochs: 3, callbacks });
ended({ state: "finished", testAccuracy: 0.5 });
if (task === "closes") channel.close();
process.exitCode = epochs.length === 3 ? 0 : 1;
