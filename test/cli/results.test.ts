import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { dense, standardize } from "../../src/nn/specification.js";
import { RandomState } from "../../src/random/random-state.js";
import { readRun } from "../../src/runs/read-run.js";
import { keepRun } from "../support/library-runs.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const run = (name: string) => join(folder, name);
const model = (name: string) => join(folder, name, "model.safetensors");

/** A value, and whether it is high, by two numbers. */
const random = new RandomState(3);
const rows = Array.from({ length: 210 }, () => {
  const [x = 0, y = 0] = random.normal(0, 1, 2);
  return [x, y, 3 * x - y + 5, x > y ? "high" : "low"];
});
const chooseValues = { targetColumn: "price", task: "regress" } as const;
const values = join(folder, "values.csv");
const classes = join(folder, "classes.csv");
const images = writeSmallData(folder, "images");

beforeAll(async () => {
  const write = (file: string, columns: readonly number[], names: string) =>
    writeFileSync(file, `${[names, ...rows.map((row) => columns.map((c) => row[c]).join())].join("\n")}\n`);
  write(values, [0, 1, 2], "x,y,price");
  write(classes, [0, 1, 3], "x,y,level");
  await keepRun(
    run("values"),
    { ...chooseValues, table: values },
    { layers: [2, standardize(), dense(16, "relu"), dense(1, "identity")] },
    { epochs: 30, batchSize: 5 },
  );
  await keepRun(
    run("huber"),
    { ...chooseValues, table: values },
    { layers: [2, dense(8, "tanh"), dense(1, "identity")], loss: "huber" },
  );
  await keepRun(
    run("binary"),
    { table: classes, targetColumn: "level", task: "classify" },
    { layers: [2, dense(8, "relu"), dense(1, "sigmoid")], loss: "binaryCrossEntropy" },
  );
  await keepRun(
    run("linear"),
    { table: classes, targetColumn: "level", task: "classify" },
    { layers: [2, dense(2, "identity")], loss: "squaredError" },
  );
  await keepRun(run("relu"), { dataDir: images }, { layers: [784, dense(30, "relu"), dense(10, "softmax")] });
}, 60_000);

const text = (path: string) => readFileSync(path, "utf8");

describe("a run that learned values", () => {
  it("keeps no accuracy, and the scores of its test set", async () => {
    const { epochs, summary } = await readRun(run("values"));
    expect(epochs.at(-1)?.trainAccuracy).toBeNaN();
    expect(text(join(run("values"), "metrics.jsonl"))).not.toContain("accuracy");
    expect(summary?.testCorrect).toBeNaN();
    expect(summary?.testScores?.r2).toBeGreaterThan(0.9);
    const { loss } = JSON.parse(text(join(run("values"), "config.json")));
    expect(loss).toMatchObject({ type: "squaredError" });
  });

  it("is evaluated by what a regression is judged by", async () => {
    const stdout = expectSuccess(await cli(["evaluate", model("values"), "--table", values]));
    expect(stdout).toMatch(/^On test, 30 rows: MSE: [\d.]+ \| MAE: [\d.]+ \| RMSE: [\d.]+ \| R²: 0\.9\d+\n$/);
    const { summary } = await readRun(run("values"));
    const json = JSON.parse(
      expectSuccess(await cli(["evaluate", model("values"), "--table", values, "--json"])),
    );
    expect(json).toMatchObject({ lossName: "mean squared error", count: 30, ...summary?.testScores });
    expect(json).not.toHaveProperty("accuracy");
    const huber = expectSuccess(await cli(["evaluate", model("huber"), "--table", values]));
    expect(huber).toMatch(/^On test, 30 rows: Huber loss: /);
  });

  it("predicts values, beside the true one", async () => {
    const stdout = expectSuccess(await cli(["predict", model("values"), "--table", values, "--row", "3"]));
    expect(stdout).toMatch(/^Predicted: price -?[\d.]+ \(true value: -?[\d.]+\)\n$/);
    const json = JSON.parse(
      expectSuccess(await cli(["predict", model("values"), "--table", values, "--row", "3", "--json"])),
    );
    expect(Object.keys(json)).toEqual(["values", "names", "target", "notes"]);
    expect([json.names, json.target.length]).toEqual([["price"], 1]);
  });

  it("has a report with its values and curves, and no accuracy or picture", async () => {
    expectSuccess(await cli(["report", run("values")]));
    const page = text(join(run("values"), "report.html"));
    expect(page).toContain("R² on the test set, 30 rows");
    expect(page).toContain("Loss (mean squared error)");
    expect([...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id)).toEqual([
      "curves",
      "values",
      "time",
      "settings",
    ]);
    for (const word of ["accuracy", "images", "confusion", "NaN", "undefined", "not a number"]) {
      expect(page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, "")).not.toContain(word);
    }
    expectSuccess(await cli(["report", run("huber"), run("values")]));
    const compared = text(join(run("huber"), "comparison.html"));
    expect(compared).toContain("Test error (each run&#39;s own loss)");
    expect(compared).toContain("R²");
  });

  it("has figures of its values and its loss, and says of others why there are none", async () => {
    expectSuccess(await cli(["plot", "predicted", run("values")]));
    expect(text(join(run("values"), "predicted.svg")).match(/data-y=/g)).toHaveLength(30);
    expectSuccess(await cli(["plot", "residuals", run("values"), "--part", "train"]));
    const counts = [...text(join(run("values"), "residuals.svg")).matchAll(/data-count="(\d+)"/g)];
    expect(counts.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(165);
    expectSuccess(await cli(["plot", "loss", run("huber")]));
    expect(text(join(run("huber"), "loss.svg"))).toContain("Training loss (Huber loss)");
    expectSuccess(await cli(["plot", "compare", run("huber"), run("values")]));
    expect(text(join(run("huber"), "compare.svg"))).toContain("Loss (of each run its own)");
    expectFault(
      await cli(["plot", "accuracy", run("values")]),
      1,
      /of which there is no accuracy; plot loss/,
    );
    expectFault(await cli(["plot", "compare", run("values"), "--measure", "accuracy"]), 1, /no accuracy/);
    expectFault(await cli(["plot", "confusion", run("values")]), 1, /learned values and no classes/);
    expectFault(await cli(["plot", "predicted", run("relu")]), 1, /learned classes and no values/);
  });
});

describe("a run with another loss", () => {
  it("is evaluated by the name of its loss", async () => {
    const relu = expectSuccess(await cli(["evaluate", model("relu"), "--data-dir", images]));
    expect(relu).toMatch(
      /^Accuracy on test: [\d.]+% \(\d+ of 200\) \| cross-entropy: \d\.\d{4}\n\n +precision/,
    );
    const binary = expectSuccess(await cli(["evaluate", model("binary"), "--table", classes]));
    expect(binary).toMatch(
      /^Accuracy on test: [\d.]+% \(\d+ of 30\) \| binary cross-entropy: 0\.\d{4}\n\n +precision/,
    );
  });

  it("predicts classes by one output, with the probability of each", async () => {
    const { summary } = await readRun(run("binary"));
    let correct = 0;
    for (let row = 0; row < 5; row++) {
      const args = ["predict", model("binary"), "--table", classes, "--row", String(row)];
      const stdout = expectSuccess(await cli(args));
      const [, predicted, truth, first] =
        /^Predicted: (\w+) \(true class: (\w+)\)\n {2}(\w+): probability 0\.[5-9]\d+\n/.exec(stdout) ?? [];
      expect(predicted).toBe(first);
      if (predicted === truth) correct += 1;
    }
    expect(Number(summary?.testCorrect)).toBeGreaterThan(24);
    expect(correct).toBeGreaterThan(2);
  });

  it("has a report and figures that name it, with pictures where there are images", async () => {
    expectSuccess(await cli(["report", run("relu")]));
    const page = text(join(run("relu"), "report.html"));
    expect(page).toContain("test error (cross-entropy)");
    expect(page).toContain("Loss (cross-entropy)");
    expect(page).toContain('id="mistakes"');
    expectSuccess(await cli(["plot", "convergence", run("relu")]));
    expect(text(join(run("relu"), "convergence.svg"))).toContain("Training loss (cross-entropy)");
    expectSuccess(await cli(["plot", "compare", run("relu"), run("binary")]));
    const compared = text(join(run("relu"), "compare.svg"));
    for (const name of ["relu, training", "binary, validation", "Accuracy (%)"])
      expect(compared).toContain(name);
  });

  it("has, for a table, the classes and no pictures", async () => {
    expectSuccess(await cli(["report", run("binary")]));
    const page = text(join(run("binary"), "report.html"));
    const ids = [...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
    expect(ids).toEqual(["curves", "classes", "confidence", "confusion", "time", "settings"]);
    expect(page).not.toMatch(/\d images|of the images/);
    expectSuccess(await cli(["plot", "confusion", run("binary")]));
    expectFault(await cli(["plot", "misclassified", run("binary")]), 1, /needs images/);
    // Outputs of a linear layer do not say how sure they are.
    expectSuccess(await cli(["report", run("linear")]));
    expect(text(join(run("linear"), "report.html"))).not.toContain('id="confidence"');
  });
});

describe("runs of older versions", () => {
  it.each(["0.1.0", "0.2.0"])("are reported as before: %s", async (version) => {
    const golden = new URL(`../golden/runs/${version}/`, import.meta.url);
    mkdirSync(run(version));
    for (const file of ["config.json", "metrics.jsonl", "model.safetensors", "summary.json"]) {
      copyFileSync(new URL(file, golden), join(run(version), file));
    }
    if (version === "0.2.0")
      copyFileSync(new URL("environment.json", golden), join(run(version), "environment.json"));
    const { status } = await cli(["report", run(version)]);
    expect(status).toBe(0);
    const page = text(join(run(version), "report.html"));
    expect(page).toContain("test error (MSE)");
    expect(page).toContain("Loss (mean squared error)");
    expect(page).toMatch(/test accuracy, [\d,]+ of [\d,]+ images/);
  });
});
