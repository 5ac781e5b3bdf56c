import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectSuccess, MAIN, startProgram } from "./harness.js";
import { idxOf, sampleImage, sampleModels, writePicture } from "./predict-samples.js";

const folder = temporaryFolder();
/** The command and what it prints are told apart by two spaces; a long command goes on in the next line. */
const EXAMPLE = /^ {2}(\S+(?: \S+)*)/;

let [help, examples]: [string, string[]] = ["", []];

beforeAll(async () => {
  help = expectSuccess(await cli(["predict", "--help"]));
  const [, section = ""] = help.split("\nExamples:\n");
  examples = [];
  for (const line of section.split("\n\n", 1)[0]?.split("\n") ?? []) {
    const part = EXAMPLE.exec(line)?.[1] ?? "";
    if (part.startsWith("mnist-native ")) examples.push(part);
    else examples.push(`${examples.pop()} ${part}`);
  }
  const run = join(folder, "runs", "chapter");
  mkdirSync(run, { recursive: true });
  const { images } = await sampleModels(folder);
  copyFileSync(images.path, join(run, "model.safetensors"));
  for (const [row, name] of ["digit.png", "one.png", "two.png"].entries())
    writePicture(join(folder, name), row);
  const lines = Array.from({ length: 3 }, (_, row) => sampleImage(row).join(","));
  writeFileSync(join(folder, "digits.csv"), lines.join("\n"));
  writeFileSync(join(folder, "lines.jsonl"), lines.map((line) => `[${line}]\n`).join(""));
  writeFileSync(join(folder, "images.gz"), gzipSync(idxOf(3)));
});

it("predict --help says which rows --row counts", () => {
  // Row 0 of the chapter's split is not the first of MNIST's own test images.
  expect(help.replaceAll(/\s+/g, " ")).toContain(
    "of the test set of the split that the model was trained with",
  );
});

it.skipIf(process.platform === "win32")(
  "every example of predict --help works (Windows has no POSIX shell)",
  async () => {
    expect(examples.length).toBeGreaterThanOrEqual(6);
    // The one of a test set wants a model that knows which: a run of the same name, elsewhere.
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    const out = ["--epochs", "1", "--hidden", "2", "--out", join(elsewhere, "runs", "chapter")];
    expectSuccess(await cli(["train", "--dataset", "synthetic", ...out]));
    for (const example of examples) {
      const command = example.replace(/^mnist-native/, `'${process.execPath}' '${MAIN}'`);
      const cwd = example.includes("--row") ? elsewhere : folder;
      const { status, stdout, stderr } = await startProgram("sh", ["-c", command], {}, cwd).finished;
      expect([example, status, stderr]).toEqual([example, 0, ""]);
      if (!example.includes(" -o ")) expect(stdout).not.toBe("");
    }
  },
);
