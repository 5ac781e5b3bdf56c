import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createModelViews } from "../../../src/live/looking/model-views.js";
import type { ModelView } from "../../../src/live/model-views.js";
import type { RunDetail } from "../../../src/live/protocol.js";
import type { RunLibrary, RunModel } from "../../../src/live/run-library.js";
import { crossEntropy } from "../../../src/nn/losses/cross-entropy.js";
import type { Loss } from "../../../src/nn/losses/loss.js";
import type { LayerSpecification } from "../../../src/nn/specification.js";
import { dense } from "../../../src/nn/specification.js";
import { MODEL_FILE } from "../../../src/runs/run-folder.js";
import { writeSmallData } from "../../cli/small-data.js";
import { keepRun } from "../../support/library-runs.js";

// Runs on 1,400 digits that the program has drawn, as a page looks at them.

export interface RunOptions {
  readonly hidden?: readonly LayerSpecification[];
  readonly output?: LayerSpecification;
  readonly loss?: Loss;
  readonly epochs?: number;
}

/** A run in a folder of its own below `parent`, and its model. */
export async function drawnRun(parent: string, name: string, options: RunOptions = {}): Promise<RunModel> {
  const { hidden = [dense(48, "relu")], output = dense(10, "softmax"), loss = crossEntropy() } = options;
  const dataDir = writeSmallData(parent, `${name}-data`);
  const folder = join(parent, name);
  const network = { layers: [784, ...hidden, output] as const, loss };
  await keepRun(folder, { dataDir }, network, { epochs: options.epochs ?? 8 });
  return { version: 1, bytes: await readFile(join(folder, MODEL_FILE)), folder, images: null };
}

/** A library of these models, that counts how often it was asked. */
export function libraryOf(models: Record<string, RunModel | undefined>) {
  const asked: string[] = [];
  const library: Pick<RunLibrary, "detail" | "model"> = {
    detail: (id) => (id in models ? ({ modelVersion: models[id]?.version ?? 0 } as RunDetail) : undefined),
    async model(id) {
      asked.push(id);
      return models[id];
    },
  };
  return { library, asked };
}

/** The view of a single model. */
export async function viewOf(
  model: RunModel,
  options: { readonly mnistDirectory?: string } = {},
): Promise<ModelView> {
  const view = await createModelViews({ library: libraryOf({ run: model }).library, ...options }).of("run");
  if (view === undefined) throw new Error("There is no view of the model.");
  return view;
}
