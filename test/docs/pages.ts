import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import GithubSlugger from "github-slugger";
import MarkdownIt from "markdown-it";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The pages about the package, by their paths from its root. */
export const GUIDES = readdirSync(join(root, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);

export interface Block {
  /** Of the fence, counted from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** What the HTML comment right before it says, such as `continues`, or `not run: it downloads`. */
  readonly note: string | undefined;
  /** Whether the block before it stands right above, but for a comment. */
  readonly followsBlock: boolean;
}

export interface Page {
  readonly path: string;
  readonly blocks: readonly Block[];
  /** As GitHub makes them of headings. */
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly { readonly target: string; readonly line: number }[];
}

const markdown = new MarkdownIt({ html: true });

/** Reads a page of Markdown as GitHub does. */
export function readPage(path: string): Page {
  const tokens = markdown.parse(readFileSync(join(root, path), "utf8"), {});
  const slugger = new GithubSlugger();
  const blocks: Block[] = [];
  const anchors = new Set<string>();
  const links: { target: string; line: number }[] = [];
  for (const [i, { type, map, info, content, children }] of tokens.entries()) {
    const line = (map?.[0] ?? 0) + 1;
    if (type === "fence") {
      const before = tokens[i - 1];
      const note = before?.type === "html_block" ? /^<!-- (.*) -->\s*$/.exec(before.content)?.[1] : undefined;
      const above = note === undefined ? before : tokens[i - 2];
      blocks.push({
        line,
        language: info.trim(),
        text: content,
        note,
        followsBlock: above?.type === "fence",
      });
    }
    if (type === "heading_open") {
      const words = tokens[i + 1]?.children ?? [];
      const isWord = (of: string) => of === "text" || of === "code_inline";
      anchors.add(
        slugger.slug(
          words
            .filter((word) => isWord(word.type))
            .map((word) => word.content)
            .join(""),
        ),
      );
    }
    for (const child of children ?? []) {
      const target = child.attrGet("href") ?? child.attrGet("src");
      if (target !== null) links.push({ target, line });
    }
  }
  return { path, blocks, anchors, links };
}
