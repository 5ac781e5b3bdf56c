import { table } from "../bench/measure.mjs";

/** A line for each setting: what was killed, where, and what came of it. */
export function killsTable(settings, outcomes) {
  const rows = settings.flatMap((setting) => {
    const own = outcomes.filter((outcome) => outcome.setting === setting);
    return own.length === 0 ? [] : [[setting.name, ...cellsOf(own)]];
  });
  const header = ["setting", "trainings", "kills", "by time", "before", "within", "after a call"];
  const phases = ["no settings", "no checkpoint", "in epoch", "after epoch", "left files", "same bits"];
  return table([...header, ...phases], [...rows, ["all", ...cellsOf(outcomes)]]);
}

function cellsOf(outcomes) {
  const kills = outcomes.flatMap((outcome) => outcome.kills);
  const count = (test) => kills.filter(test).length;
  const same = outcomes.filter(({ fault }) => fault === undefined).length;
  return [
    outcomes.length,
    kills.length,
    count(({ call }) => call === undefined),
    ...["before", "middle", "after"].map((name) => count(({ instant }) => instant === name)),
    ...["no settings", "no checkpoint", "within epoch", "after epoch"].map((name) =>
      count(({ phase }) => phase === name),
    ),
    count(({ left }) => left > 0),
    `${same} of ${outcomes.length}`,
  ].map(String);
}
