import { describe, expect, it } from "vitest";
import { wilsonInterval } from "../../../src/metrics/wilson-interval.js";
import { runPage } from "../../../src/report/page/run-page.js";
import { attribute, elements } from "../figures/svg-document.js";
import { byClass, byId, parsePage, rowsOf, type SampleOptions, sampleRun, textOf } from "./sample-run.js";

function open(options: SampleOptions = {}) {
  const run = sampleRun(options);
  return { run, document: parsePage(runPage(run, "Made by a test")) };
}

const EVERYTHING = [
  "curves",
  "classes",
  "confidence",
  "confusion",
  "mistakes",
  "weights",
  "time",
  "settings",
];

function sectionsOf(document: ReturnType<typeof parsePage>): string[] {
  return elements(document, "section").map((section) => attribute(section, "id"));
}

describe("the page of a run", () => {
  it("has every section, and links to each", () => {
    const { document } = open();
    expect(sectionsOf(document)).toEqual(EVERYTHING);
    const links = elements(elements(document, "nav")[0] as never, "a").map((a) => attribute(a, "href"));
    expect(links).toEqual(EVERYTHING.map((id) => `#${id}`));
    expect(textOf(elements(document, "footer")[0])).toBe("Made by a test");
  });

  it("opens with the test accuracy and its interval", () => {
    const { run, document } = open();
    const { testCorrect = 0, testCount = 0 } = run.result ?? {};
    const { lower, upper } = wilsonInterval(testCorrect, testCount);
    const score = textOf(byClass(document, "score")[0]);
    expect(score).toContain(`${((100 * testCorrect) / testCount).toFixed(2)} %`);
    expect(score).toContain(`${testCorrect} of ${testCount} images`);
    expect(score).toContain(`95 % interval: ${(lower * 100).toFixed(2)} % to ${(upper * 100).toFixed(2)} %`);
  });

  it("has the numbers of every epoch in points and in a table", () => {
    const { run, document } = open();
    const points = elements(byId(document, "curves"), "circle");
    const losses = points.slice(0, 12).map((point) => Number(attribute(point, "data-y")));
    expect(losses).toEqual(run.epochs.map(({ trainLoss }) => trainLoss));
    expect(points).toHaveLength(4 * 12);
    const [table] = elements(byId(document, "curves"), "table");
    const [, ...rows] = rowsOf(table as never);
    expect(rows.map(([epoch]) => epoch)).toEqual(run.epochs.map(({ epoch }) => String(epoch)));
    expect(Number(rows[3]?.[1])).toBeCloseTo(run.epochs[3]?.trainLoss ?? Number.NaN, 5);
  });

  it("has the confusion matrix with the number of images of each cell", () => {
    const { run, document } = open();
    const cells = elements(byId(document, "confusion"), "td").filter((cell) =>
      cell.hasAttribute("data-true"),
    );
    const { dataset, predictions } = run.test ?? sampleRun().test ?? { predictions: [] };
    for (const cell of cells) {
      const [t, p] = [Number(attribute(cell, "data-true")), Number(attribute(cell, "data-predicted"))];
      const count = [...(dataset?.targets.labels ?? [])].filter(
        (label, i) => label === t && predictions[i] === p,
      ).length;
      expect(textOf(cell)).toBe(String(count));
    }
    const total = cells.reduce((sum, cell) => sum + Number(textOf(cell)), 0);
    expect(total).toBe(120);
    const keys = cells.map((cell) => `${attribute(cell, "data-true")},${attribute(cell, "data-predicted")}`);
    const panels = elements(byId(document, "confusion"), "div").filter((div) =>
      div.hasAttribute("data-cell"),
    );
    expect(panels.map((panel) => attribute(panel, "data-cell"))).toEqual(keys);
    // Without a script, the images of the most frequent mistake are there to see.
    const shown = panels.filter((panel) => !panel.hasAttribute("hidden"));
    expect(shown).toHaveLength(1);
    const [t, p] = attribute(shown[0] as never, "data-cell").split(",");
    expect(t).not.toBe(p);
  });

  it("lists mistakes from the most confident to the least", () => {
    const { run, document } = open();
    const shown = elements(byId(document, "mistakes"), "li").map((item) => {
      const [, sure] = /(\d+\.\d) %/.exec(textOf(item)) ?? [];
      return Number(sure);
    });
    expect(shown).toHaveLength((run.result?.testCount ?? 0) - (run.result?.testCorrect ?? 0));
    expect(shown).toEqual(shown.toSorted((a, b) => b - a));
    const [first] = elements(byId(document, "mistakes"), "b");
    expect(textOf(first)).toMatch(/^(\d) → \d$/);
  });

  it("shows the command that makes the run again", () => {
    const [command] = elements(byId(open().document, "settings"), "code");
    expect(textOf(command)).toBe("npx mnist-native train --data-dir data --seed 123");
  });

  it("states time, throughput and share of the peak", () => {
    const time = byId(open().document, "time");
    const names = elements(time, "dt").map(textOf);
    const values = elements(time, "dd").map(textOf);
    // The network is 784-5-10, and its median epoch took 0.805 s.
    const flop = 55_000 * (4 * 784 * 5 + 6 * 50) + 60_000 * (2 * 784 * 5 + 2 * 50);
    const gflops = flop / 0.805 / 1e9;
    expect(Object.fromEntries(names.map((name, i) => [name, values[i]]))).toEqual({
      "median epoch": "805 ms",
      "whole run": "12.5 s",
      "images per second": Math.round(55_000 / 0.805).toLocaleString("en-US"),
      "GFLOP/s": gflops.toFixed(1),
      "of the peak": `${((100 * gflops) / 180).toFixed(2)} %`,
    });
  });

  it("asks nobody for anything", () => {
    const page = runPage(sampleRun(), "");
    const policy = elements(parsePage(page), "meta").map((meta) => meta.getAttribute("content"));
    expect(policy).toContainEqual(expect.stringContaining("default-src 'none'"));
    expect(page.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:\/\//);
    const sources = [...page.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? "");
    expect(sources.filter((address) => !/^(data:|#)/.test(address))).toEqual([]);
  });

  it("comes out the same each time, with no id twice", () => {
    const page = runPage(sampleRun(), "");
    expect(runPage(sampleRun(), "")).toBe(page);
    const ids = elements(parsePage(page), "*").flatMap((element) => element.getAttribute("id") ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("text from outside", () => {
  const nasty = `<script>alert("1")</script>&'"\u0000</style>`;

  it("cannot become markup, wherever it stands", () => {
    const run = sampleRun({ name: nasty, classNames: Array.from("abcdefghij", (c) => `${nasty}${c}`) });
    const { settings } = run;
    const page = runPage(
      {
        ...run,
        notices: [nasty],
        settings: { ...settings, dataset: nasty, command: ["train", "--data-dir", nasty] },
      },
      nasty,
    );
    const document = parsePage(page);
    const scripts = elements(document, "script").map((script) => script.textContent ?? "");
    expect(scripts).toHaveLength(1);
    expect(scripts[0]).not.toContain("alert");
    const shown = nasty.replace("\u0000", "\uFFFD");
    expect(elements(document, "h1")[0]?.textContent).toBe(shown);
    expect(byClass(document, "notice").at(-1)?.textContent).toBe(shown);
    expect(elements(document, "title")[0]?.textContent).toContain("alert");
    const cell = elements(byId(document, "confusion"), "td").find((td) => td.hasAttribute("data-label"));
    expect(cell?.getAttribute("data-label")).toContain(`True ${shown}a, predicted`);
  });
});

describe("a run that is out of the ordinary", () => {
  it("may have one epoch", () => {
    const { document } = open({ epochs: 1 });
    expect(sectionsOf(document)).toEqual(EVERYTHING);
    expect(elements(byId(document, "curves"), "circle")).toHaveLength(4);
  });

  it("may have two classes", () => {
    const { document } = open({ classes: 2, classNames: ["cat", "dog"] });
    const [table] = elements(byId(document, "classes"), "table");
    expect(rowsOf(table as never).map(([name]) => name)).toEqual([
      "Class",
      "cat",
      "dog",
      "Macro average",
      "Weighted average",
    ]);
  });

  it("may have 62 classes", () => {
    const { document } = open({ classes: 62, images: 620 });
    const [table] = elements(byId(document, "classes"), "table");
    expect(rowsOf(table as never)).toHaveLength(1 + 62 + 2);
    const matrix = byClass(document, "matrix")[0];
    expect(elements(matrix as never, "td")).toHaveLength(1 + 62 * 62);
  });

  it("may have images of another size", () => {
    const { run, document } = open({ imageShape: [32, 20] });
    const images = elements(byId(document, "weights"), "img").slice(0, 5);
    expect(images.map((image) => [image.getAttribute("width"), image.getAttribute("height")])).toEqual(
      Array(5).fill(["20", "32"]),
    );
    expect(runPage(run, "")).toContain("aspect-ratio:20/32");
  });

  it("may have no mistake", () => {
    const { document } = open({ mistakeEvery: 0 });
    expect(textOf(byId(document, "mistakes"))).toContain("No mistakes: all 120 images");
    expect(textOf(byClass(document, "score")[0])).toContain("100.00 %");
  });

  it("may have a loss that is not a number", () => {
    const run = sampleRun();
    const epochs = run.epochs.map((epoch) =>
      epoch.epoch < 3 ? epoch : { ...epoch, trainLoss: Number.NaN, validLoss: Number.NaN },
    );
    const test =
      run.test === null ? null : { ...run.test, confidences: new Float64Array(120).fill(Number.NaN) };
    const weights = run.weights && { ...run.weights, weights: new Float32Array(5 * 784).fill(Number.NaN) };
    const result = run.result && { ...run.result, testLoss: Number.NaN };
    const document = parsePage(runPage({ ...run, epochs, test, weights, result }, ""));
    expect(sectionsOf(document)).toEqual(EVERYTHING);
    expect(textOf(byClass(document, "notice")[0])).toContain("not a number from epoch 3 on");
    expect(textOf(byId(document, "confidence"))).toContain("none of the network's outputs is a number");
    expect(textOf(elements(document, "body")[0])).not.toContain("NaN");
  });

  it("may have been stopped", () => {
    const run = sampleRun();
    const result = run.result && { ...run.result, stopReason: "validation.loss has not fallen for 5 epochs" };
    const document = parsePage(runPage({ ...run, result }, ""));
    expect(textOf(byClass(document, "notice")[0])).toBe(
      "The run stopped after 12 of 12 epochs: validation.loss has not fallen for 5 epochs.",
    );
  });

  it("may have been interrupted before an epoch was finished", () => {
    const run = sampleRun();
    const result = run.result && { ...run.result, interrupted: true };
    const document = parsePage(runPage({ ...run, epochs: [], result }, ""));
    expect(sectionsOf(document)).toEqual(EVERYTHING.filter((id) => id !== "curves" && id !== "time"));
    expect(textOf(byClass(document, "notice")[0])).toBe("The run was interrupted after 0 of 12 epochs.");
  });

  it("may have left nothing but its settings and curves", () => {
    const run = sampleRun();
    const document = parsePage(
      runPage({ ...run, result: null, test: null, weights: null, notices: ["There is no model."] }, ""),
    );
    expect(sectionsOf(document)).toEqual(["curves", "time", "settings"]);
    expect(byClass(document, "score")).toEqual([]);
    expect(byClass(document, "notice").map(textOf)).toEqual([
      expect.stringContaining("did not come to its end: it finished 12 of 12 epochs"),
      "There is no model.",
    ]);
  });

  it("says so when the network does not do on the images what the run recorded", () => {
    const run = sampleRun();
    const result = run.result && { ...run.result, testCorrect: 7 };
    const document = parsePage(runPage({ ...run, result }, ""));
    expect(textOf(byClass(document, "notice")[0])).toMatch(
      /right for \d+ of 120 images; the run recorded 7 of 120/,
    );
  });

  it("may not know its machine", () => {
    const run = sampleRun();
    const settings = { ...run.settings, environment: null, examples: null, threads: null, version: null };
    const text = textOf(byId(parsePage(runPage({ ...run, settings }, "")), "time"));
    expect(text).not.toContain("GFLOP/s");
    expect(text).toContain("did not record how many images");
  });
});
