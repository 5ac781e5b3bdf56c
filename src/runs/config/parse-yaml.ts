import { LineCounter, parseDocument, type YAMLError } from "yaml";
import { ConfigFormatError } from "../../errors.js";

/**
 * Reads YAML 1.2, of which JSON is a part, so that one parser tells the line of every mistake and notices a key that stands twice.
 *
 * @param name What a message calls the file.
 * @param example What could stand in it, for a message.
 * @throws ConfigFormatError when it is something else, or when aliases would blow it up.
 */
export function parseYaml(
  bytes: Uint8Array,
  name: string,
  example = "settings, such as epochs: 10",
): unknown {
  const text = decode(bytes, name);
  if (text.trim() === "") {
    throw new ConfigFormatError(`${name} is empty; expected ${example}.`);
  }
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) {
      const { line, col } = lines.linePos(problem.pos[0]);
      throw new ConfigFormatError(
        `${name} is neither JSON nor YAML: line ${line}, column ${col}: ${inWords(problem)}`,
      );
    }
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new ConfigFormatError(
        `${name} has lists or objects within each other, deeper than can be read.`,
        {
          cause: error,
        },
      );
    }
    if (error instanceof ReferenceError) {
      throw new ConfigFormatError(
        `${name} has aliases that cannot be resolved: ${asSentence(error.message)}`,
        {
          cause: error,
        },
      );
    }
    throw error;
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigFormatError(`${name} is not text in UTF-8; save it in that encoding.`, { cause });
  }
}

/** The parser's words, but where they are for programs. */
function inWords({ code, message }: YAMLError): string {
  switch (code) {
    case "MULTIPLE_DOCS":
      return "a second document begins here, and one was expected.";
    case "RESOURCE_EXHAUSTION":
      return "lists or objects are within each other, deeper than can be read.";
    default:
      return asSentence(message);
  }
}

/** The parser's messages end in various ways. */
function asSentence(message: string): string {
  const line = message.replaceAll(/\s+/g, " ").trim();
  return /[.?!]$/.test(line) ? line : `${line}.`;
}
