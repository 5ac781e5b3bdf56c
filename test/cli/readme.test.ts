import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { npy } from "../support/npy.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { zip } from "../support/zip.js";
import { type Finished, hasAddon, MAIN, startProgram } from "./harness.js";
import { testImage, writeAsPublished, writeSmallData } from "./small-data.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

// A folder that looks like a clone, with little data where README.md has MNIST.
const folder = temporaryFolder();
const clone = join(folder, "clone");
mkdirSync(join(clone, "node_modules"), { recursive: true });
symlinkSync(root, join(clone, "node_modules", "mnist-native"), "junction");
symlinkSync(join(root, "examples"), join(clone, "examples"), "junction");
mkdirSync(join(folder, "home"));
mkdirSync(join(clone, "path", "to"), { recursive: true });
const data = writeSmallData(join(clone, "path", "to"), "mnist"); // As README.md calls a folder of the reader's.
for (const name of ["mnist", "fashion-mnist"] as const) await writeAsPublished(join(folder, "home"), name);
for (const kind of ["images-idx3-ubyte", "labels-idx1-ubyte"])
  copyFileSync(join(data, `train-${kind}`), join(clone, kind));
writeFileSync(
  join(clone, "digit.png"),
  encode({ width: 28, height: 28, channels: 1, depth: 8, data: testImage(0).pixels }),
);

// What README.md has Python make of the example's digits.
const few = Array.from({ length: 200 }, (_, row) => testImage(row));
const arrays = {
  "images.npy": npy([200, 784], Buffer.concat(few.map(({ pixels }) => pixels))),
  "labels.npy": npy(
    [200],
    Uint8Array.from(few, ({ label }) => label),
  ),
};
mkdirSync(join(clone, "runs", "own"), { recursive: true });
writeFileSync(join(clone, "runs", "own", "digits.npz"), zip(arrays));

const environment = {
  MNIST_NATIVE_HOME: join(folder, "home"),
  MNIST_NATIVE_OFFLINE: "1",
  ...(!hasAddon && { MNIST_NATIVE_BACKEND: "js" }),
};

function run(program: string, args: readonly string[]): Promise<Finished> {
  return startProgram(program, args, environment, clone).finished;
}

/** As {@link run}; a page that stays is ended by Ctrl-C, and the tester's browser is left alone. */
async function runAsReader(program: string, args: readonly string[]): Promise<Finished> {
  const isPage = args.includes("serve") || args.includes("--live");
  if (!isPage) return run(program, args);
  const withoutBrowser = args.filter((arg) => arg !== "--open");
  const { child, printed, finished } = startProgram(program, withoutBrowser, environment, clone);
  await printed("Ctrl-C");
  child.kill("SIGINT");
  return finished;
}

function blocks(language: string): string[] {
  return [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, of]) => of === language)
    .map(([, , text = ""]) => text);
}

/** They need the network, the published files, Redis or Slurm, compile, or take what NumPy recorded: each has tests of its own. */
const ELSEWHERE =
  /^npx mnist-native (data download|data verify|reproduce|build|worker|sweep .* --(queue|slurm))\b/;

const lines = blocks("sh").flatMap((block) => block.trim().split("\n"));
const commands = lines.filter((line) => /^(npx mnist-native|node) /.test(line) && !ELSEWHERE.test(line));
/** The run that most others are about is shown with what it prints. */
const [chapter = ""] = blocks("text").map((text) => /^\$ (.*)$/m.exec(text)?.[1] ?? "");

describe.sequential("README.md", () => {
  it("has the commands that are tried here", () => {
    expect(chapter).toMatch(/^npx mnist-native train .*--out runs\/chapter$/);
    expect(commands.length).toBeGreaterThan(20);
  });

  it.each([chapter, ...commands])("%s", async (line) => {
    const words = line.replace(/ #.*/, "").split(" ");
    const args = words[0] === "npx" ? [MAIN, ...words.slice(2)] : words.slice(1);
    const { status, stdout, stderr } = await runAsReader(process.execPath, args);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).not.toBe("");
  });

  const programs = blocks("js").map((text, i) => ({ name: `program-${i + 1}.mjs`, text }));
  it.each(programs)("its program $name", async ({ name, text }) => {
    // Of 1,200 images.
    writeFileSync(join(clone, name), text.replace("testSize: 10_000", "testSize: 200"));
    const { status, stderr } = await run(process.execPath, [join(clone, name)]);
    expect([status, stderr]).toEqual([0, ""]);
  });
});
