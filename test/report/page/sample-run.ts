import { DOMParser, type Document, type Element } from "@xmldom/xmldom";
import type { ImageDataset } from "../../../src/data/dataset.js";
import type { ReportedRun } from "../../../src/report/page/reported-run.js";
import type { TestedImages } from "../../../src/report/page/tested-images.js";
import type { RunSettings } from "../../../src/runs/settings.js";
import { sampleDataset, sampleEpochs } from "../figures/sample-data.js";

export interface SampleOptions {
  readonly name?: string;
  readonly classes?: number;
  readonly imageShape?: readonly [number, number];
  readonly classNames?: readonly string[];
  readonly epochs?: number;
  readonly images?: number;
  /** Every so many predictions, one is wrong; 0: none is. */
  readonly mistakeEvery?: number;
  readonly hidden?: number;
}

const SETTINGS: RunSettings = {
  layers: [784, 50, 10],
  origin: null,
  lossNames: { short: "MSE", long: "mean squared error" },
  learns: "classes",
  layerWords: null,
  loss: null,
  optimizer: null,
  schedule: null,
  stopping: null,
  reduceOnPlateau: null,
  penalty: null,
  classWeights: null,
  selectedClasses: null,
  from: null,
  frozen: null,
  epochs: 12,
  batchSize: 100,
  learningRate: 0.1,
  augment: null,
  seed: 123,
  splitSeed: 123,
  fold: null,
  dataset: "mnist",
  split: "chapter",
  dtype: "float32",
  backend: "native",
  kernelSet: "avx2",
  threads: 2,
  version: "0.1.0",
  classNames: null,
  imageShape: [28, 28],
  examples: { train: 55_000, validation: 5_000, test: 10_000 },
  environment: {
    processor: "A processor",
    processors: 2,
    platform: "linux-x64",
    node: "v20.20.0",
    peakGflops: 180,
  },
  command: ["train", "--data-dir", "data", "--seed", "123"],
};

/** A run with every part there is, whose figures agree with each other. */
export function sampleRun(
  options: SampleOptions = {},
): ReportedRun & { readonly dataset: ImageDataset; readonly test: TestedImages } {
  const { name = "sample", classes = 10, imageShape = [28, 28], classNames, epochs = 12 } = options;
  const { images = classes * 12, mistakeEvery = 7, hidden = 5 } = options;
  const labels = Array.from({ length: images }, (_, i) => i % classes);
  const dataset = sampleDataset(labels, {
    classes,
    imageShape,
    ...(classNames === undefined ? {} : { classNames }),
  });
  const isWrong = (i: number) => mistakeEvery > 0 && i % mistakeEvery === 0;
  const predictions = labels.map((label, i) => (isWrong(i) ? (label + 1) % classes : label));
  const confidences = Float64Array.from(labels, (_, i) => (isWrong(i) ? 0.3 : 0.6) + ((i * 37) % 101) / 300);
  const correct = labels.filter((_, i) => !isWrong(i)).length;
  const pixels = imageShape[0] * imageShape[1];
  return {
    name,
    dataset,
    settings: {
      ...SETTINGS,
      layers: [pixels, hidden, classes],
      epochs,
      imageShape,
      classNames: classNames ?? null,
      examples: { train: 55_000, validation: 5_000, test: images },
    },
    epochs: sampleEpochs(epochs),
    result: {
      testLoss: 0.0123,
      testCorrect: correct,
      testCount: images,
      seconds: 12.5,
      interrupted: false,
    },
    test: { dataset, predictions, confidences },
    weights: {
      weights: Float32Array.from({ length: hidden * pixels }, (_, i) => Math.sin(i * 0.7)),
      imageShape,
    },
    notices: [],
  };
}

/** The page as a browser would read it; anything but well-formed HTML is an error. */
export function parsePage(page: string): Document {
  const onError = (level: string, message: string) => {
    if (level !== "warning") throw new Error(`${level}: ${message}`);
  };
  return new DOMParser({ onError }).parseFromString(page, "text/html");
}

export function byId(document: Document, id: string): Element {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element #${id}.`);
  return element;
}

export function byClass(parent: Document | Element, name: string): Element[] {
  return [...parent.getElementsByClassName(name)];
}

/** Text with single spaces. */
export function textOf(element: Element | null | undefined): string {
  return (element?.textContent ?? "").replaceAll(/\s+/g, " ").trim();
}

/** The cells of a table, row by row. */
export function rowsOf(table: Element): string[][] {
  return [...table.getElementsByTagName("tr")].map((row) =>
    [...row.childNodes]
      .filter((cell) => cell.nodeName === "th" || cell.nodeName === "td")
      .map((cell) => textOf(cell as Element)),
  );
}
