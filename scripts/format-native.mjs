// Formats the C++ files by .clang-format. `--check` changes nothing and fails where a file is not formatted.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "@wasm-fmt/clang-format/node";

const root = fileURLToPath(new URL("..", import.meta.url));
const style = readFileSync(`${root}/.clang-format`, "utf8");
const tracked = ["ls-files", "--cached", "--others", "--exclude-standard", "native"];
const files = execFileSync("git", tracked, { cwd: root, encoding: "utf8" }).split("\n");

const check = process.argv.includes("--check");
let unformatted = 0;
for (const file of files.filter((name) => /\.(cc|h)$/.test(name))) {
  const source = readFileSync(`${root}/${file}`, "utf8");
  const formatted = format(source, file, style);
  if (formatted === source) continue;
  unformatted++;
  if (check) {
    console.error(`${file} is not formatted; run npm run format.`);
  } else {
    writeFileSync(`${root}/${file}`, formatted);
  }
}
if (check && unformatted > 0) process.exit(1);
