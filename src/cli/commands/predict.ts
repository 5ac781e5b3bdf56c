import { extname } from "node:path";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../../backend/select.js";
import type { DataChoice } from "../../data/open-data.js";
import { isSameFile } from "../../system/same-file.js";
import { dataOptions, readDataOptions } from "../options/data.js";
import { backendOptions, jsonOption, readBackendOptions } from "../options/shared.js";
import { STANDARD_INPUT } from "../options/standard-input.js";
import { type AskedPiece, answersFor } from "../predictions/answer.js";
import { type AskedModel, openModel } from "../predictions/asked-model.js";
import { ANSWER_FORMATS, type AnswerFormat } from "../predictions/formats.js";
import { tellAnswer } from "../predictions/one-answer.js";
import { predictAll } from "../predictions/predict-all.js";
import { isSingleRow, type RowRange, readRowRanges } from "../predictions/row-ranges.js";
import {
  csvSource,
  fileSource,
  pictureSource,
  rowSource,
  standardInputSource,
  tableSource,
} from "../predictions/sources.js";
import { interruptSignal, UsageError } from "../process.js";

const options = {
  row: {
    requiresArg: true,
    describe:
      "Rows from 0, such as 3 or 0-99,205, of the test set of the split that the model was trained with, or of --split; or of a table without its target",
  },
  batch: {
    type: "string",
    requiresArg: true,
    describe:
      "File of any size with examples, raw or .gz: CSV, lines of JSON, images in IDX, or an array of NumPy (.npy)",
  },
  format: {
    choices: ANSWER_FORMATS,
    defaultDescription: "by the ending of --out, else jsonl for --batch and -, text for others",
    describe: "How to write many answers, a line for each",
  },
  out: {
    type: "string",
    requiresArg: true,
    alias: "o",
    describe: "File for the answers, which is there when all are written; standard output without it",
  },
  json: { ...jsonOption, describe: "Print one JSON document instead, of many answers a line for each" },
  ...dataOptions,
  csv: {
    ...dataOptions.csv,
    describe: `${dataOptions.csv.describe}; without --row every line, labelled or not`,
  },
  dataset: { ...dataOptions.dataset, defaultDescription: "the one it was trained on" },
  split: { ...dataOptions.split, defaultDescription: "the one it was trained with" },
  ...backendOptions,
} as const;

type PredictArguments = ArgumentsCamelCase<
  InferredOptionTypes<typeof options> & { model: string; images: readonly string[] | undefined }
>;

export function builder(yargs: Argv) {
  return yargs
    .positional("model", {
      type: "string",
      demandOption: true,
      describe: "A model.safetensors that train wrote",
    })
    .positional("images", {
      type: "string",
      array: true,
      describe: "PNG files with one digit each; or - for lines of JSON on standard input",
    })
    .options(options)
    .group(["row", "batch"], "What to predict, where it is no picture:")
    .group(Object.keys(dataOptions), "Data, for --row; of --csv and --table all without it:")
    .example("$0 predict runs/chapter/model.safetensors digit.png", "a picture, for a person")
    .example("$0 predict runs/chapter/model.safetensors one.png two.png", "a line for each")
    .example("$0 predict runs/chapter/model.safetensors --row 0-99,205 --json", "rows of its test set")
    .example("$0 predict runs/chapter/model.safetensors --csv digits.csv -o answers.csv", "every line")
    .example("$0 predict runs/chapter/model.safetensors - < lines.jsonl", "answers each line at once")
    .example("$0 predict runs/chapter/model.safetensors --batch images.gz --format csv", "any size")
    .epilogue(
      [
        'A line of JSON is an array of pixels, 0 to 255, or { "id": …, "pixels": […] }, or { "features": […] } with numbers as the network takes them;',
        "for a table { column: value, … }. A line of the answers has the id, or else row or file; predicted, name and confidence, 0 to 1,",
        "of a class; label, or target, where it is known; probabilities, activations or values; and notes on a picture. CSV has columns for",
        "these but notes, the numbers one by one, such as probability_7. Where outputs do not tell how sure the network is, there is no",
        "confidence. At the first line, or picture, that cannot be read the command says which it is and stops, with exit code 1; the answers",
        "before it have been printed, and a file of --out is not written.",
      ].join(" "),
    );
}

export async function handler({
  model: path,
  images = [],
  row,
  json,
  ...args
}: PredictArguments): Promise<void> {
  const out = args.out === STANDARD_INPUT ? undefined : args.out; // There - is standard output.
  if (args.batch === STANDARD_INPUT) {
    throw new UsageError(
      "Expected a file for --batch; lines of JSON on standard input are predicted by - alone.",
    );
  }
  const ranges = row === undefined ? undefined : readRowRanges(row);
  const choice = readDataOptions(args);
  const source = askedSource({ ...args, images, ranges });
  if (out !== undefined) requireOtherFile(out, [path, ...filesOf(source)]);
  const format = answerFormat(source, { ...args, out, json });
  const model = await openModel(path, selectBackend(readBackendOptions(args)));
  if (isOne(source) && args.format === undefined && out === undefined) {
    await tellOne(open(source, choice, model), model, json);
    return;
  }
  const { signal, release } = interruptSignal();
  try {
    await predictAll(open(source, choice, model, signal), model, { format, out, signal });
  } finally {
    release();
  }
}

/** What is to be predicted. */
type AskedSource =
  | { readonly kind: "pictures"; readonly paths: readonly string[] }
  | { readonly kind: "rows"; readonly ranges: readonly RowRange[] }
  | { readonly kind: "standard input" }
  | { readonly kind: "csv" | "table" | "batch"; readonly file: string };

function filesOf(source: AskedSource): readonly string[] {
  if (source.kind === "pictures") return source.paths;
  return "file" in source ? [source.file] : [];
}

/** Answers would take the place of what somebody still needs. */
function requireOtherFile(out: string, read: readonly string[]): void {
  const own = read.find((file) => isSameFile(file, out));
  if (own === undefined) return;
  throw new UsageError(`Expected another file for --out than ${own}, which is read; name a new one.`);
}

interface SourceArguments extends Readonly<Record<string, unknown>> {
  readonly images: readonly string[];
  readonly ranges: readonly RowRange[] | undefined;
  readonly batch?: string | undefined;
  readonly csv?: string | undefined;
  readonly table?: string | undefined;
}

/** @throws UsageError unless one thing is asked for. */
function askedSource(args: SourceArguments): AskedSource {
  const { images, ranges, batch, csv, table } = args;
  const isInput = images.includes(STANDARD_INPUT);
  const named: readonly (string | false)[] = [
    images.length > 0 && (isInput ? "-" : "a picture"),
    ranges !== undefined && "--row",
    batch !== undefined && "--batch",
    ranges === undefined && csv !== undefined && "--csv",
    ranges === undefined && table !== undefined && "--table",
  ];
  const asked = named.filter((name) => name !== false);
  const [first, second] = asked;
  if (first === undefined) {
    throw new UsageError(
      "Expected what to predict: PNG files, --row N, --csv FILE, --table FILE, --batch FILE, or - for lines of JSON on standard input.",
    );
  }
  if (second !== undefined) {
    throw new UsageError(`Expected one thing to predict but received ${first} and ${second}; leave one out.`);
  }
  if (isInput && images.length > 1) {
    throw new UsageError("Expected either pictures or - for standard input but received both.");
  }
  if (ranges !== undefined) return { kind: "rows", ranges };
  const ofRows = Object.keys(dataOptions).find((name) => args[name] !== undefined && !isOfWhole(name, args));
  if (ofRows !== undefined) throw new UsageError(`Expected --row with --${ofRows}, to say which examples.`);
  if (isInput) return { kind: "standard input" };
  if (batch !== undefined) return { kind: "batch", file: batch };
  if (csv !== undefined) return { kind: "csv", file: csv };
  if (table !== undefined) return { kind: "table", file: table };
  return { kind: "pictures", paths: images };
}

/** Whether an option makes sense for all of a file. */
function isOfWhole(name: string, { csv }: SourceArguments): boolean {
  return name === "csv" || name === "table" || (name === "label-column" && csv !== undefined);
}

function answerFormat(
  { kind }: AskedSource,
  {
    format,
    out,
    json,
  }: {
    readonly format?: AnswerFormat | undefined;
    readonly out?: string | undefined;
    readonly json: boolean;
  },
): AnswerFormat {
  if (json && format !== undefined && format !== "jsonl") {
    throw new UsageError(`Expected either --json or --format ${format}; leave one out.`);
  }
  if (json) return "jsonl";
  const ending = out === undefined ? "" : extname(out).slice(1).toLowerCase();
  const byEnding = ending === "json" ? "jsonl" : ANSWER_FORMATS.find((name) => name === ending);
  return format ?? byEnding ?? (kind === "batch" || kind === "standard input" ? "jsonl" : "text");
}

function isOne(source: AskedSource): boolean {
  if (source.kind === "pictures") return source.paths.length === 1;
  return source.kind === "rows" && isSingleRow(source.ranges);
}

function open(
  source: AskedSource,
  choice: DataChoice,
  model: AskedModel,
  signal?: AbortSignal,
): AsyncGenerator<AskedPiece, void> {
  switch (source.kind) {
    case "pictures":
      return pictureSource(source.paths, model);
    case "rows":
      return rowSource(source.ranges, choice, model);
    case "standard input":
      return standardInputSource(model.format, signal);
    case "csv":
      return csvSource(source.file, model, choice.labelColumn);
    case "table":
      return tableSource(source.file, model);
    default:
      return fileSource(source.file, model.format);
  }
}

async function tellOne(pieces: AsyncIterable<AskedPiece>, model: AskedModel, json: boolean): Promise<void> {
  for await (const { examples } of pieces) {
    for (const answer of answersFor(model.predictor, examples)) tellAnswer(answer, model, json);
  }
}
