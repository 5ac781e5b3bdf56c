import { basename, dirname, extname, join } from "node:path";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../../backend/select.js";
import { loadRunModel } from "../../runs/load-run-model.js";
import { writeFilesTogether } from "../../system/files.js";
import { isSameFile } from "../../system/same-file.js";
import type { LoadedModel } from "../../training/model-file.js";
import { writeInterruptibly } from "../interruptible-writing.js";
import { noticeDivergence } from "../model-notices.js";
import { jsonOption } from "../options/shared.js";
import { print, printJson, UsageError } from "../process.js";

const FORMS = ["onnx", "npz", "pytorch", "csv", "javascript"] as const;
type Form = (typeof FORMS)[number];

/** Which form a file's ending tells of. */
const ENDINGS: Readonly<Record<string, Form>> = {
  ".onnx": "onnx",
  ".npz": "npz",
  ".py": "pytorch",
  ".csv": "csv",
  ".mjs": "javascript",
  ".js": "javascript",
};

/** The other ending that a form takes: PyTorch's weights lie beside their module, and either may be named. */
const SECOND_ENDINGS: Readonly<Record<string, Form>> = { ".safetensors": "pytorch" };

/** What the name of a model's file gets, where no other is given: not that of the model itself. */
const NAMES: Readonly<Record<Form, string>> = {
  onnx: ".onnx",
  npz: ".npz",
  pytorch: "_pytorch.py",
  csv: ".csv",
  javascript: ".mjs",
};

const options = {
  to: {
    choices: FORMS,
    defaultDescription: "by the ending of --out",
    describe:
      "The form: ONNX, NumPy's npz, a module of Python with safetensors for PyTorch, a table, a module of JavaScript",
  },
  out: {
    alias: "o",
    type: "string",
    requiresArg: true,
    defaultDescription: "beside the model, named like it",
    describe: "File to write; of pytorch the module, and beside it NAME.safetensors",
  },
  input: {
    choices: ["bytes", "numbers"] as const,
    defaultDescription: "numbers; for javascript bytes where the model reads images",
    describe:
      "For onnx and javascript, what is given to the network: bytes of pixels, 0 to 255, or numbers as it reads them",
  },
  json: jsonOption,
} as const;

type ExportArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options> & { model: string }>;

export function builder(yargs: Argv) {
  return yargs
    .positional("model", {
      type: "string",
      demandOption: true,
      describe: "A model.safetensors that train or import wrote",
    })
    .options(options)
    .example(
      "$0 export runs/a/model.safetensors --to onnx",
      "runs/a/model.onnx, for ONNX Runtime and many others",
    )
    .example("$0 export model.safetensors -o digits.onnx --input bytes", "one that takes pixels as they are")
    .example("$0 export model.safetensors -o digits.npz", "all numbers by name, for numpy.load")
    .example("$0 export model.safetensors -o digits.py", "digits.py and digits.safetensors, for PyTorch")
    .example("$0 export model.safetensors -o digits.mjs", "predict(pixels) for browsers and Node.js")
    .example("$0 export model.safetensors -o digits.csv", "a line for each number");
}

export async function handler({ model, to, out, input, json }: ExportArguments): Promise<void> {
  const form = to ?? formOf(out);
  if (out !== undefined) requireNoOtherEnding(out, form);
  if (input !== undefined && form !== "onnx" && form !== "javascript") {
    throw new UsageError(`Expected no --input with --to ${form}; it is for onnx and javascript.`);
  }
  const file = out ?? join(dirname(model), basename(model, extname(model)) + NAMES[form]);
  const paths = form === "pytorch" ? pairOf(file) : [file];
  const own = paths.find((path) => isSameFile(path, model));
  if (own !== undefined) {
    throw new UsageError(`Expected another place than ${own}, which is the model itself; name one by --out.`);
  }
  // Nothing is computed by it, so that the addon need not be loaded.
  const loaded = await loadRunModel(model, { backend: selectBackend({ backend: "js" }) });
  noticeDivergence(loaded.network, model);
  const contents = await encode(loaded, form, { paths, input });
  const files = paths.map((path, i) => ({ path, data: contents[i] as string | Uint8Array })); // One for each.
  if (!(await writeInterruptibly((signal) => writeFilesTogether(files, { signal })))) return;
  const written = files.map(({ path, data }) => ({ path, bytes: Buffer.byteLength(data) }));
  if (json) {
    printJson({ model, form, files: written });
    return;
  }
  for (const { path, bytes } of written) print(`${path} (${sizeInWords(bytes)})`);
  print(howToRead(form, file));
}

function formOf(out: string | undefined): Form {
  const form = out === undefined ? undefined : ENDINGS[extname(out).toLowerCase()];
  if (form !== undefined) return form;
  const endings = Object.keys(ENDINGS).join(", ");
  throw new UsageError(
    out === undefined
      ? `Expected --to with one of ${FORMS.join(", ")}, or --out with a file whose name tells it.`
      : `Expected --to with one of ${FORMS.join(", ")}, because ${out} ends in none of ${endings}.`,
  );
}

/** A file of one form that is called like one of another would be taken for it. @throws UsageError where it is. */
function requireNoOtherEnding(out: string, form: Form): void {
  const endings = { ...ENDINGS, ...SECOND_ENDINGS };
  const ending = extname(out).toLowerCase();
  const told = endings[ending];
  if (told === undefined || told === form) return;
  const own = Object.keys(endings).filter((name) => endings[name] === form);
  const orElse = ending in ENDINGS ? ", or leave out --to" : "";
  throw new UsageError(
    `Expected a file that ends in ${own.join(" or ")} for --out with --to ${form} but received ${out}, whose ending tells of ${told}; name one that does${orElse}.`,
  );
}

/** The module, and its weights beside it. */
function pairOf(file: string): readonly string[] {
  const stem = /\.(py|safetensors)$/i.test(file) ? file.slice(0, -extname(file).length) : file;
  return [`${stem}.py`, `${stem}.safetensors`];
}

async function encode(
  { network, metadata }: LoadedModel,
  form: Form,
  { paths, input }: { readonly paths: readonly string[]; readonly input: ExportArguments["input"] },
): Promise<readonly (string | Uint8Array)[]> {
  switch (form) {
    case "onnx": {
      const { exportOnnx } = await import("../../interchange/onnx/export-onnx.js");
      return [exportOnnx(network, { metadata, input })];
    }
    case "npz": {
      const { exportNpz } = await import("../../interchange/numpy/export-npz.js");
      return [await exportNpz(network, { metadata })];
    }
    case "pytorch": {
      const { exportPyTorch } = await import("../../interchange/pytorch/export-pytorch.js");
      const weightsFile = basename(paths[1] as string); // It has two.
      const { module, weights } = exportPyTorch(network, { metadata, weightsFile });
      return [module, weights];
    }
    case "csv": {
      const { exportCsv } = await import("../../interchange/export-csv.js");
      return [exportCsv(network, { metadata })];
    }
    case "javascript": {
      const { exportJavaScript } = await import("../../interchange/javascript/export-javascript.js");
      return [exportJavaScript(network, { metadata, input })];
    }
  }
}

function sizeInWords(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A line on what opens it. */
function howToRead(form: Form, file: string): string {
  const name = JSON.stringify(basename(file));
  switch (form) {
    case "onnx":
      return `Python: onnxruntime.InferenceSession(${name}); JavaScript: await ort.InferenceSession.create(${name})`;
    case "npz":
      return `Python: numpy.load(${name})["layers.0.weight"]`;
    case "pytorch": {
      const module = basename(pairOf(file)[0] as string, ".py"); // It has two.
      const isName = /^[A-Za-z_]\w*$/.test(module);
      return isName
        ? `Python, with PyTorch: import ${module}; network = ${module}.load()`
        : `Python, with PyTorch: rename both files to what Python can import, or run ${module}.py`;
    }
    case "csv":
      return `Any spreadsheet; Python: pandas.read_csv(${name})`;
    case "javascript":
      return `JavaScript: import { predict } from ${JSON.stringify(`./${basename(file)}`)};`;
  }
}
