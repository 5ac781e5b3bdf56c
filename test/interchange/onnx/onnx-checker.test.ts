import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exportOnnx } from "../../../src/interchange/onnx/export-onnx.js";
import { pythonWith, runPython } from "../../support/python.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { INPUTS, SAMPLE_NETWORKS } from "../sample-networks.js";

const python = pythonWith("onnx");
const folder = temporaryFolder();

/** Checks each file that is named, infers all shapes anew, and prints what it has read of each. */
const PROGRAM = `
import json, sys
import onnx
from onnx import numpy_helper, shape_inference

def shape(value):
    return [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]

for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    print(json.dumps({
        "inputs": {value.name: shape(value) for value in model.graph.input},
        "outputs": {value.name: shape(value) for value in model.graph.output},
        "inferred": {value.name: shape(value) for value in inferred.value_info},
        "nodes": [node.name for node in model.graph.node],
        "shapes": {name: list(array.shape) for name, array in arrays.items()},
        "dtypes": sorted({str(array.dtype) for array in arrays.values()}),
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "printed": onnx.helper.printable_graph(model.graph),
    }))
`;

interface Checked {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly inferred: Readonly<Record<string, readonly unknown[]>>;
  readonly nodes: readonly string[];
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly dtypes: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly printed: string;
}

describe.skipIf(python === undefined)("ONNX's own checker", () => {
  it("finds nothing wrong in any network, and infers the shape of all that is computed in it", () => {
    const cases = SAMPLE_NETWORKS.flatMap(({ name, create }) =>
      (["float32", "float64"] as const).flatMap((dtype) =>
        (["numbers", "bytes"] as const).map((input) => ({ name, network: create(dtype), dtype, input })),
      ),
    );
    const metadata = { classNames: JSON.stringify(["null", "eins", "zwei", "drei", "vier 🙂"]) };
    const paths = cases.map(({ network, input }, i) => {
      const path = join(folder, `${i}.onnx`);
      writeFileSync(path, exportOnnx(network, { input, metadata }));
      return path;
    });
    const lines = runPython(python ?? "", PROGRAM, paths)
      .trim()
      .split("\n");
    expect(lines).toHaveLength(cases.length);
    for (const [i, { name, network, dtype, input }] of cases.entries()) {
      const found = JSON.parse(lines[i] ?? "") as Checked;
      const where = `${name}, ${dtype}, ${input}`;
      expect(found.inputs, where).toEqual({ [input === "bytes" ? "pixels" : "input"]: ["batch", INPUTS] });
      expect(Object.values(found.outputs), where).toEqual([["batch", network.outputs]]);
      expect(found.dtypes, where).toEqual([dtype]);
      expect(found.metadata, where).toEqual({ ...metadata, network: JSON.stringify(network.specification) });
      expect(found.shapes["layers.0.weight"] ?? found.shapes["layers.1.weight"], where).toHaveLength(2);
      // Of every node but the last, whose result is the output.
      expect(Object.keys(found.inferred), where).toHaveLength(found.nodes.length - 1);
      for (const shape of Object.values(found.inferred)) expect(shape[0], where).toBe("batch");
      expect(found.printed, where).toContain("graph multilayer_perceptron (");
    }
  });
});
