import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { hasAddon, MAIN, startProgram } from "../cli/harness.js";
import { writeAsPublished, writeSmallData } from "../cli/small-data.js";
import { mnistDirectory } from "../support/mnist.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { GUIDES, readPage, root } from "./pages.js";
import { asPattern, type Program, programsOf } from "./programs.js";

// The blocks of docs/ are run as a reader would run them: page by page, in order, in a folder with little data where MNIST is meant.

const PYTHON = "/usr/bin/python3";
const hasPython =
  spawnSync(PYTHON, ["-c", "import numpy, sklearn, torch"], { encoding: "utf8" }).status === 0;
if (!hasPython) {
  console.warn(
    `Blocks of docs/ in Python are not run: ${PYTHON} has no NumPy, scikit-learn and PyTorch together.`,
  );
}
const hasShell = process.platform !== "win32";
if (!hasShell) console.warn("Commands of docs/ are not run: they are for a POSIX shell.");

const pages = GUIDES.map((path) => ({ path, programs: programsOf(readPage(path)) }));

const folder = temporaryFolder();
const home = join(folder, "home");
mkdirSync(home);
for (const name of ["mnist", "fashion-mnist"] as const) await writeAsPublished(home, name);
const commands = join(folder, "commands");
mkdirSync(commands);
// As the real one does in a project that has the package, without its half a second.
const npx = `#!/bin/sh\n[ "$1" = mnist-native ] || exit 127\nshift\nexec '${process.execPath}' '${MAIN}' "$@"\n`;
writeFileSync(join(commands, "npx"), npx);
chmodSync(join(commands, "npx"), 0o755);

const environment = {
  MNIST_NATIVE_HOME: home,
  MNIST_NATIVE_OFFLINE: "1",
  PATH: `${commands}:${process.env.PATH}`,
  ...(!hasAddon && { MNIST_NATIVE_BACKEND: "js" }),
};

/** A project that has the package, and MNIST's files in the folder `mnist`. */
function makeProject(name: string): string {
  const project = join(folder, name);
  mkdirSync(join(project, "node_modules"), { recursive: true });
  symlinkSync(root, join(project, "node_modules", "mnist-native"), "junction");
  writeSmallData(project, "mnist");
  return project;
}

/** @returns What it printed. */
async function runProgram(project: string, { language, text, line, output }: Program): Promise<string> {
  const file = join(project, `line-${line}.${language === "python" ? "py" : "mjs"}`);
  const [program, args] =
    language === "sh"
      ? ["sh", ["-e", "-c", text]]
      : [language === "python" ? PYTHON : process.execPath, [file]];
  const source = language === "ts" ? transformSync(text, { loader: "ts" }).code : text;
  if (language !== "sh") writeFileSync(file, source);
  const { status, stdout, stderr } = await startProgram(program, args, environment, project).finished;
  expect([status, stderr]).toEqual([0, ""]);
  if (output !== undefined) expect(stdout).toMatch(asPattern(output));
  return stdout;
}

/** What the last program of each page and language printed. */
const printed = new Map<string, string>();

describe("the programs of docs/", () => {
  it("are found", () => {
    const languages = new Set(pages.flatMap(({ programs }) => programs.map(({ language }) => language)));
    expect([...languages].sort()).toEqual(["js", "python", "sh", "ts"]);
  });

  for (const { path, programs } of pages.filter((page) => page.programs.length > 0)) {
    describe.sequential(path, () => {
      const project = makeProject(path.replaceAll(/\W/g, "-"));
      for (const [i, program] of programs.entries()) {
        const { line, language } = program;
        // A command may take what a block in Python before it wrote.
        const needsPython =
          language === "python" ||
          (language === "sh" && programs.slice(0, i).some((before) => before.language === "python"));
        const isServed = (hasPython || !needsPython) && (hasShell || language !== "sh");
        it.skipIf(!isServed)(`line ${line}: ${language}`, async () => {
          printed.set(`${path} ${language}`, await runProgram(project, program));
        });
      }
    });
  }

  it("of the chapter print the same in Python, in TypeScript and by fit", () => {
    const [byHand, byFit, inPython = byHand] = ["ts", "js", "python"].map((language) =>
      printed.get(`docs/chapter.md ${language}`),
    );
    expect(byHand).toMatch(/^Epoch 1: MSE 0[.].*\nEpoch 2: .*\nEpoch 3: .*\nTest /);
    expect([byFit, inPython]).toEqual([byHand, byHand]);
  });

  it.skipIf(mnistDirectory === null)("of the chapter print on MNIST what is shown", async () => {
    const { blocks } = readPage("docs/chapter.md");
    const shown = blocks.find(({ language }) => language === "text")?.text;
    const byFit = pages
      .find(({ path }) => path === "docs/chapter.md")
      ?.programs.find(({ language }) => language === "js");
    if (byFit === undefined) throw new Error("docs/chapter.md has no program by fit.");
    const text = byFit.text.replace('directory: "mnist"', `directory: ${JSON.stringify(mnistDirectory)}`);
    expect(await runProgram(makeProject("on-mnist"), { ...byFit, text })).toBe(shown);
  });

  it("in TypeScript have no errors of types", () => {
    const project = makeProject("types");
    const names = pages.flatMap(({ path, programs }) =>
      programs
        .filter(({ language }) => language === "ts")
        .map(({ text, line }) => {
          const name = `${path.replaceAll(/\W/g, "-")}-${line}.ts`;
          writeFileSync(join(project, name), text);
          return name;
        }),
    );
    symlinkSync(join(root, "node_modules", "@types"), join(project, "node_modules", "@types"), "junction");
    writeFileSync(join(project, "package.json"), '{ "type": "module" }');
    const settings = ["--strict", "--target", "es2023", "--module", "nodenext", "--noEmit", "--skipLibCheck"];
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, ...settings, "--types", "node", ...names], {
      cwd: project,
      encoding: "utf8",
    });
    expect(names).not.toEqual([]);
    expect(stdout).toBe("");
  });
});

describe("a program's output", () => {
  it("matches what is shown, with anything for …", () => {
    expect("a 1.5\nb\nc\n").toMatch(asPattern("a 1.5\n…\nc\n"));
    expect("a 1.6\n").not.toMatch(asPattern("a 1.5"));
    expect("a 1x5\n").not.toMatch(asPattern("a 1.5"));
    expect("a\nb\n").not.toMatch(asPattern("a"));
  });
});
