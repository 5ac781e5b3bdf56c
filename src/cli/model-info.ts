import type { BackendName } from "../backend/backend.js";
import { selectBackend } from "../backend/select.js";
import { originOfModel } from "../runs/import-origin.js";
import { loadRunModel } from "../runs/load-run-model.js";
import { printable } from "../system/printable.js";
import { noticeDivergence } from "./model-notices.js";
import { networkTable } from "./network-table.js";
import { print, printJson } from "./process.js";

/** Tells what a model is: its layers, and what it says of the training that made it. */
export async function tellModel(
  path: string,
  { backend, json }: { readonly backend: BackendName | undefined; readonly json: boolean },
): Promise<void> {
  const { network, metadata } = await loadRunModel(path, { backend: selectBackend({ backend }) });
  noticeDivergence(network, path);
  const summary = network.summary();
  if (json) {
    printJson({ model: path, dtype: network.dtype, network: network.specification, summary, metadata });
    return;
  }
  for (const line of await networkTable(summary)) print(line);
  const { dataset, split, epochs, version } = metadata;
  const origin = originOfModel(metadata);
  print(`Loss: ${network.loss.name}; numbers: ${network.dtype}`);
  if (dataset !== undefined) {
    print(
      `${origin === undefined ? "Trained on" : "Data"}: ${printable(dataset)}${split === undefined ? "" : `, split ${printable(split)}`}${epochs === undefined ? "" : `, ${printable(epochs)} epochs`}${version === undefined ? "" : `, by version ${printable(version)}`}`,
    );
  }
  if (origin !== undefined) {
    print(`Imported from: ${printable(origin.file)} (${origin.form}), SHA-256 ${origin.sha256}`);
  }
}
