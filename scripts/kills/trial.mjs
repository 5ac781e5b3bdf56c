// One training that is killed, perhaps again when it goes on, and brought to its end.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command.mjs";
import { differenceOf, phaseOf, resultsIn, unfinishedIn } from "./run-files.mjs";

const INSTANTS = ["before", "middle", "after"];
/** How many times a training may be killed, and how likely each time after the first is. */
const MOST_KILLS = 4;
const AGAIN = 0.35;

/** A run that nobody interrupted, and how long it takes in seconds and in calls that change files. */
export async function makeReference(setting, folder) {
  const out = join(folder, "reference");
  const old = setting.overOldRun ? join(folder, "old") : undefined;
  if (old !== undefined) await succeed(begin(setting, old, ["--seed", "8"]), setting);
  if (old !== undefined) cpSync(old, out, { recursive: true });
  const count = join(folder, "calls");
  mkdirSync(folder, { recursive: true });
  const { seconds } = await succeed(begin(setting, out), setting, { watched: { folder: out, count } });
  if (setting.isStreamed && JSON.parse(readFileSync(join(out, "config.json"))).split !== "official") {
    throw new Error(`${setting.name}: the data were not streamed.`);
  }
  return { results: resultsIn(out), old, seconds, calls: Number(readFileSync(count)) };
}

/**
 * @param random What draws the instants: `randomSample` and `randint`.
 * @returns What happened, each kill by its instant and by where the run was; with a `fault` where something went wrong.
 */
export async function attempt(setting, reference, out, random) {
  const kills = [];
  try {
    let command = begin(setting, out);
    for (let isFirst = true; ; isFirst = false) {
      const isKilled = isFirst || (kills.length < MOST_KILLS && random.randomSample() < AGAIN);
      const instant = isKilled ? drawInstant(reference, random, isFirst) : undefined;
      if (isFirst) prepare(reference, out);
      const end = isFirst
        ? await killSurely(command, setting, { instant, reference, out })
        : await runCommand(command, { ...setting, ...howToKill(instant, out) });
      if (!end.wasKilled) {
        if (end.status !== 0 || end.stderr !== "")
          throw new Error(`${command.join(" ")}: ${describeEnd(end)}`);
        break;
      }
      const kill = { ...instant, left: unfinishedIn(out).length };
      kills.push(kill);
      kill.phase = phaseOf(out);
      command = await howToGoOn(setting, reference, out);
    }
    const difference = differenceOf(resultsIn(out), reference.results);
    if (difference !== undefined) throw new Error(`${difference} is another than without a kill.`);
    rmSync(out, { recursive: true });
    return { kills };
  } catch (error) {
    return { kills, fault: error instanceof Error ? error.message : String(error) };
  }
}

function begin({ args, threads: [threads], overOldRun }, out, more = []) {
  const own =
    overOldRun && more.length > 0
      ? args.filter((_, i) => args[i] !== "--seed" && args[i - 1] !== "--seed")
      : args;
  return ["train", ...own, ...threadsOf(args, threads), ...CADENCE, "--out", out, ...more];
}

const CADENCE = ["--checkpoint-every", "0.001"];

function threadsOf(args, threads) {
  return args.includes("js") ? [] : ["--threads", String(threads)];
}

function prepare({ old }, out) {
  rmSync(out, { recursive: true, force: true });
  if (old !== undefined) cpSync(old, out, { recursive: true });
}

/** Half of them by the calls that change files, half by time. */
function drawInstant({ calls, seconds }, random, isFirst) {
  const share = isFirst ? 1 : 0.6; // What goes on has less to do.
  if (random.randomSample() < 0.5) {
    const instant = INSTANTS[random.randint(0, INSTANTS.length)];
    return { call: random.randint(1, Math.ceil(calls * share) + 1), instant };
  }
  return { milliseconds: Math.round(random.randomSample() * seconds * share * 1000) };
}

function howToKill(instant, out) {
  if (instant === undefined) return {};
  return instant.call === undefined
    ? { killAfter: instant.milliseconds }
    : { watched: { folder: out, at: instant } };
}

/** How long a run takes, and with it how often it is saved, varies: one that came to its end is begun again and killed sooner. */
async function killSurely(command, setting, { instant, reference, out }) {
  for (;;) {
    const end = await runCommand(command, { ...setting, ...howToKill(instant, out) });
    if (end.wasKilled) return end;
    if (end.status !== 0) return end;
    prepare(reference, out);
    if (instant.call !== undefined) instant.call = Math.ceil(instant.call / 2);
    else instant.milliseconds = Math.round(instant.milliseconds / 2);
  }
}

/** The command that a person would give now. */
async function howToGoOn(setting, { old }, out) {
  const resume = ["train", "--resume", out, ...threadsOf(setting.args, setting.threads[1]), ...CADENCE];
  const config = join(out, "config.json");
  if (!existsSync(config)) {
    const { status, stderr } = await runCommand(resume, setting);
    if (status !== 1 || !/holds no run to go on with/.test(stderr))
      throw new Error(`--resume without a run: ${stderr}`);
    return begin(setting, out);
  }
  const isOld = old !== undefined && readFileSync(config).equals(readFileSync(join(old, "config.json")));
  return isOld ? begin(setting, out) : resume;
}

async function succeed(command, setting, how = {}) {
  const end = await runCommand(command, { ...setting, ...how });
  if (end.status !== 0 || end.stderr !== "") throw new Error(`${setting.name}: ${describeEnd(end)}`);
  return end;
}

function describeEnd({ status, stderr }) {
  return `exit code ${status}${stderr === "" ? "" : `, ${stderr.trim()}`}`;
}
