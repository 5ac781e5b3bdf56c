import { escapeXml } from "../../report/figures/svg.js";

/** A page that says why something cannot be opened. It has no script and no style, as its policy lets in none. */
export function errorPage(message: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>mnist-native</title>
<h1>This cannot be opened</h1>
<p>${escapeXml(message)}</p>
</html>
`;
}
