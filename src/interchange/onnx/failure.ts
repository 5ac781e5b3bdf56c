import { ModelFormatError } from "../../errors.js";
import type { OnnxNode } from "./messages.js";

/** Makes the error to throw: why a file cannot be imported. */
export type Fail = (fault: string) => ModelFormatError;

/** @param name What a message calls the file. */
export function failureOf(name: string): Fail {
  return (fault) => new ModelFormatError(`${name} cannot be imported: ${fault}.`);
}

/** A name out of a file, which may be of any length and hold anything, in a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** The names in a message, the first few of them. */
export function listed(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).map(quoted);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${rest} more`;
  return shown.length < 2 ? shown.join() : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** The operator of a node, with its domain where that is not the standard's own. */
export function operatorOf({ domain, opType }: OnnxNode): string {
  return domain === "" || domain === "ai.onnx" ? opType : `${domain}.${opType}`;
}

/** A node in a message: `the Gemm "dense/MatMul"`. Many files give nodes no names; what they give has one. */
export function labelOf(node: OnnxNode): string {
  const operator = operatorOf(node);
  return `the ${/^[\w.]{1,40}$/.test(operator) ? operator : quoted(operator)} ${quoted(node.name || (node.output[0] ?? ""))}`;
}
