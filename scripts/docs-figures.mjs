// npm run docs:figures [-- --data-dir FOLDER]
//
// Makes the pictures of README.md, docs/figures/*.png, by the commands that it names beside them: the chapter's run and
// two more for the convergence; and two of a large network on Fashion-MNIST, without and with dropout, for overfitting. Without
// --data-dir MNIST is looked for as `train` does.
// It takes dist/ (npm run build).
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFigure } from "./figure-file.mjs";
import { readOptions } from "./options.mjs";

const values = readOptions("docs:figures", {
  "data-dir": { type: "string", requiresArg: true, description: "Folder with MNIST" },
});
const root = fileURLToPath(new URL("..", import.meta.url));
const data = values["data-dir"] === undefined ? ["--dataset", "mnist"] : ["--data-dir", values["data-dir"]];
const folder = mkdtempSync(join(tmpdir(), "mnist-native-figures-"));
const run = (name) => join(folder, name);
const cli = (...args) =>
  execFileSync(process.execPath, [join(root, "dist", "cli", "main.js"), ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });

try {
  cli("train", ...data, "--out", run("chapter"));
  cli("train", ...data, "--out", run("one"), "--batch-size", "1", "--epochs", "5");
  cli("train", ...data, "--out", run("all"), "--batch-size", "55000");
  const large =
    "--dataset fashion-mnist --hidden 512,512 --activation relu --loss crossEntropy --optimizer adam --batch-size 128 --epochs 30";
  cli("train", ...large.split(" "), "--out", run("without"));
  cli("train", ...large.split(" "), "--dropout", "0.5", "--out", run("with-dropout"));
  const written = [
    cli("plot", "chapter", run("chapter"), "--png"),
    cli("plot", "confusion", run("chapter"), "--png"),
    cli("plot", "weights", run("chapter"), "--png"),
    cli("plot", "convergence", run("one"), run("chapter"), run("all"), "--png"),
    cli("plot", "compare", run("without"), run("with-dropout"), "--out", run("overfitting.png")),
  ];
  for (const path of written.join("").trim().split("\n")) writeFigure(basename(path), readFileSync(path));
} finally {
  rmSync(folder, { recursive: true });
}
