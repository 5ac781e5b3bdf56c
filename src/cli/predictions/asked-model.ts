import type { Backend } from "../../backend/backend.js";
import type { ExampleFormat } from "../../data/examples/example.js";
import { loadRunModel } from "../../runs/load-run-model.js";
import type { LoadedModel } from "../../training/model-file.js";
import { readsPixels, tableColumnsOf } from "../../training/model-metadata.js";
import { type Predictor, predictorOf } from "../../training/predictor.js";
import { noticeDivergence } from "../model-notices.js";

/** The model that predicts. */
export interface AskedModel extends LoadedModel {
  readonly path: string;
  readonly predictor: Predictor;
  /** What it reads of each example. */
  readonly format: ExampleFormat;
}

export async function openModel(path: string, backend: Backend): Promise<AskedModel> {
  const model = await loadRunModel(path, { backend });
  noticeDivergence(model.network, path);
  const predictor = predictorOf(model, { batchSize: 1000 });
  const { inputs, outputs, learns, classNames } = predictor;
  const format: ExampleFormat = {
    inputs,
    isPixels: readsPixels(model, path),
    columns: tableColumnsOf(model, path),
    classes: learns === "values" ? null : Math.max(2, outputs), // One output tells two apart.
    classNames,
  };
  return { ...model, path, predictor, format };
}
