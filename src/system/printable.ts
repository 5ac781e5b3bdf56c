/** Line breaks, escape sequences and whatever else a terminal would act on, such as what turns the direction of all text after it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** Text that may come from a file or a server, safe to print: control characters become `\x1b`, `\u2028` and so on. */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, "0")}`;
  });
}
