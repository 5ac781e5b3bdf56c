import { isObject } from "./json-values.js";

/** The file that a network was imported from. */
export interface ImportOrigin {
  /** Its name, without the folder that it was in. */
  readonly file: string;
  /** What it turned out to be. */
  readonly form: ImportForm;
  /** Of its bytes, in hexadecimal digits. */
  readonly sha256: string;
}

/** Forms of networks that are read, as they are called. */
const IMPORT_FORMS = ["ONNX", "safetensors", "npz", "mnist-native"] as const;
export type ImportForm = (typeof IMPORT_FORMS)[number];

/** Under which a model's metadata and environment.json tell of it. */
export const ORIGIN = "importedFrom";

/** The origin that a model's metadata or environment.json tell of; `undefined` of what was trained here, and of what is no origin. */
export function asImportOrigin(value: unknown): ImportOrigin | undefined {
  if (!isObject(value)) return undefined;
  const { file, sha256 } = value;
  const form = IMPORT_FORMS.find((name) => name === value.form);
  const isHash = typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256);
  return typeof file === "string" && form !== undefined && isHash ? { file, form, sha256 } : undefined;
}

/** The origin in a model's metadata, which hold it as JSON. */
export function originOfModel({
  [ORIGIN]: text = "null",
}: Readonly<Record<string, string>>): ImportOrigin | undefined {
  try {
    return asImportOrigin(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // Somebody else's, under the same name.
    throw error;
  }
}

/** What to do with the file of another program where a model of this one was expected: the end of a sentence. */
export function importFirst(path: string): string {
  return `another program's network is imported first: mnist-native import ${path} -o FOLDER`;
}
