import { setImmediate } from "node:timers/promises";
import type { Inputs } from "../../data/dataset.js";
import type { ExampleFormat, ExamplePiece } from "../../data/examples/example.js";
import { fileExamples } from "../../data/examples/file-examples.js";
import { jsonExamples } from "../../data/examples/json-examples.js";
import { largestLine } from "../../data/examples/text-lines.js";
import type { DataChoice } from "../../data/open-data.js";
import { isStream } from "../../data/stream.js";
import { labelsOfRows } from "../../data/targets.js";
import { lineGroups } from "../../formats/line-groups.js";
import { readPngAsGray } from "../../formats/png.js";
import { notesOn, preparePicture } from "../../runs/model-pictures.js";
import { columnsOfModel, openModelsData, openUnlabelledRows } from "../../runs/recorded-data.js";
import { asFileAccessError } from "../../system/system-error.js";
import { imageShapeOf } from "../../training/model-metadata.js";
import { trueValues } from "../../training/true-values.js";
import { noticeOtherData } from "../model-notices.js";
import { UsageError } from "../process.js";
import type { AskedExample, AskedPiece } from "./answer.js";
import type { AskedModel } from "./asked-model.js";
import { positionsIn, type RowRange } from "./row-ranges.js";

// Where the examples come from that are to be predicted.

type Source = AsyncGenerator<AskedPiece, void>;

/** PNG files, one after the other. */
export async function* pictureSource(paths: readonly string[], model: AskedModel): Source {
  if (model.metadata.dataset === "table" || model.format.columns !== undefined) {
    throw new UsageError("Expected --table FILE --row N, because the model reads tables and not pictures.");
  }
  const shape = imageShapeOf(model, model.path);
  for (const [i, path] of paths.entries()) {
    const digit = preparePicture(await readPngAsGray(path), model, shape, path);
    const example = {
      example: digit.pixels,
      key: { kind: "file", value: path },
      truth: [],
      notes: notesOn(digit),
    } as const;
    yield { examples: [example], share: (i + 1) / paths.length };
  }
}

/** Rows at once; while they are predicted and written, signals are heard. */
const PIECE = 1000;

/** Examples of the test set, or of a table that lacks its target, by their places. */
export async function* rowSource(ranges: readonly RowRange[], choice: DataChoice, model: AskedModel): Source {
  const unlabelled = await openUnlabelledRows(choice, model.metadata);
  if (unlabelled !== undefined) {
    yield* rowsOf(unlabelled, positionsIn(ranges, unlabelled.rows.length, "the table's"), () => []);
    return;
  }
  const data = await openModelsData(choice, model.metadata);
  try {
    noticeOtherData(model.metadata, data, model.path);
    const { test } = data.parts;
    if (isStream(test)) {
      throw new UsageError(
        "Expected a picture, because the test set is too large for --row, which takes it in memory.",
      );
    }
    const positions = positionsIn(ranges, test.rows.length, "the test set's");
    yield* rowsOf(test, positions, (rows) => {
      const { targets } = test;
      if (targets.kind === "classes") {
        return Array.from(labelsOfRows(targets.labels, rows), (label) => [label]);
      }
      const values = trueValues({ ...test, rows });
      const { width } = targets;
      return Array.from(rows, (_, i) => [...values.slice(i * width, (i + 1) * width)]);
    });
  } finally {
    await data.close();
  }
}

async function* rowsOf(
  { features, rows }: Inputs,
  positions: Int32Array,
  truthOf: (rows: Int32Array) => readonly (readonly number[])[],
): Source {
  const { data, width } = features;
  for (let first = 0; first < positions.length; first += PIECE) {
    const some = positions.subarray(first, first + PIECE);
    const chosen = some.map((position) => rows[position] as number); // Checked by positionsIn.
    const truth = truthOf(chosen);
    const examples = Array.from(chosen, (row, i): AskedExample => {
      const key = { kind: "row", value: some[i] as number } as const;
      return { example: data.subarray(row * width, (row + 1) * width), key, truth: truth[i] ?? [] };
    });
    yield { examples, share: (first + some.length) / positions.length };
    await setImmediate();
  }
}

/** Every example of a file of any size. */
export async function* fileSource(file: string, format: ExampleFormat): Source {
  yield* asked(fileExamples(file, format));
}

/** Every image of a CSV file. */
export async function* csvSource(file: string, model: AskedModel, labelColumn: string | undefined): Source {
  if (model.format.columns !== undefined) {
    throw new UsageError("Expected --table FILE, because the model reads tables, but received --csv.");
  }
  const { csvExamples } = await import("../../data/examples/csv-examples.js");
  yield* asked(csvExamples(file, model.format, { labelColumn }));
}

/** Every row of a table. */
export async function* tableSource(file: string, model: AskedModel): Source {
  const { tableExamples } = await import("../../data/examples/table-examples.js");
  yield* asked(tableExamples(file, columnsOfModel(model.metadata), model.format));
}

/** Lines of JSON as they come on standard input. */
export async function* standardInputSource(format: ExampleFormat, signal: AbortSignal | undefined): Source {
  const name = "standard input";
  const largest = largestLine(format.inputs);
  yield* asked(jsonExamples(lineGroups(standardInput(signal), { largest, name }), format, name));
}

async function* standardInput(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void> {
  const { stdin } = process;
  const end = () => void stdin.destroy(signal?.reason); // Who waits for a line must hear Ctrl-C.
  signal?.addEventListener("abort", end);
  try {
    for await (const chunk of stdin as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    signal?.throwIfAborted();
    throw asFileAccessError(error, "Standard input");
  } finally {
    signal?.removeEventListener("abort", end);
    stdin.destroy(); // After a fault nobody reads on, and the process is to end.
  }
}

async function* asked(pieces: AsyncIterable<ExamplePiece>): Source {
  for await (const { examples, share } of pieces) {
    yield {
      share,
      examples: examples.map(({ example, id, isNamed, truth }) => ({
        example,
        key: { kind: isNamed ? "id" : "row", value: id },
        truth: truth === null ? [] : [truth],
      })),
    };
  }
}
