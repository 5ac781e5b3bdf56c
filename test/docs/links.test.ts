import { existsSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { GUIDES, type Page, readPage, root } from "./pages.js";

const BESIDE = readdirSync(root).filter((name) => name.endsWith(".md"));
const pages = new Map([...BESIDE, ...GUIDES].map((path) => [path, readPage(path)]));

/** Where a relative link of a page leads: a path from the root, and an anchor or "". */
function resolve({ path }: Page, target: string): readonly [string, string] {
  const [file = "", anchor = ""] = target.split("#");
  return [file === "" ? path : posix.join(posix.dirname(path), decodeURI(file)), anchor];
}

function relativeLinks({ links }: Page) {
  return links.filter(({ target }) => !/^[a-z]+:/i.test(target));
}

/** What is wrong with a link, or `undefined`. */
function fault(page: Page, target: string): string | undefined {
  const [path, anchor] = resolve(page, target);
  if (path.startsWith("..") || !existsSync(join(root, path))) return `${path} is not there`;
  if (anchor === "") return;
  const other = pages.get(path);
  if (other === undefined) return `${path} is no page whose headings are known`;
  if (!other.anchors.has(anchor)) return `${path} has no heading #${anchor}`;
}

describe("links", () => {
  it("of the known pages are looked at", () => {
    expect(BESIDE).toEqual(expect.arrayContaining(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]));
    expect(GUIDES.length).toBeGreaterThan(8);
  });

  it.each([...pages.values()])("of $path lead somewhere", (page) => {
    const faults = relativeLinks(page).flatMap(({ target, line }) => {
      const what = fault(page, target);
      return what === undefined ? [] : [`${page.path}:${line}: ${what}`];
    });
    expect(faults).toEqual([]);
  });

  it("reach every page from README.md or docs/README.md", () => {
    const reached = new Set<string>();
    const open = ["README.md", "docs/README.md"];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      const page = pages.get(path);
      if (page === undefined || reached.has(path)) continue;
      reached.add(path);
      open.push(...relativeLinks(page).map(({ target }) => resolve(page, target)[0]));
    }
    expect(GUIDES.filter((path) => !reached.has(path))).toEqual([]);
  });

  it("are seen where they are wrong", () => {
    const page: Page = { ...readPage("docs/README.md"), path: "docs/page.md" };
    expect(fault(page, "nowhere.md")).toMatch("docs/nowhere.md is not there");
    expect(fault(page, "../../elsewhere.md")).toMatch("is not there");
    expect(fault(page, "README.md#nothing-of-that-name")).toMatch("no heading");
    expect(fault(page, "../README.md#data")).toBeUndefined();
  });
});
