// npm run test:kills [-- --quick] [--seed N] [--only TRIAL]
//
// Kills 300 trainings of the command line as kill -9 does, at random instants and at random calls that change files: before, in the
// middle of, and after them. Each goes on by --resume, may be killed again, and must end in the bits of a run that nobody killed: model,
// metrics, summary and settings; nothing unfinished may stay behind. Prints a table.
// Exit code: 0 when all do, 1 when one does not, 2 for wrong usage.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RandomState } from "../dist/random/random-state.js";
import { hasAddon } from "./kills/addon.mjs";
import { writeData } from "./kills/data.mjs";
import { settings } from "./kills/settings.mjs";
import { killsTable } from "./kills/table.mjs";
import { attempt, makeReference } from "./kills/trial.mjs";
import { readOptions } from "./options.mjs";

const { quick, seed, only, jobs } = readOptions("test:kills", {
  quick: { type: "boolean", default: false, description: "20 trainings in place of 300" },
  seed: { type: "number", requiresArg: true, default: 1, description: "Of the instants" },
  only: { type: "number", requiresArg: true, description: "The number of the one training to kill" },
  jobs: { type: "number", requiresArg: true, default: 2, description: "Trainings at a time" },
});
const count = quick ? 20 : 300;

const folder = mkdtempSync(join(tmpdir(), "mnist-native-kills-"));
const all = settings(writeData(folder)).filter(({ args }) => hasAddon || args.includes("js"));
if (!hasAddon) console.log("The addon has not been built, so that only the backend in TypeScript is tested.");
const numbers = only === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [only];
const outcomes = [];
const references = new Map();
const started = performance.now();

await Promise.all(Array.from({ length: jobs }, work));
console.log(killsTable(all, outcomes));
const faults = outcomes.filter(({ fault }) => fault !== undefined);
for (const { number, setting, fault, kills } of faults) {
  console.log(`Training ${number} (${setting.name}): ${fault}`);
  console.log(
    `  killed: ${kills.map((kill) => JSON.stringify(kill)).join(", ")}; kept in ${join(folder, String(number))}`,
  );
  console.log(`  again: npm run test:kills -- --seed ${seed} --only ${number}`);
}
const seconds = Math.round((performance.now() - started) / 1000);
console.log(
  `${outcomes.length - faults.length} of ${outcomes.length} trainings ended in the same bits (seed ${seed}, ${seconds} s).`,
);
if (faults.length > 0) process.exitCode = 1;
else rmSync(folder, { recursive: true });

async function work() {
  for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
    outcomes.push(await killOne(number));
    if (outcomes.length % 25 === 0)
      console.error(`${outcomes.length} trainings were killed and brought to their end.`);
  }
}

/** A training by its number: what is drawn for it depends on nothing else. */
async function killOne(number) {
  const setting = all[(number - 1) % all.length];
  const random = new RandomState((seed * 100_000 + number) % 2 ** 32);
  const outcome = { number, setting };
  try {
    const reference = await referenceOf(setting);
    return { ...outcome, ...(await attempt(setting, reference, join(folder, String(number)), random)) };
  } catch (error) {
    return { ...outcome, kills: [], fault: error instanceof Error ? error.message : String(error) };
  }
}

function referenceOf(setting) {
  const place = join(folder, `of ${all.indexOf(setting) + 1}`);
  if (!references.has(setting)) {
    mkdirSync(place);
    references.set(setting, makeReference(setting, place));
  }
  return references.get(setting);
}
