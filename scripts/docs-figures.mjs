// npm run docs:figures [-- --data-dir FOLDER]
//
// Makes the pictures of README.md, docs/figures/*.png, by the commands that it names beside them: the chapter's run and
// two more for the convergence. Without --data-dir MNIST is looked for as `train` does.
// It takes dist/ (npm run build).
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { decode, encode } from "fast-png";

const LARGEST_BYTES = 150_000;

const { values } = parseArgs({ options: { "data-dir": { type: "string" } } });
const root = fileURLToPath(new URL("..", import.meta.url));
const figures = join(root, "docs", "figures");
const data = values["data-dir"] === undefined ? ["--dataset", "mnist"] : ["--data-dir", values["data-dir"]];
const folder = mkdtempSync(join(tmpdir(), "mnist-native-figures-"));
const run = (name) => join(folder, name);
const cli = (...args) =>
  execFileSync(process.execPath, [join(root, "dist", "cli", "main.js"), ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });

try {
  mkdirSync(figures, { recursive: true });
  cli("train", ...data, "--out", run("chapter"));
  cli("train", ...data, "--out", run("one"), "--batch-size", "1", "--epochs", "5");
  cli("train", ...data, "--out", run("all"), "--batch-size", "55000");
  const written = [
    cli("plot", "chapter", run("chapter"), "--png"),
    cli("plot", "confusion", run("chapter"), "--png"),
    cli("plot", "weights", run("chapter"), "--png"),
    cli("plot", "convergence", run("one"), run("chapter"), run("all"), "--png"),
  ];
  for (const path of written.join("").trim().split("\n")) {
    const png = withoutAlpha(readFileSync(path));
    if (png.length > LARGEST_BYTES)
      throw new Error(`${path} has ${png.length} bytes, more than ${LARGEST_BYTES}.`);
    writeFileSync(join(figures, basename(path)), png);
    console.log(`docs/figures/${basename(path)}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** The same picture in half the bytes: figures are opaque. */
function withoutAlpha(png) {
  const { width, height, data } = decode(png);
  if (data.some((value, i) => i % 4 === 3 && value !== 255)) throw new Error("A figure is not opaque.");
  const colours = data.filter((_, i) => i % 4 !== 3);
  return encode({ width, height, data: colours, channels: 3, depth: 8 }, { zlib: { level: 9 } });
}
