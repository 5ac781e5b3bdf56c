import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { pythonWith, runPython } from "../support/python.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";

// A regressor and a classifier of scikit-learn, saved by the example's program, go on with the table that they learned from.

const python = pythonWith("sklearn");
const folder = temporaryFolder();
const file = (...names: string[]) => join(folder, ...names);
const table = file("wines.csv");

/** Prices follow from alcohol and soil, grapes from colour. Categories become columns in the order of their names, after the numbers. */
const PROGRAM = `
import importlib.util, json, sys, warnings
import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

program, folder = sys.argv[1:]
spec = importlib.util.spec_from_file_location("save_sklearn", program)
save_sklearn = importlib.util.module_from_spec(spec)
spec.loader.exec_module(save_sklearn)
warnings.simplefilter("ignore")
rows = [line.strip().split(",") for line in open(folder + "/wines.csv")][1:]
soils = ["chalk", "clay", "sand"]
alcohol, price = (np.array([float(row[i]) for row in rows]) for i in (0, 2))
soil = np.array([[float(row[1] == name) for name in soils] for row in rows])
x = np.column_stack([alcohol, soil])
regressor = make_pipeline(StandardScaler(), MLPRegressor((8,), solver="lbfgs", max_iter=300, random_state=1))
regressor.fit(x, price)
save_sklearn.save(regressor, folder + "/price.npz")
is_dear = np.where(price > 12, "dear", "cheap")
classifier = MLPClassifier((8,), solver="lbfgs", max_iter=300, random_state=1).fit(x, is_dear)
save_sklearn.save(classifier, folder + "/dear.npz")
print(json.dumps({"price": regressor.predict(x).tolist(), "dear": classifier.predict_proba(x)[:, 1].tolist()}))
`;

interface Known {
  readonly price: readonly number[];
  /** The probability of the second class, in the order of their names. */
  readonly dear: readonly number[];
}

describe.skipIf(python === undefined)("a network of scikit-learn's for a table", { timeout: 60_000 }, () => {
  let known: Known = { price: [], dear: [] };
  const rows = Array.from({ length: 120 }, (_, i) => {
    const alcohol = 10 + ((i * 37) % 50) / 10;
    const soil = ["sand", "chalk", "clay"][i % 3] as string;
    const price = (alcohol - 4 + 2 * (i % 3)).toFixed(2);
    return { alcohol: alcohol.toFixed(1), soil, price, worth: Number(price) > 12 ? "dear" : "cheap" };
  });

  beforeAll(async () => {
    const write = (name: string, target: "price" | "worth") =>
      writeFileSync(
        file(name),
        `alcohol,soil,${target}\n${rows.map((row) => `${row.alcohol},${row.soil},${row[target]}\n`).join("")}`,
      );
    write("wines.csv", "price");
    write("worth.csv", "worth");
    const program = fileURLToPath(new URL("../../examples/save-sklearn.py", import.meta.url));
    known = JSON.parse(runPython(python ?? "", PROGRAM, [program, folder])) as Known;
    for (const [name, csv, target, task] of [
      ["price", table, "price", "regress"],
      ["dear", file("worth.csv"), "worth", "classify"],
    ] as const) {
      const data = ["--table", csv, "--target-column", target, "--task", task];
      expectSuccess(await cli(["import", file(`${name}.npz`), ...data, "-o", file(name)]));
    }
    expectSuccess(await cli(["import", file("price.npz"), "-o", file("alone")]));
  }, 60_000);

  const answers = async (name: string, csv: string) => {
    const model = file(name, "model.safetensors");
    const lines = expectSuccess(await cli(["predict", model, "--batch", csv]));
    return lines
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly [field: string]: unknown });
  };

  it("predicts the values that scikit-learn predicts, and is tested, trained further and told of", async () => {
    const values = await answers("price", table);
    for (const [i, answer] of values.entries())
      expect((answer.values as number[])[0]).toBeCloseTo(known.price[i] as number, 9);
    expect(values).toHaveLength(known.price.length);
    const summary = JSON.parse(readFileSync(file("price", "summary.json"), "utf8"));
    expect(summary.testScores.r2).toBeGreaterThan(0.95);
    const model = file("price", "model.safetensors");
    expect(expectSuccess(await cli(["evaluate", model, "--table", table]))).toMatch(
      /MSE: .* R²: (0\.9|1\.0)/,
    );
    expect(expectSuccess(await cli(["predict", model, "--table", table, "--row", "3"]))).toMatch(
      /^Predicted: price /,
    );
    expectSuccess(await cli(["report", file("price")]));
    const page = readFileSync(file("price", "report.html"), "utf8");
    expect(page).toContain("Imported network");
    expect(page.slice(page.indexOf("<body>"), page.indexOf("<script>"))).not.toMatch(/undefined|NaN/);
    const further = ["--learning-rate", "0.0001", "--epochs", "1", "--out", file("further")];
    const data = ["--table", table, "--target-column", "price", "--task", "regress"];
    expectSuccess(await cli(["train", "--from", model, ...data, ...further]));
    const trained = JSON.parse(readFileSync(file("further", "summary.json"), "utf8"));
    expect(trained.testLoss).toBeCloseTo(summary.testLoss, 1);
  });

  it("tells classes apart as scikit-learn does, and goes on with its loss", async () => {
    for (const [i, answer] of (await answers("dear", file("worth.csv"))).entries()) {
      const [, probability] = answer.probabilities as number[];
      expect(probability).toBeCloseTo(known.dear[i] as number, 9);
      expect(answer.name).toBe((known.dear[i] as number) > 0.5 ? "dear" : "cheap");
    }
    const { loss } = JSON.parse(readFileSync(file("dear", "config.json"), "utf8"));
    expect(loss).toEqual({ type: "binaryCrossEntropy" });
    const model = file("dear", "model.safetensors");
    expect(expectSuccess(await cli(["evaluate", model, "--table", file("worth.csv")]))).toMatch(
      /^Accuracy on test: .* binary cross-entropy: /,
    );
    expectSuccess(await cli(["report", file("dear")]));
  });

  it("gives values without a table, too, and says where it knows no columns", async () => {
    const model = file("alone", "model.safetensors");
    // Alcohol, then chalk, clay and sand: the first row, in which nothing is an image's pixel though four numbers make a square.
    const line = JSON.stringify([10, 0, 0, 1]);
    writeFileSync(file("rows.jsonl"), `${line}\n`);
    const [answer] = await answers("alone", file("rows.jsonl"));
    expect(answer).toMatchObject({ values: [expect.closeTo(known.price[0] as number, 9)] });
    expectFault(
      await cli(["evaluate", model, "--table", table]),
      1,
      /does not tell which columns of a table it reads; import it with --table FILE --target-column NAME/,
    );
    const { status, stderr } = await cli(["report", file("alone")]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/alone: Data to test it on can be named for this page\.\n$/);
  });
});
