// npm run report:quality [-- --quick] [--skip-kills] [--data-dir FOLDER] [--write]
//
// Measures what the library promises: gradients against central differences, agreement with NumPy, PyTorch and scikit-learn, trainings that
// survive kills, and what the recipes reach. Prints a table for each, and with --write puts them into QUALITY.md. With --quick it takes
// less than two minutes, on fewer backends and epochs; else as long as test:kills and the recipes do, a quarter of an hour and more.
// Exit code: 0 when all holds, 1 when something does not, 2 for wrong usage.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { loadAddon } from "../dist/backend/addon.js";
import { describeMachine } from "./bench/machine.mjs";
import { readOptions } from "./options.mjs";
import { agreementSections, chapterRows } from "./quality/agreement.mjs";
import { gradientsSection } from "./quality/gradients.mjs";
import { killsSection } from "./quality/kills.mjs";
import { markdown } from "./quality/markdown.mjs";
import { sectionText } from "./quality/print.mjs";
import { recipesSection } from "./quality/recipes.mjs";
import { runTests } from "./quality/tests.mjs";

const values = readOptions("report:quality", {
  quick: {
    type: "boolean",
    default: false,
    description: "One backend, few epochs and few kills: less than two minutes",
  },
  "skip-kills": { type: "boolean", default: false, description: "Without npm run test:kills" },
  "data-dir": {
    type: "string",
    requiresArg: true,
    description: "Folder with MNIST, for the chapter's run and the recipes",
  },
  write: { type: "boolean", default: false, description: "Write the tables to QUALITY.md, too" },
});
const { quick, skipKills: skip, dataDir, write } = values;
const root = fileURLToPath(new URL("..", import.meta.url));
const started = new Date();
const version = versionOf(root); // As it is before: a long measurement may see another commit at its end.

log("tests of gradients and of recorded figures");
const results = runTests({ quick });
const sections = [gradientsSection(results)];
log("the chapter's run");
sections.push(...agreementSections(results, chapterRows({ quick, dataDir })));
log("kills");
sections.push(killsSection({ quick, skip }));
sections.push(recipesSection({ quick, dataDir, log }));

const facts = {
  measured: `${started.toISOString().slice(0, 10)}, in ${Math.round((Date.now() - started) / 1000)} s`,
  version,
  form: quick ? "short (--quick): one backend, few epochs" : "full",
  ...machine(),
  "load while measured": `${loadavg()[2].toFixed(1)} processes on average over 15 minutes`,
};
console.log(
  Object.entries(facts)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n"),
  "\n",
);
for (const section of sections) console.log(sectionText(section));

if (write) {
  const options = process.argv.slice(2).filter((arg) => arg === "--quick" || arg === "--skip-kills");
  const given = [...options, ...(dataDir === undefined ? [] : ["--data-dir FOLDER"]), "--write"].join(" ");
  writeFileSync(
    new URL("../QUALITY.md", import.meta.url),
    markdown(sections, { command: `npm run report:quality -- ${given}`, facts }),
  );
  console.log("Written to QUALITY.md.");
}
const faults = sections.flatMap((section) => section.faults);
if (faults.length > 0) {
  console.error(faults.length === 1 ? "One thing does not hold." : `${faults.length} things do not hold.`);
  process.exitCode = 1;
}

/** Of package.json, and the commit where there is a repository. */
function versionOf(folder) {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  try {
    const git = (...args) =>
      execFileSync("git", args, { cwd: folder, encoding: "utf8", stdio: "pipe" }).trim();
    const isChanged = git("status", "--porcelain", "--", "src", "native", "test", "scripts") !== "";
    return `${version}, commit ${git("rev-parse", "--short", "HEAD")}${isChanged ? " with changes" : ""}`;
  } catch {
    return version; // A copy without its history.
  }
}

function machine() {
  const { addon, info, reason } = loadAddon();
  return addon === null ? { "Node.js": process.version, addon: `none: ${reason}` } : describeMachine(info);
}

function log(line) {
  process.stderr.write(`${line} …\n`);
}
