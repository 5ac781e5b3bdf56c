import type { FloatArray } from "../../src/backend/backend.js";
import { peer } from "./interchange-peers.js";

/** What is used of onnxruntime-node, which need not be installed. */
interface OnnxRuntime {
  readonly Tensor: new (type: string, data: ArrayBufferView, dims: readonly number[]) => RuntimeTensor;
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<RuntimeSession>;
  };
}

interface RuntimeTensor {
  readonly type: string;
  readonly data: FloatArray;
  readonly dims: readonly number[];
}

interface RuntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, RuntimeTensor>>): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

const runtime = peer<OnnxRuntime>("onnxruntime-node");

/** Whether ONNX Runtime is there: skip the test with `it.skipIf` where it is not. */
export const hasOnnxRuntime = runtime !== undefined;

/** A model in ONNX Runtime, which has one input and one output. */
export interface RuntimeModel {
  readonly input: string;
  readonly output: string;
  /** @param rows [n_rows, width] */
  run(rows: FloatArray | Uint8Array, width: number): Promise<Pick<RuntimeTensor, "data" | "dims">>;
}

const TYPES = new Map<unknown, string>([
  [Float32Array, "float32"],
  [Float64Array, "float64"],
  [Uint8Array, "uint8"],
]);

/** Opens a model for `use` in ONNX Runtime, on one thread, so that the other tests have theirs. */
export async function withRuntimeModel<T>(
  bytes: Uint8Array,
  use: (model: RuntimeModel) => Promise<T>,
): Promise<T> {
  if (runtime === undefined) throw new Error("ONNX Runtime is not installed.");
  const session = await runtime.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const [input = "", ...moreInputs] = session.inputNames;
    const [output = "", ...moreOutputs] = session.outputNames;
    if (moreInputs.length + moreOutputs.length > 0)
      throw new Error("There is more than one input and output.");
    return await use({
      input,
      output,
      async run(rows, width) {
        const type = TYPES.get(rows.constructor) ?? "";
        const found = await session.run({
          [input]: new runtime.Tensor(type, rows, [rows.length / width, width]),
        });
        const result = found[output];
        if (result === undefined) throw new Error(`There is no ${output} in what ONNX Runtime gives.`);
        return result;
      },
    });
  } finally {
    await session.release();
  }
}
