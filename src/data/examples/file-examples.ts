import { DataFormatError } from "../../errors.js";
import { contentOf } from "../../formats/byte-source.js";
import type { ExampleFormat, ExamplePiece } from "./example.js";

type FileKind = "idx" | "npy" | "jsonl" | "text";

/** Enough to tell what a file is. */
const FIRST_BYTES = 1 << 12;

/**
 * The examples of a file of any size, in pieces of bounded memory: images in IDX, an array of NumPy, lines of JSON, or values that commas,
 * semicolons or tabs separate, as its content tells; each raw or compressed by gzip.
 *
 * @throws FileAccessError when it cannot be read.
 * @throws DataFormatError when it is none of these, and as their readers. ShapeError and LabelRangeError as these.
 */
export async function* fileExamples(file: string, format: ExampleFormat): AsyncGenerator<ExamplePiece, void> {
  switch (await kindOfFile(file)) {
    case "idx":
      yield* (await import("./array-examples.js")).idxExamples(file, format);
      return;
    case "npy":
      yield* (await import("./array-examples.js")).npyExamples(file, format);
      return;
    case "jsonl": {
      const [{ jsonExamples }, { linesOfFile }] = await Promise.all([
        import("./json-examples.js"),
        import("./text-lines.js"),
      ]);
      yield* jsonExamples(linesOfFile(file, format.inputs), format, file);
      return;
    }
    default:
      yield* await separatedExamples(file, format);
  }
}

/** Every row of a table where the network reads one, else every line of a CSV file of images. */
async function separatedExamples(file: string, format: ExampleFormat) {
  if (format.columns === undefined) return (await import("./csv-examples.js")).csvExamples(file, format);
  return (await import("./table-examples.js")).tableExamples(file, format.columns, format);
}

async function kindOfFile(file: string): Promise<FileKind> {
  const content = contentOf(file, { chunkBytes: FIRST_BYTES });
  const { value } = await content.next();
  await content.return();
  const first = Buffer.from(value ?? []);
  if (first.length === 0) throw new DataFormatError(`${file} holds no examples: it is empty.`);
  const magic = first.toString("latin1", 0, 6);
  if (magic === "\x93NUMPY") return "npy";
  if (magic.startsWith("\0\0")) return "idx";
  if (magic.startsWith("\x89PNG")) {
    throw new DataFormatError(`${file} is a picture; name it after the model, without --batch.`);
  }
  if (first.includes(0)) {
    throw new DataFormatError(
      `${file} is neither text nor images in IDX nor an array of NumPy; save the examples as one of these.`,
    );
  }
  const text = first.toString("utf8").replace(/^\ufeff/, "");
  return /^\s*[[{]/.test(text) ? "jsonl" : "text";
}
