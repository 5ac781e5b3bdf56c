import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { FileAccessError } from "../../errors.js";
import { BUNDLE_ADVICE, packageRoot } from "../../system/package-root.js";

export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly cacheControl: string;
}

/** The page's files by their paths, such as `assets/index-1a2b.js`; the page itself is `""`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml; charset=utf-8",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".md": "text/plain; charset=utf-8",
};

/**
 * Reads all files of the page, once and for all: what is asked for later is looked up in this list, so that no name in a request ever
 * becomes a path on the disk.
 *
 * @param folder Default: where the build puts the page.
 * @throws FileAccessError when there is none.
 */
export function readPageFiles(folder = builtPage()): PageFiles {
  let names: readonly string[];
  try {
    names = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw missingPage(folder, { cause });
  }
  if (!names.includes("index.html")) throw missingPage(folder);
  return new Map(
    names.map((name) => {
      const path = name.replaceAll(sep, "/");
      // Vite puts a hash of the content into the names of assets, so that another content has another name.
      const isHashed = path.startsWith("assets/");
      const file: PageFile = {
        bytes: new Uint8Array(readFileSync(join(folder, name))),
        contentType: TYPES[extname(name)] ?? "application/octet-stream",
        cacheControl: isHashed ? "private, max-age=31536000, immutable" : "no-cache",
      };
      return [path === "index.html" ? "" : path, file];
    }),
  );
}

function builtPage(): string {
  const root = packageRoot();
  if (root === null) {
    throw new FileAccessError(`The live page's files were not found beside the program; ${BUNDLE_ADVICE}.`);
  }
  return join(root, "dist", "live", "client");
}

function missingPage(folder: string, options?: ErrorOptions): FileAccessError {
  return new FileAccessError(
    `${folder} has no live page; install the package again, or run npm run build in a clone.`,
    options,
  );
}
