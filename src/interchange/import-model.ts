import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { ModelFormatError } from "../errors.js";
import { decodeForeignSafetensors } from "../formats/safetensors.js";
import { type ImportOrigin, ORIGIN } from "../runs/import-origin.js";
import { expectThat } from "../system/expected.js";
import { requireKnownOptions } from "../system/known-options.js";
import { LARGEST_FILE, openRegularFile, readRegularFile } from "../system/regular-file.js";
import { asFileAccessError } from "../system/system-error.js";
import type { LoadedModel } from "../training/model-file.js";
import { isOwnFormat } from "../training/model-format.js";
import { formOfBytes, type ReadableForm } from "./form-of-bytes.js";
import { ImportOptionError } from "./import-option-error.js";
import { importNpz } from "./numpy/import-npz.js";
import type { ReadExternal } from "./onnx/external-data.js";
import { ARRAYS_OPTIONS, type ImportArraysOptions } from "./plain-parts.js";
import { importSafetensors } from "./pytorch/import-safetensors.js";

/**
 * Reads a network that another program wrote, in whichever form: what the file is, its content tells, and not its name. The metadata of
 * the network say where it is from, under `importedFrom`.
 *
 * @param path ONNX, safetensors or npz. Weights that an ONNX file has in other files are read from its own folder, and from nowhere else.
 * @throws FileAccessError when a file is missing or cannot be read.
 * @throws ModelFormatError when it is no network of these forms, and as {@link importOnnx}, {@link importSafetensors} and
 *   {@link importNpz}.
 * @throws InvalidArgumentError when an option is missing, or out of range, or not for this form.
 */
export async function importModel(path: string, options: ImportArraysOptions = {}): Promise<LoadedModel> {
  requireKnownOptions("importModel", options, ARRAYS_OPTIONS, '{ activation: "relu", output: "softmax" }');
  expectThat(typeof path === "string", "the path of a file", "the first argument of importModel", path);
  const bytes = await readRegularFile(path, LARGEST_FILE.model, {
    name: `The model ${path}`,
    advice: "name a file in ONNX, safetensors or npz",
  });
  const { name = path } = options;
  const form = formOfBytes(bytes, name);
  const { network, metadata } = await READERS[form](bytes, { ...options, name }, path);
  const origin = {
    file: basename(path),
    form: form === "safetensors" && isOwn(bytes, name) ? "mnist-native" : form,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  } satisfies ImportOrigin;
  return { network, metadata: { ...metadata, [ORIGIN]: JSON.stringify(origin) } };
}

type Reader = (
  bytes: Uint8Array,
  options: ImportArraysOptions,
  path: string,
) => LoadedModel | Promise<LoadedModel>;

const READERS: Readonly<Record<ReadableForm, Reader>> = {
  ONNX: async (bytes, { normalization, epsilon, ...options }, path) => {
    for (const [option, value] of Object.entries({ normalization, epsilon })) {
      if (value !== undefined) {
        throw new ImportOptionError(
          (spell) =>
            `Expected no ${spell(option)} for ${options.name}, because an ONNX file tells it itself; leave it out.`,
        );
      }
    }
    const { importOnnx } = await import("./onnx/import-onnx.js");
    return importOnnx(bytes, { ...options, external: besideModel(path) });
  },
  safetensors: importSafetensors,
  npz: importNpz,
};

function isOwn(bytes: Uint8Array, name: string): boolean {
  return isOwnFormat(decodeForeignSafetensors(bytes, name).metadata);
}

/** Reads parts of files in the folder of a model: regular files that no link leads out of. */
function besideModel(model: string): ReadExternal {
  return async (location, offset, length) => {
    const folder = await realpath(dirname(model));
    const asked = join(folder, location);
    const words = {
      name: `${asked}, where ${model} has weights,`,
      advice: "put it beside the model, or save the model with its weights inside",
    };
    const path = await realpath(asked).catch((error: unknown) => {
      throw asFileAccessError(error, words.name, words.advice);
    });
    const way = relative(folder, path);
    if (way === ".." || way.startsWith(`..${sep}`) || way === "" || path === way) {
      throw new ModelFormatError(
        `${model} has weights in ${asked}, which is a link out of the model's folder; put the file itself there.`,
      );
    }
    const handle = await openRegularFile(path, words);
    try {
      const { size } = await handle.stat();
      if (offset + length > size) {
        throw new ModelFormatError(
          `${model} has ${length} bytes of weights from byte ${offset} on in ${asked}, which has ${size} bytes alone; it may be truncated.`,
        );
      }
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw new ModelFormatError(`${asked} became shorter while it was read.`);
        done += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  };
}
