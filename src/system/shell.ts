/**
 * A command for a POSIX shell, each word quoted where it has to be. What cannot be seen, such as a line break or a sign that turns the
 * direction of writing, is written as an escape in bash's `$'…'`, so that a command reads as what it does.
 */
export function shellCommand(words: readonly string[]): string {
  return words.map(quote).join(" ");
}

/** A text in single quotes, within which a shell takes every sign as it is. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!/[\p{C}\p{Zl}\p{Zp}]/u.test(word)) return singleQuoted(word);
  const escaped = word.replace(/[\\']/g, "\\$&").replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`;
  });
  return `$'${escaped}'`;
}
