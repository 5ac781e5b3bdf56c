import { createHash } from "node:crypto";
import { type Html, html, trusted } from "./html.js";
import { SCRIPT } from "./script.js";
import { STYLE } from "./style.js";

/**
 * A whole HTML document. Its security policy lets it load nothing at all, and run no script but its own.
 *
 * @param style Rules beyond those that every page has.
 */
export function renderDocument({
  title,
  style,
  body,
}: {
  readonly title: string;
  readonly style: string;
  readonly body: Html;
}): string {
  const hash = createHash("sha256").update(SCRIPT).digest("base64");
  const policy = [
    "default-src 'none'",
    "img-src data:",
    "style-src 'unsafe-inline'",
    `script-src 'sha256-${hash}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE + style)}</style>
</head>
<body>
${body}
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.markup;
}
