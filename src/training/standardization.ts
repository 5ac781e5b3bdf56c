import { type DatasetOrStream, exampleCount, partsOf } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { Standardize } from "../nn/standardize.js";
import type { Divided } from "./evaluate.js";

/**
 * Gives a network that begins with `standardize()` mean and deviation of each input, as these examples have them, unless it knows them
 * already. The deviation is that of the examples themselves, as scikit-learn's StandardScaler takes it.
 *
 * @param divided What of the examples is read here, where others read the rest. Default: all.
 * @throws InvalidArgumentError for an input that is the same in all examples.
 */
export async function learnStandardization(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  signal?: AbortSignal,
  divided?: Divided,
): Promise<void> {
  const [first] = network.layers;
  if (!(first instanceof Standardize) || first.hasLearned) return;
  const count = exampleCount(dataset);
  const { width } = dataset.features;
  // The mean first and then the squares of what is left: nothing cancels.
  const mean = (await sums(dataset, (x) => x, signal, divided)).map((sum) => sum / count);
  const squares = await sums(dataset, (x, j) => (x - (mean[j] as number)) ** 2, signal, divided);
  const deviation = squares.map((sum) => Math.sqrt(sum / count));
  const constant = deviation.findIndex((value) => !(value > 0));
  if (constant !== -1) {
    const { features } = dataset;
    const name = features.kind === "floats" ? features.names?.[constant] : undefined;
    throw new InvalidArgumentError(
      `Expected inputs that differ between examples, to standardize them, but column ${name ?? constant} of ${width} is the same in all ${count}; leave it out.`,
    );
  }
  first.learn(mean, deviation);
}

/** For each input the sum over the examples of what `of` makes of it, in double. */
async function sums(
  dataset: DatasetOrStream,
  of: (x: number, column: number) => number,
  signal: AbortSignal | undefined,
  divided: Divided | undefined,
): Promise<Float64Array> {
  const { width } = dataset.features;
  const total = new Float64Array(width);
  for await (const { features, rows } of divided?.parts(signal) ?? partsOf(dataset, { signal })) {
    const { data } = features;
    const [scale, offset] = features.kind === "bytes" ? [features.scale, features.offset] : [1, 0];
    for (const row of rows) {
      for (let j = 0; j < width; j++) {
        const x = (data[row * width + j] as number) * scale + offset; // The row is one of the dataset's.
        total[j] = (total[j] as number) + of(x, j);
      }
    }
  }
  await divided?.addUp(total);
  return total;
}
