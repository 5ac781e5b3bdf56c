// node --import ./stream-small-files.mjs PROGRAM …
//
// Lets the command line read small files as it reads those above 1 GiB: in windows, here of some images.
import { register } from "node:module";

register(
  `data:text/javascript,${encodeURIComponent(`
const CHANGES = {
  "large-quartet.js": [["LARGEST_IN_MEMORY = 2 ** 30", "LARGEST_IN_MEMORY = 2 ** 10"]],
  "windows.js": [["windowBytes = 64 << 20, chunkBytes = 1 << 20", "windowBytes = 128 << 10, chunkBytes = 16 << 10"]],
};
export async function load(url, context, next) {
  const loaded = await next(url, context);
  const name = /\\/data\\/readers\\/([^/]*)$/.exec(url)?.[1];
  if (!Object.hasOwn(CHANGES, name ?? "")) return loaded;
  let source = Buffer.from(loaded.source).toString();
  for (const [before, after] of CHANGES[name]) {
    if (!source.includes(before)) throw new Error(url + " has no " + before);
    source = source.replace(before, after);
  }
  return { ...loaded, source };
}`)}`,
);
