// npm run test:sweeps [-- --quick] [--seed N] [--sweeps N] [--only SWEEP]
//
// Runs 24 sweeps of the command line on this machine (grid, random, halving of both kinds) and kills their coordinators and the processes
// of their trials as kill -9 does, or interrupts them as Ctrl-C does, after a random number of outcomes and a random part of a trial. Each
// goes on by --resume, may be killed again, and must end in the results.csv of a sweep that nobody killed, byte for byte (of the
// asynchronous halving: with all trials), with no outcome lost, or written twice. Then a trial is killed at each call that changes its
// files, before, within and after it by turns, and must come to the same outcome.
// Exit code: 0 when all do, 1 when one does not, 2 for wrong usage.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { RandomState } from "../dist/random/random-state.js";
import { readSweepConfig } from "../dist/sweeps/sweep-config.js";
import { createSweepFolder } from "../dist/sweeps/sweep-folder.js";
import { holderOfProcessLock } from "../dist/system/process-lock.js";
import { runCommand } from "./kills/command.mjs";
import { writeData } from "./kills/data.mjs";
import { watchOutcomes } from "./kills/outcomes.mjs";
import { sweepsOf } from "./kills/sweeps.mjs";
import { readOptions } from "./options.mjs";
import { startCommand } from "./queue/processes.mjs";

const { quick, seed, only, ...options } = readOptions("test:sweeps", {
  quick: { type: "boolean", default: false, description: "2 sweeps in place of 24, and few of the calls" },
  seed: { type: "number", requiresArg: true, default: 1, description: "Of the instants" },
  sweeps: { type: "number", requiresArg: true, description: "Other than 24" },
  only: { type: "number", requiresArg: true, description: "The number of the one sweep to kill" },
});
/** Deaths of trials count as tries, of which each has three. */
const MOST_TRIAL_KILLS = 2;
const MOST_KILLS = quick ? 2 : 4;
/** The short form has a grid, of which trials fail and diverge, and halving. */
const QUICK = ["grid", "halving"];
const COUNT = 24;
const INSTANTS = ["before", "middle", "after"];
/** Milliseconds between looks at a sweep. */
const INTERVAL = 40;

const folder = mkdtempSync(join(tmpdir(), "mnist-native-sweeps-"));
const kinds = sweepsOf(writeData(folder)).filter(({ name }) => !quick || QUICK.includes(name));
const sweeps = kinds.map(({ name, config, isAsynchronous }) => {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(config));
  return { name, path, isAsynchronous };
});
const started = performance.now();
const faults = [];
const kills = { coordinator: 0, interruption: 0, trial: 0, call: 0 };

for (const sweep of only === undefined ? sweeps : [sweeps[(only - 1) % sweeps.length]]) {
  sweep.whole = join(folder, `${sweep.name}, whole`);
  const { status, stderr, seconds } = await runCommand(["sweep", sweep.path, "--out", sweep.whole]);
  if (status !== 0) throw new Error(`The sweep ${sweep.name} cannot be run: ${stderr}`);
  sweep.tasks = watchOutcomes(sweep.whole)();
  sweep.pace = (1000 * seconds) / sweep.tasks;
  sweep.results = readFileSync(join(sweep.whole, "results.csv"), "utf8");
}
const count = options.sweeps ?? (quick ? sweeps.length : COUNT);
const numbers = only === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [only];
for (const number of numbers) {
  await killSweep(number);
  console.log(
    `Sweep ${number} of ${numbers.length} (${secondsSince(started)} s): ${killsInWords()} until now.`,
  );
}
if (only === undefined) await killTrials(sweeps[0]);

console.log(
  `${numbers.length} sweeps and a trial killed at each of ${kills.call} calls came ${faults.length === 0 ? "all to the same results" : `to ${faults.length} faults`}, after ${killsInWords()} (seed ${seed}, ${secondsSince(started)} s).`,
);
if (faults.length > 0) process.exitCode = 1;
else rmSync(folder, { recursive: true });

function fault(name, what) {
  faults.push(name);
  console.log(`${name}: ${what}`);
}

function killsInWords() {
  return `${kills.coordinator} kills of coordinators, ${kills.trial} of trials and ${kills.interruption} interruptions`;
}

function secondsSince(start) {
  return Math.round((performance.now() - start) / 1000);
}

/** A sweep by its number: what is drawn for it depends on nothing else. */
async function killSweep(number) {
  const sweep = sweeps[(number - 1) % sweeps.length];
  const random = new RandomState((seed * 100_000 + number) % 2 ** 32);
  const draw = () => random.randomSample();
  const out = join(folder, String(number));
  const look = watchOutcomes(out);
  const isBegun = () => existsSync(join(out, "sweep.json"));
  let trialKills = 0;
  let coordinator;
  try {
    for (let i = 0; i < MOST_KILLS; i++) {
      const [ended, jobs] = [look(), String(1 + Math.floor(draw() * 3))];
      const due = ended + Math.floor(draw() * (sweep.tasks - ended));
      const [part, kind, share] = [draw(), draw(), draw()];
      coordinator ??= startCommand([
        "sweep",
        ...(isBegun() ? ["--resume", out] : [sweep.path, "--out", out]),
        "--jobs",
        jobs,
      ]);
      const until = async (holds) => {
        while (!coordinator.isOver() && !holds()) await wait(INTERVAL);
        return !coordinator.isOver();
      };
      await until(() => isBegun() && look() >= due);
      await wait(part * sweep.pace);
      if (kind < 0.5 && trialKills < MOST_TRIAL_KILLS) {
        if (await until(() => killTrial(out, share))) {
          trialKills += 1;
          kills.trial += 1;
          continue; // The coordinator goes on, and may be killed next.
        }
      } else if (!coordinator.isOver()) {
        const isKill = kind < 0.8;
        kills[isKill ? "coordinator" : "interruption"] += 1;
        await (isKill ? coordinator.kill() : coordinator.interrupt());
      }
      await expectGoodEnd(coordinator);
      coordinator = undefined;
      if (look() >= sweep.tasks) break;
    }
    if (coordinator !== undefined) await expectGoodEnd(coordinator);
    const { status, stderr } = await runCommand(["sweep", "--resume", out]);
    if (status !== 0) throw new Error(`it does not go on: ${stderr}`);
    look();
    compare(sweep, out);
  } catch (error) {
    await coordinator?.kill();
    const again = `\n  kept in ${out}; again: npm run test:sweeps -- --seed ${seed} --only ${number}`;
    fault(`Sweep ${number} (${sweep.name})`, error.message + again);
  }
}

/** By itself, by an interruption or by a kill. */
async function expectGoodEnd({ ended }) {
  const { status, stderr } = await ended;
  if (![0, 130, null].includes(status)) throw new Error(`it ended with exit code ${status}: ${stderr}`);
}

function compare({ results, isAsynchronous }, out) {
  const own = readFileSync(join(out, "results.csv"), "utf8");
  if (!isAsynchronous && own !== results)
    throw new Error(`its results.csv is another one:\n${own}\n${results}`);
  const states = (text) => text.split("\r\n").map((line) => line.split(",").slice(0, 2).join());
  if (states(own).join("\n") !== states(results).join("\n")) throw new Error("its trials are others");
}

/** Kills the process of one of the trials that run, by the locks of their folders. @returns Whether there was one. */
function killTrial(out, share) {
  const trials = join(out, "trials");
  if (!existsSync(trials)) return false;
  const locks = readdirSync(trials).map((name) => join(trials, name, ".lock"));
  // Not that of a process that was killed, whose number may be another's by now.
  const pids = locks.map(holderOfProcessLock).filter((pid) => pid !== undefined);
  if (pids.length === 0) return false;
  try {
    process.kill(pids[Math.floor(share * pids.length)], "SIGKILL");
    return true;
  } catch (error) {
    if (error.code === "ESRCH") return false; // It has ended by itself.
    throw error;
  }
}

async function killTrials({ path, whole }) {
  const config = await readSweepConfig(path);
  const outcomeIn = (out) => {
    const outcome = JSON.parse(readFileSync(join(out, "trials", "0000", "outcome-0.json"), "utf8"));
    return JSON.stringify({ ...outcome, seconds: 0 });
  };
  const run = async (name, watched) => {
    const out = join(folder, name);
    await createSweepFolder(out, config);
    const end = await runCommand(["trial", out, "0"], {
      watched: { folder: join(out, "trials"), ...watched },
    });
    return { out, ...end };
  };
  const countFile = join(folder, "calls.txt");
  await run("calls", { count: countFile });
  const calls = Number(readFileSync(countFile, "utf8"));
  for (let call = 1; call <= calls; call += quick ? Math.ceil(calls / 3) : 1) {
    const instant = INSTANTS[call % INSTANTS.length];
    const name = `Trial killed at call ${call} (${instant})`;
    const { out, wasKilled } = await run(name, { at: { call, instant } });
    if (!wasKilled) continue; // Fewer calls than when they were counted.
    kills.call += 1;
    const { status, stderr } = await runCommand(["trial", out, "0"]);
    if (status !== 0) fault(name, stderr);
    else if (outcomeIn(out) !== outcomeIn(whole)) fault(name, `it has come to ${outcomeIn(out)}`);
  }
}
