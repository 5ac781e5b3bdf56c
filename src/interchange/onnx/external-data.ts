import { ModelFormatError } from "../../errors.js";
import { LARGEST_FILE } from "../../system/regular-file.js";
import { type Fail, quoted } from "./failure.js";
import { DATA_LOCATION, type OnnxTensor } from "./messages.js";
import { bytesOf } from "./tensors.js";

// Weights that stand in files beside the model, as large models have them
// (https://onnx.ai/onnx/repo-docs/ExternalData.html).

/**
 * Reads a part of a file that a model names.
 *
 * @param location A path relative to the model's folder, with `/` between its parts; it leads nowhere else.
 * @param offset The first byte.
 * @param length How many bytes there must be.
 */
export type ReadExternal = (location: string, offset: number, length: number) => Promise<Uint8Array>;

/**
 * Checks that the place of external data stays within the model's folder, on every system: a relative path of plain names. What the path
 * leads to, a link for example, is for whoever opens it to check.
 *
 * @param name What a message calls the model.
 * @throws ModelFormatError when it could lead elsewhere.
 */
export function checkExternalLocation(location: string, name: string): void {
  const parts = location.split("/");
  const isPlain = location.length <= 1024 && parts.every(isPlainName);
  if (isPlain) return;
  throw new ModelFormatError(
    `${name} cannot be imported: it has weights in the file ${quoted(location)}, and a path was expected that stays in the model's own folder, such as "weights.bin"; make the model anew, or save it with its weights inside.`,
  );
}

/** Backslashes, drives and streams (`C:`), names that Windows cuts to `..`, and its devices are no plain names. */
function isPlainName(part: string): boolean {
  if (part === "" || /[\\:*?"<>|]/.test(part) || /[. ]$/.test(part)) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(part)) return false;
  return !/^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\.|$)/i.test(part);
}

/**
 * The external data of tensors, those of them that have any.
 *
 * @throws ModelFormatError when a place is not as it should be, or when there is nobody to read it.
 */
export async function readExternalData(
  tensors: Iterable<OnnxTensor>,
  { external, name, fail }: { external: ReadExternal | undefined; name: string; fail: Fail },
): Promise<ReadonlyMap<OnnxTensor, Uint8Array>> {
  const found = new Map<OnnxTensor, Uint8Array>();
  let total = 0;
  for (const tensor of tensors) {
    if (tensor.dataLocation !== DATA_LOCATION.external) continue;
    const where = `the tensor ${quoted(tensor.name)}`;
    const { location, offset, length } = placeOf(tensor, where, fail);
    checkExternalLocation(location, name);
    const expected = bytesOf(tensor, where, fail);
    if (length !== undefined && length !== expected) {
      throw fail(
        `${where} takes ${expected} bytes, and ${length} are told of in the file ${quoted(location)}`,
      );
    }
    total += expected;
    if (total > LARGEST_FILE.model) {
      throw fail(
        `its weights in other files take more than ${LARGEST_FILE.model} bytes, which is the most that is read`,
      );
    }
    if (external === undefined) {
      throw fail(
        `${where} stands in another file, ${quoted(location)}; give the option external, which reads it, or save the model with its weights inside`,
      );
    }
    const bytes = await external(location, offset, expected);
    if (!(bytes instanceof Uint8Array) || bytes.length !== expected) {
      const received = bytes instanceof Uint8Array ? bytes.length : "no";
      throw fail(
        `${where} takes ${expected} bytes of the file ${quoted(location)}, and ${received} were there`,
      );
    }
    found.set(tensor, bytes);
  }
  return found;
}

interface Place {
  readonly location: string;
  readonly offset: number;
  readonly length: number | undefined;
}

function placeOf({ externalData }: OnnxTensor, where: string, fail: Fail): Place {
  const entries = new Map(externalData.map(({ key, value }) => [key, value]));
  const location = entries.get("location");
  if (location === undefined)
    throw fail(`${where} is told to be in another file, and it is not said in which`);
  const count = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) {
      throw fail(
        `${where} has the ${key} ${quoted(text)} in another file, and a number of bytes was expected`,
      );
    }
    return value;
  };
  return { location, offset: count("offset") ?? 0, length: count("length") };
}
