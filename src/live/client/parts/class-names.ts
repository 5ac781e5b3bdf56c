export function nameOf(classNames: readonly string[], index: number): string {
  return classNames[index] ?? `class ${index}`;
}

/** Whether it is a digit, a number or a letter: these have an article, where other names come in all forms, `Ankle boot` or `T-shirt/top`. */
export function isSign(name: string): boolean {
  return /^([A-Za-z]|\d+)$/.test(name);
}

/** `a 7`, `an 8`, `an A`, `a B`: by how the first letter or number is said. */
export function withArticle(name: string): string {
  return /^(8|11$|18$|[aefhilmnorsx]$)/i.test(name) ? `an ${name}` : `a ${name}`;
}

/** A class in a sentence: `a 7`, `Ankle boot`. */
export function inSentence(name: string): string {
  return isSign(name) ? withArticle(name) : name;
}
