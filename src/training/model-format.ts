import { InvalidArgumentError, ModelFormatError } from "../errors.js";
import { decodeSafetensors, type Safetensors } from "../formats/safetensors.js";
import { isOptions, kindOf } from "../system/known-options.js";

// What the metadata of a model file say: its format, its network, and whatever else is known.

/** The `format` in the metadata of a model file. */
export const FORMAT = "mnist-native multilayer perceptron 2";
/** What a checkpoint has beside the network: a name of metadata, and the beginning of the names of tensors. */
export const TRAINING = "training";
/** Of 0.1 and 0.2: sigmoid layers alone, told by `layers`, their sizes, and `activation`. */
export const FIRST_FORMAT = "mnist-native multilayer perceptron 1";
/** Any format of this program, with its number. */
const ANY_FORMAT = /^mnist-native multilayer perceptron ([1-9]\d{0,8})$/;
const KNOWN_FORMATS = [FIRST_FORMAT, FORMAT];

/** What a model file says of the network itself, or said in earlier versions, and a checkpoint of its training. */
export const OF_THE_NETWORK: readonly string[] = ["format", "network", "layers", "activation", TRAINING];

/** The metadata without what a file says of the network itself, which is written anew with the network. */
export function provenanceOf(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !OF_THE_NETWORK.includes(name)));
}

/** Whether a safetensors file says that this program wrote it, in whichever version. */
export function isOwnFormat({ format = "" }: Safetensors["metadata"]): boolean {
  return ANY_FORMAT.test(format);
}

/**
 * What a model file holds, a checkpoint's or an estimator's too.
 *
 * @throws ModelFormatError when it is no such file, or one of a newer version.
 */
export function decodeModelFile(bytes: Uint8Array, name: string): Safetensors {
  return decodeSafetensors(bytes, name, (metadata) => requireKnownFormat(metadata, name));
}

/** @throws ModelFormatError when the file is one of a newer version. */
export function requireKnownFormat({ format = "" }: Safetensors["metadata"], name: string): void {
  const [, number] = ANY_FORMAT.exec(format) ?? [];
  if (number === undefined || KNOWN_FORMATS.includes(format)) return;
  const known = KNOWN_FORMATS.map((one) => one.split(" ").at(-1)).join(" and ");
  throw new ModelFormatError(
    `${name} was written by a newer version of mnist-native, in model format ${number}, and this version reads the formats ${known}; install a newer version.`,
  );
}

/** @throws InvalidArgumentError unless these are metadata that a file can hold. */
export function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const entries = isOptions(metadata) ? Object.entries(metadata) : undefined;
  const wrong = entries?.find(([, value]) => typeof value !== "string");
  if (entries === undefined || wrong !== undefined) {
    const found = wrong === undefined ? kindOf(metadata) : `${kindOf(wrong[1])} for ${wrong[0]}`;
    throw new InvalidArgumentError(
      `Expected metadata that are an object of texts, such as { dataset: "mnist" }, but received ${found}.`,
    );
  }
}
