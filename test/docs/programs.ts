import type { Block, Page } from "./pages.js";

/** What a page has a reader run: a program, or lines for a shell, and what is shown of their output. */
export interface Program {
  /** Of the last of its blocks. */
  readonly line: number;
  readonly language: "js" | "ts" | "python" | "sh";
  readonly text: string;
  readonly output: string | undefined;
}

/** Output, and drawings of structure. */
const SHOWN = "text";

/**
 * The programs of a page, in order. A block with the comment `continues` goes on with the program before it in its language; one with
 * `not run: …` is left out. A block `text` right below a program is its output. One `console` holds a command after `$`, and its output.
 *
 * @throws Error where a block is of no known language, or continues nothing.
 */
export function programsOf({ path, blocks }: Page): readonly Program[] {
  const programs: Program[] = [];
  for (const [i, block] of blocks.entries()) {
    const { language, note, line, text } = block;
    if (note?.startsWith("not run: ") || language === SHOWN) continue;
    const output = outputBelow(blocks[i + 1]);
    if (language === "console") {
      programs.push(ofConsole(text, line));
    } else if (language === "js" || language === "ts" || language === "python" || language === "sh") {
      if (note !== undefined && note !== "continues")
        throw new Error(`${path}:${line}: the comment "${note}" is not known to the tests.`);
      const before =
        note === "continues" ? programs.findLastIndex((other) => other.language === language) : -1;
      if (note === "continues" && before === -1)
        throw new Error(`${path}:${line}: there is nothing to continue.`);
      const [start] = before === -1 ? [] : programs.splice(before, 1);
      if (start?.output !== undefined)
        throw new Error(`${path}:${line}: the program that it continues has shown its output.`);
      programs.push({ line, language, text: start === undefined ? text : `${start.text}\n${text}`, output });
    } else {
      throw new Error(`${path}:${line}: no test runs blocks of "${language}".`);
    }
  }
  return programs;
}

function outputBelow(block: Block | undefined): string | undefined {
  return block?.language === "text" && block.followsBlock ? block.text : undefined;
}

function ofConsole(text: string, line: number): Program {
  const [command = "", ...output] = text.split("\n");
  return { line, language: "sh", text: command.replace(/^\$ /, ""), output: output.join("\n") };
}

/** What output must match: what is shown, in which `…` stands for anything. */
export function asPattern(shown: string): RegExp {
  const parts = shown
    .trimEnd()
    .split("…")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[\\s\\S]*")}\\s*$`);
}
