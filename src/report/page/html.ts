/** Markup that can stand in a page as it is. Only {@link html} and {@link trusted} make it. */
export interface Html {
  readonly markup: string;
}

/** What a template takes: text and numbers are escaped, markup is not; `null` is nothing. */
export type Content = string | number | Html | null | readonly Content[];

/**
 * Markup from a template literal. All text that comes from outside, such as class names, paths and the names of runs, goes into the page
 * through here and is escaped, in elements and in quoted attributes alike.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return { markup: String.raw({ raw: strings }, ...values.map(markupOf)) };
}

/** Declares text to be markup: a figure, a style sheet or a script of this program. */
export function trusted(markup: string): Html {
  return { markup };
}

function markupOf(content: Content): string {
  if (content === null) return "";
  if (typeof content === "string" || typeof content === "number") return escapeHtml(String(content));
  return "markup" in content ? content.markup : content.map(markupOf).join("");
}

/** Unlike in a figure, white space stays: a path in a command may have two spaces. */
function escapeHtml(text: string): string {
  return text
    .replace(/[^\t\n\r -~\u00A0-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
