import { describe, expect, it } from "vitest";
import type { ReportedSweep } from "../../../src/report/page/reported-sweep.js";
import { sweepPage } from "../../../src/report/page/sweep-page.js";
import { settingText } from "../../../src/report/page/sweep-words.js";
import { rankSettings, rankTrials } from "../../../src/sweeps/standings.js";
import { elements } from "../figures/svg-document.js";
import { byClass, byId, parsePage, rowsOf, textOf } from "./sample-run.js";
import { sampleSweep } from "./sample-sweep.js";

const open = (sweep: ReportedSweep) => parsePage(sweepPage(sweep, "Made by a test"));

function rows(document: ReturnType<typeof open>, id: string, table = 0): string[][] {
  return rowsOf(elements(byId(document, id), "table")[table] as never);
}

describe("the page of a sweep", () => {
  const sweep = sampleSweep();
  const document = open(sweep);
  const ranked = rankTrials(sweep.plan, sweep.outcomes);
  const best = ranked[0] as NonNullable<(typeof ranked)[0]>;
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;

  it("begins with what was varied, and the best value", () => {
    expect(textOf(byClass(document, "gist")[0])).toBe(
      "learningRate, layers.0.units, activation · drawn at random",
    );
    expect(textOf(byClass(document, "score")[0])).toBe(
      `${percent(best.outcome.value)} validation accuracy, the highest trial ${best.trial.number}, after 9 epochs`,
    );
    const stats = textOf(byClass(document, "stats")[0]);
    for (const words of ["trials27", "trained25", "diverged1", "failed1"]) expect(stats).toContain(words);
  });

  it("gives the command that trains the best again", () => {
    const folder = `sweeps/widths-and-rates/trials/${String(best.trial.number).padStart(4, "0")}`;
    expect(textOf(elements(byId(document, "best"), "pre")[0])).toBe(
      `npx mnist-native train --config ${folder}/config.json`,
    );
    expect(rows(document, "best")).toEqual(
      Object.entries(best.trial.settings).map(([name, value]) => [name, settingText(value)]),
    );
  });

  it("has all trials, best first, and the first of them at once", () => {
    const [head, ...first] = rows(document, "trials");
    expect(head?.slice(0, 5)).toEqual([
      "Trial",
      "Validation accuracy",
      "learningRate",
      "layers.0.units",
      "activation",
    ]);
    const all = rows(document, "trials", 1).slice(1);
    expect(all.map(([trial]) => Number(trial))).toEqual(ranked.map(({ trial }) => trial.number));
    expect(first).toEqual(all.slice(0, 12));
    expect(all[0]?.[1]).toBe(percent(best.outcome.value));
    // Only of the best, so that nobody is led to choose by them.
    expect(textOf(byId(document, "trials"))).not.toMatch(/test/i);
    expect(textOf(byId(document, "best"))).toContain(
      `Test accuracy${percent(best.outcome.figures["test.accuracy"] ?? Number.NaN)}`,
    );
  });

  it("draws the trials with a value, and counts the others", () => {
    const section = byId(document, "settings");
    expect(byClass(section, "trial")).toHaveLength(25);
    expect(elements(section, "figure")[0]?.getAttribute("style")).toMatch(
      /^max-width: [\d.]+px; --least: [\d.]+px$/,
    );
    expect(textOf(section)).toContain("2 trials without a value are not drawn.");
    // What scrolls is the figure alone, below its title.
    const frame = byClass(section, "scroll")[0] as NonNullable<ReturnType<typeof byClass>[0]>;
    expect([elements(frame, "svg").length, elements(frame, "figcaption").length]).toEqual([1, 0]);
  });

  it("tells how much each setting matters", () => {
    const [, ...settings] = rows(document, "importance");
    expect(settings[0]?.[0]).toBe("learningRate"); // Of what the sample's values are made.
    expect(Number.parseInt(settings[0]?.[1] ?? "", 10)).toBeGreaterThan(50);
    expect(settings[0]?.[3]).toMatch(/^more is better \(ρ 0\.\d\d\)$/);
    expect(textOf(byId(document, "importance"))).toContain(
      "25 trials are compared. 2 trials without a value are left out.",
    );
    const few = open(sampleSweep({ done: 4 }));
    expect(rows(few, "importance")[1]).toEqual([
      "learningRate",
      "–",
      "There are 4 trials to compare, and fewer than 6 tell nothing.",
    ]);
  });

  it("draws the curves of the best trials together", () => {
    const figures = elements(byId(document, "curves"), "figure");
    expect(figures.map((figure) => textOf(elements(figure, "figcaption")[0]))).toEqual([
      "Validation accuracy by epoch",
      "Validation loss by epoch",
    ]);
    expect(elements(figures[0] as never, "circle")).toHaveLength(6 * 9);
    expect(textOf(figures[0])).toContain(`trial ${best.trial.number}`);
  });

  it("tells what failed, and why", () => {
    expect(rows(document, "failures").map((row) => row.slice(0, 4))).toEqual([
      ["Trial", "State", "Reason", "Epochs"],
      ["9", "failed", "It was given up after 3 tries: its process was ended by SIGKILL", "0"],
      ["19", "diverged", "the training loss is not a number after epoch 1", "1"],
    ]);
    expect(document.getElementById("rungs")).toBeNull();
  });

  it("tells who went on from rung to rung", () => {
    const halved = open(sampleSweep({ rungs: [1, 3, 9] }));
    const table = rows(halved, "rungs");
    expect(table.map((row) => [row[0], row[1], row[2], row[4]])).toEqual([
      ["Epochs", "Trials", "Failed or diverged", "Went on"],
      ["1", "27", "2", "9"],
      ["3", "9", "0", "3"],
      ["9", "3", "0", "–"],
    ]);
    expect(textOf(byId(halved, "rungs"))).toMatch(/The last rung was reached by trials \d+, \d+, \d+\./);
    expect(textOf(byId(halved, "importance"))).toContain(
      "compared after 1 epoch, at the end of the first rung",
    );
    // The best of the last rung are first, whatever others had before.
    expect(
      rows(halved, "trials", 1)
        .slice(1, 5)
        .map((row) => row.at(-2)),
    ).toEqual(["9", "9", "9", "3"]);
  });

  it("has means and deviations over seeds", () => {
    const seeded = open(sampleSweep({ seeds: 3, trials: 8, metric: "validation.loss", failEvery: 0 }));
    const [head, first] = rows(seeded, "trials");
    expect(head?.[0]).toBe("Trials");
    expect(head).not.toContain("seed");
    expect(first?.[0]).toMatch(/^\d+, \d+, \d+$/);
    expect(first?.[1]).toMatch(/^[\d.]+ ± [\d.]+$/);
    expect(textOf(byClass(seeded, "score")[0])).toContain("validation loss, the lowest mean of 3 seeds");
    expect(first?.[2]).toBe("3 of 3 seeds");
    expect(rows(seeded, "trials", 1).slice(1)).toHaveLength(24);
  });

  it("tells of a seed how much noise there is, and no direction", () => {
    const seeded = open(sampleSweep({ seeds: 2, trials: 12, failEvery: 0 }));
    const row = rows(seeded, "importance").find(([name]) => name === "seed");
    expect(row?.[1]).toMatch(/^\d+ %$/);
    expect(row?.slice(3)).toEqual(["The level of noise: a seed is chance, and none is better"]);
    expect(elements(elements(byId(seeded, "importance"), "details")[0] as never, "table")).toHaveLength(3);
    expect(textOf(byId(seeded, "importance"))).toContain("need not add up to 100 %");
  });

  it("compares settings fairly where halving promotes each seed by itself, and lists each trial", () => {
    const sweep = sampleSweep({ seeds: 2, trials: 12, rungs: [1, 3, 9], failEvery: 7 });
    const settings = rankSettings(sweep.plan, sweep.outcomes);
    const halved = open(sweep);
    const [head, ...table] = rows(halved, "trials");
    expect(head?.slice(-3)).toEqual(["Epochs", "Beyond these epochs", "Time"]);
    expect(table.map((row) => row[2])).toEqual(
      settings.map(({ trials, seeds }) => `${trials.length} of ${seeds} seeds`),
    );
    expect(table.map((row) => row.at(-2) !== "–")).toEqual(settings.map(({ further }) => further.length > 0));
    const alone = table.find((row) => row.at(-2) !== "–");
    expect(alone?.at(-2)).toMatch(/^[\d.]+ % after 9 epochs: 1 of 2 seeds$/);
    // The best settings are not those of the trial that came furthest.
    const furthest = rankTrials(sweep.plan, sweep.outcomes)[0]?.trial.number;
    const isAmongBest = settings[0]?.trials.some(({ trial }) => trial.number === furthest);
    expect(textOf(byId(halved, "best")).includes(`is trial ${furthest} of other settings`)).toBe(
      !isAmongBest,
    );
    const each = rows(halved, "trials", 1).slice(1);
    const gone = rows(halved, "failures").slice(1);
    expect([...each, ...gone].map(([trial]) => Number(trial)).sort((a, b) => a - b)).toEqual([
      ...sweep.plan.trials.keys(),
    ]);
    expect(textOf(byId(halved, "trials"))).toContain("Halving promotes each seed by itself");
    expect(textOf(byId(halved, "trials"))).toContain("Settings with a seed that has no value");
  });

  it("goes without what there is not: nothing yet, and nothing but failures", () => {
    const nothing = open(sampleSweep({ done: 0 }));
    expect(textOf(byClass(nothing, "notice")[0])).toContain("0 of 27 trials have a result");
    expect(elements(nothing, "section")).toEqual([]);
    const begun = open(sampleSweep({ done: 1 }));
    expect(textOf(byClass(begun, "notice")[0])).toContain("1 of 27 trials has a result");
    expect(rows(begun, "trials")).toHaveLength(2);
    const failed = open(sampleSweep({ failEvery: 1 }));
    expect(textOf(byClass(failed, "notice")[0])).toContain("No trial has been trained to an end");
    expect(rows(failed, "failures", 1)).toHaveLength(28);
    expect(failed.getElementById("best")).toBeNull();
  });

  it("escapes names", () => {
    const name = "<img src=x onerror=alert(1)>";
    const hostile = open(sampleSweep({ name, activations: [name] }));
    expect(elements(hostile, "img")).toEqual([]);
    expect(rows(hostile, "trials")[1]).toContain(name);
    expect(textOf(elements(hostile, "h1")[0])).toBe(name);
  });

  it("stays small with a thousand trials", () => {
    const page = sweepPage(sampleSweep({ trials: 1000, rungs: [1, 3, 9, 27] }), "");
    expect(page.length).toBeLessThan(2e6);
    expect(byClass(parsePage(page), "trial")).toHaveLength(900);
  });

  it("says values as a configuration file has them, in words", () => {
    const values = [
      0.012345678,
      "relu",
      true,
      null,
      [100, 50],
      { type: "adamw", weightDecay: 0.05 },
    ] as const;
    expect(values.map((value) => settingText(value))).toEqual([
      "0.01235",
      "relu",
      "true",
      "none",
      "[100, 50]",
      "adamw, weightDecay 0.05",
    ]);
  });
});
