// How long a predictor takes for one image.
import { createPredictor, MultilayerPerceptron } from "mnist-native";
import { imageLike } from "./training.mjs";

const PIXELS = 784;

/**
 * Microseconds from the call of `predict` to its result, for images as bytes and as numbers, one after the other: each call is timed by itself,
 * the clock's own time included (some 0.1 µs). The first tenth of the calls does not count, as V8 compiles then.
 *
 * @param {import("mnist-native").Backend} backend
 * @returns {{ name: string, p50: number, p99: number }[]}
 */
export function benchmarkPrediction(backend, { calls, layers = [PIXELS, 50, 10] }) {
  const predictor = createPredictor(new MultilayerPerceptron({ layers, backend }));
  const { data } = imageLike(1000).features;
  const images = Array.from({ length: 1000 }, (_, row) => data.slice(row * PIXELS, (row + 1) * PIXELS));
  const numbers = images.map((image) => Float32Array.from(image, (pixel) => (pixel * 2) / 255 - 1));
  return [
    { name: "bytes", ...latencyOf(predictor, images, calls) },
    { name: "numbers", ...latencyOf(predictor, numbers, calls) },
  ];
}

function latencyOf(predictor, examples, calls) {
  const times = new Float64Array(calls);
  for (let i = 0; i < calls; i++) {
    const example = examples[i % examples.length];
    const start = performance.now();
    predictor.predict(example);
    times[i] = (performance.now() - start) * 1000;
  }
  const sorted = times.subarray(calls / 10).sort();
  const at = (share) => sorted[Math.floor(sorted.length * share)];
  return { p50: at(0.5), p99: at(0.99) };
}
