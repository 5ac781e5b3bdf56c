import { ModelFormatError } from "../errors.js";
import { bytes as bytesField } from "../formats/protobuf/field.js";
import { messageType } from "../formats/protobuf/message.js";

// What a file is, by its first bytes.

/** The forms that are read here. */
export type ReadableForm = "ONNX" | "safetensors" | "npz";

/** What is known and not read, with what to do. */
const REFUSED: readonly (readonly [start: readonly number[], what: string, advice: string])[] = [
  [
    [0x89, 0x48, 0x44, 0x46], // "\x89HDF"
    "an HDF5 file, as Keras writes it",
    "write numpy.savez(path, *model.get_weights()) in Python, and import that",
  ],
  [
    [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], // "\x93NUMPY"
    "a single array of NumPy's",
    "write all weights to one file, as by numpy.savez(path, *model.get_weights())",
  ],
];

const SAVE_FILE = "write safetensors.torch.save_file(model.state_dict(), path) in PyTorch, and import that";

/**
 * @param name What a message calls the file.
 * @throws ModelFormatError when it is none of those that are read.
 */
export function formOfBytes(bytes: Uint8Array, name: string): ReadableForm {
  for (const [start, what, advice] of REFUSED) {
    if (startsWith(bytes, start))
      throw new ModelFormatError(`${name} is ${what}, which is not read here; ${advice}.`);
  }
  if (startsWith(bytes, [0x50, 0x4b])) return formOfZip(bytes, name);
  // Every pickle of the protocols 2 to 5, which Python has written for twenty years, begins so.
  const [first, second = 0] = bytes;
  if (first === 0x80 && second >= 2 && second <= 5) {
    throw new ModelFormatError(
      `${name} is a pickle of Python's, which is a program and is not run here; ${SAVE_FILE}, or numpy.savez of coefs_ and intercepts_ of scikit-learn.`,
    );
  }
  if (isSafetensors(bytes)) return "safetensors";
  if (isOnnx(bytes)) return "ONNX";
  const found = bytes.length === 0 ? "is empty" : "is none of these";
  throw new ModelFormatError(
    `Expected a network in ONNX, safetensors or npz, but ${name} ${found}; export it from the program that made it.`,
  );
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

/** Archives of NumPy's, PyTorch's and Keras' differ in the names of their files, which stand in them as they are. */
function formOfZip(bytes: Uint8Array, name: string): ReadableForm {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const names = [text.subarray(0, DIRECTORY), text.subarray(-DIRECTORY)];
  const has = (file: string) => names.some((part) => part.includes(file));
  if (has("data.pkl") && !has(".npy")) {
    throw new ModelFormatError(
      `${name} is what torch.save writes, a program of Python's that is not run here; ${SAVE_FILE}.`,
    );
  }
  if (has("model.weights.h5") && !has(".npy")) {
    throw new ModelFormatError(
      `${name} is what Keras' model.save writes, with an HDF5 file in it, which is not read here; ${REFUSED[0]?.[2]}.`,
    );
  }
  return "npz"; // Its reader says what is wrong with it.
}

/** Bytes at either end of an archive in which its files' names are looked for. */
const DIRECTORY = 1 << 16;

/** Eight bytes with the length of the header, and the brace that it begins with. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes.length > 8 && bytes[8] === 0x7b && bytes[7] === 0 && bytes[6] === 0;
}

/** A ModelProto: fields of protobuf up to the last byte, a graph among them; or at least its version first, as everybody writes it. */
function isOnnx(bytes: Uint8Array): boolean {
  const [first, second = 0xff] = bytes;
  return (first === 0x08 && second < 0x20) || hasGraph(bytes);
}

/** ModelProto, with nothing in it looked at. */
const outline = messageType<{ readonly graph: Uint8Array | undefined }>("ModelProto", {
  graph: bytesField(7),
});

class NoMessage extends Error {}

function hasGraph(bytes: Uint8Array): boolean {
  try {
    return outline.decode(bytes, (fault) => new NoMessage(fault)).graph !== undefined;
  } catch (error) {
    if (error instanceof NoMessage) return false;
    throw error;
  }
}
