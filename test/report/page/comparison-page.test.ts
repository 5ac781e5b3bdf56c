import { describe, expect, it } from "vitest";
import { comparisonPage } from "../../../src/report/page/comparison-page.js";
import type { ReportedRun } from "../../../src/report/page/reported-run.js";
import { attribute, elements } from "../figures/svg-document.js";
import { byClass, byId, parsePage, rowsOf, sampleRun, textOf } from "./sample-run.js";

function open(...runs: ReportedRun[]) {
  return parsePage(comparisonPage(runs, "Made by a test"));
}

function tableOf(document: ReturnType<typeof open>, id: string): Map<string, string[]> {
  const [table] = elements(byId(document, id), "table");
  return new Map(rowsOf(table as never).map(([name = "", ...values]) => [name, values]));
}

const small = sampleRun({ name: "small", hidden: 5, epochs: 4, mistakeEvery: 3 });
const large = sampleRun({ name: "large", hidden: 20, epochs: 6, mistakeEvery: 9 });

describe("the page of several runs", () => {
  it("has the results of each run in a column, with the best in bold", () => {
    const document = open(small, large);
    const results = tableOf(document, "results");
    expect(results.get("")).toEqual(["small", "large"]);
    expect(results.get("Mistakes")).toEqual(["40", "14"]);
    expect(results.get("Test accuracy")).toEqual(["66.67 %", "88.33 %"]);
    expect(results.get("Epochs finished")).toEqual(["4", "6"]);
    expect(results.get("95 % interval")?.every((text) => /^\d\d\.\d\d – \d\d\.\d\d %$/.test(text))).toBe(
      true,
    );
    const bold = byClass(byId(document, "results"), "best").map(textOf);
    expect(bold).toContain("88.33 %");
    expect(bold).not.toContain("66.67 %");
  });

  it("tells the settings that differ from those that do not", () => {
    const document = open(small, large);
    const different = tableOf(document, "settings");
    expect([...different.keys()]).toEqual(["", "Layers", "Epochs"]);
    expect(different.get("Layers")).toEqual(["784-5-10", "784-20-10"]);
    const same = rowsOf(elements(byId(document, "settings"), "table")[1] as never);
    expect(same).toContainEqual(["Learning rate", "0.1"]);
  });

  it("overlays the curves, by epoch and by time", () => {
    const document = open(small, large);
    const figures = elements(byId(document, "curves"), "figure");
    expect(figures).toHaveLength(4);
    for (const figure of figures) {
      const lines = elements(figure, "circle").map((circle) => attribute(circle, "data-line"));
      expect(lines).toEqual([...Array(4).fill("0"), ...Array(6).fill("1")]);
    }
    const x = elements(figures[1] as never, "circle").map((circle) => Number(attribute(circle, "data-x")));
    expect(x[1]).toBeCloseTo(0.75 + 0.76); // The seconds of the first two epochs.
  });

  it("has F1 of each class", () => {
    const classes = tableOf(open(small, large), "classes");
    expect(classes.size).toBe(11);
    expect(classes.get("9")?.every((text) => /^\d+\.\d\d %$/.test(text))).toBe(true);
  });

  it("has no F1 by class for runs that tell different classes apart", () => {
    const other = sampleRun({ name: "other", classes: 2 });
    expect(textOf(byId(open(small, other), "classes"))).toContain("tell different classes apart");
  });

  it("goes without what is not known of a run", () => {
    const unfinished = { ...large, epochs: [], result: null, test: null, weights: null, notices: [] };
    const document = open(small, unfinished);
    expect(tableOf(document, "results").get("Test accuracy")).toEqual(["66.67 %", "–"]);
    expect(byClass(document, "notice").map(textOf)).toEqual([
      expect.stringMatching(/^large: The run did not/),
    ]);
    expect(document.getElementById("classes")).toBeNull();
    const none = open(unfinished, unfinished);
    expect(none.getElementById("curves")).toBeNull();
  });

  it("escapes names", () => {
    const name = "<img src=x onerror=alert(1)>";
    const document = open({ ...small, name }, large);
    expect(elements(document, "img")).toEqual([]);
    expect(tableOf(document, "results").get("")).toEqual([name, "large"]);
  });
});
