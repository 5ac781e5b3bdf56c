import { ACTIVATIONS } from "../../backend/activation.js";
import { isOffline } from "../../data/catalog/cache.js";
import { catalogEntry, DATASET_NAMES, type DatasetName } from "../../data/catalog/catalog.js";
import { locateDataset } from "../../data/catalog/locate.js";
import type { DatasetState, StartChoices, StartSettings } from "../protocol.js";

/** Own drawings as a data set: a name that no published one has. */
export const DRAWINGS = "drawings";
export const SYNTHETIC = "synthetic";

/** Of an image's class; each brings the output that goes with it. */
const LOSSES = ["crossEntropy", "binaryCrossEntropy", "squaredError"] as const;
/** Those that go by minibatches. */
const OPTIMIZERS = ["adam", "adamw", "nadam", "rmsprop", "adagrad", "lion", "sgd"] as const;

export const BOUNDS: StartChoices["bounds"] = {
  layers: 4,
  units: [1, 1024],
  learningRate: [0.00001, 10],
  batchSize: [1, 1000],
  epochs: [1, 1000],
};

/**
 * Some five seconds on two cores. Of MNIST's test images it tells 96.7 % (one seed), and of drawn digits, which differ more than those, all that the
 * tests have: that takes the distortions, which the chapter's network lacks.
 */
const QUICK: StartSettings = {
  dataset: "mnist",
  hidden: [128],
  activation: "relu",
  loss: "crossEntropy",
  optimizer: "adam",
  learningRate: 0.002,
  batchSize: 200,
  epochs: 8,
  seed: 123,
  augment: true,
};

const PRESETS: StartChoices["presets"] = [
  { name: "quick", title: "Quick and good", settings: QUICK },
  {
    name: "chapter",
    title: "As in the book's chapter",
    settings: {
      ...QUICK,
      hidden: [50],
      activation: "sigmoid",
      loss: "squaredError",
      optimizer: "sgd",
      learningRate: 0.1,
      batchSize: 100,
      epochs: 50,
      augment: false,
    },
  },
  {
    name: "large",
    title: "Large and accurate",
    settings: { ...QUICK, hidden: [512, 256], optimizer: "adamw", learningRate: 0.001, epochs: 25 },
  },
];

/** What a new run may be. */
export interface DatasetsHere {
  /** Published ones that are on this machine. */
  readonly published: ReadonlySet<DatasetName>;
  /** Whether those that are not may be downloaded. Default: what `MNIST_NATIVE_OFFLINE` says. */
  readonly mayDownload?: boolean;
  /** Whether there are own drawings, enough to learn from. */
  readonly hasDrawings: boolean;
}

export function startChoices({
  published,
  hasDrawings,
  mayDownload = !isOffline(),
}: DatasetsHere): StartChoices {
  const stateOf = (name: DatasetName): DatasetState =>
    published.has(name) ? "here" : mayDownload ? "download" : "missing";
  // Where MNIST cannot be had, a run on it would learn from drawn digits: so they are what is asked for.
  const isMnistMissing = stateOf("mnist") === "missing";
  return {
    datasets: [
      ...DATASET_NAMES.map((name) => ({
        name,
        title: name === "mnist" ? "MNIST: handwritten digits" : catalogEntry(name).title,
        state: stateOf(name),
      })),
      { name: SYNTHETIC, title: "Digits that the program draws", state: "here" },
      ...(hasDrawings ? [{ name: DRAWINGS, title: "Digits of your own", state: "here" } as const] : []),
    ],
    activations: ACTIVATIONS,
    losses: LOSSES,
    optimizers: OPTIMIZERS,
    bounds: BOUNDS,
    presets: isMnistMissing
      ? PRESETS.map((preset) => ({ ...preset, settings: { ...preset.settings, dataset: SYNTHETIC } }))
      : PRESETS,
  };
}

/** @param dataDir A folder with the files of MNIST, where one was named. */
export async function publishedHere(dataDir: string | undefined): Promise<ReadonlySet<DatasetName>> {
  const here = await Promise.all(
    DATASET_NAMES.map(async (name) => {
      const isNamed = name === "mnist" && dataDir !== undefined;
      return isNamed || (await locateDataset(catalogEntry(name))) !== undefined ? [name] : [];
    }),
  );
  return new Set(here.flat());
}
