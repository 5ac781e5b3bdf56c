import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../../dist/live/client", import.meta.url));

/** What a browser may load of the page, each file with its size as it is sent. */
function filesOfPage(): ReadonlyMap<string, number> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".md"));
  return new Map(
    files.map(({ parentPath, name }) => [name, gzipSync(readFileSync(join(parentPath, name))).length]),
  );
}

describe("the live page", () => {
  it("has less than 150 kB in all, compressed", () => {
    const sizes = filesOfPage();
    expect([...sizes.keys()]).toContain("index.html");
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    expect(total, [...sizes].join("\n")).toBeLessThan(150_000);
  });

  it("brings the licences of what it is made of", () => {
    const licences = readFileSync(join(folder, "LICENSES.md"), "utf8");
    for (const name of ["preact", "uplot", "umap-js"])
      expect(licences).toMatch(new RegExp(`^## ${name} `, "m"));
  });
});
