import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RandomState } from "../../src/random/random-state.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";

const folder = temporaryFolder();
const COUNT = 210;

/** A class by two numbers and a colour. */
const random = new RandomState(7);
const rows = Array.from({ length: COUNT }, (_, i) => {
  const label = i % 3;
  const [x = 0, y = 0] = random.normal(0, 0.3, 2);
  return {
    x: x + label,
    y: y - label,
    colour: label === 2 ? "red" : i % 2 ? "green" : "blue",
    kind: ["ant", "bee", "wasp"][label],
  };
});

function write(name: string, columns: readonly (keyof (typeof rows)[0])[]): string {
  const lines = [columns.join(","), ...rows.map((row) => columns.map((column) => row[column]).join(","))];
  const file = join(folder, name);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

const table = write("insects.csv", ["x", "y", "colour", "kind"]);
const turned = write("turned.csv", ["kind", "colour", "y", "x"]);
const unlabelled = write("unlabelled.csv", ["colour", "y", "x"]);
const incomplete = write("incomplete.csv", ["x", "y", "kind"]);
const run = join(folder, "run");
const model = join(run, "model.safetensors");
const learn = ["--target-column", "kind", "--task", "classify"];

describe("a table on the command line", () => {
  it("is learned, and what is known of its columns is kept", async () => {
    const options = ["--epochs", "30", "--batch-size", "5", "--learning-rate", "0.5", "--out", run];
    const stdout = expectSuccess(await cli(["train", "--table", table, ...learn, ...options]));
    expect(stdout).toContain("Data: 165 training, 15 validation and 30 test rows of 5 numbers.");
    expect(stdout).toContain("Network: 5-50-3");
    const config = JSON.parse(readFileSync(join(run, "config.json"), "utf8"));
    expect(config).toMatchObject({ table, targetColumn: "kind", task: "classify", split: "chapter" });
    const { data } = JSON.parse(readFileSync(join(run, "environment.json"), "utf8"));
    expect(data).toMatchObject({ classes: 3, classNames: ["ant", "bee", "wasp"] });
    expect(data.columns.features).toContainEqual({
      name: "colour",
      kind: "category",
      categories: ["blue", "green", "red"],
    });
    expect(data).not.toHaveProperty("imageShape");
    expect(readFileSync(model, "latin1")).not.toContain(folder); // Where the table lay is nobody's business.
  });

  it("is evaluated, in any order of its columns, on the run's own test rows", async () => {
    const summary = JSON.parse(readFileSync(join(run, "summary.json"), "utf8"));
    expect(summary.testAccuracy).toBeGreaterThan(0.8);
    for (const file of [table, turned]) {
      const stdout = expectSuccess(await cli(["evaluate", model, "--table", file, "--json"]));
      const { testCorrect: correct, testCount: count, testLoss: loss } = summary;
      expect(JSON.parse(stdout)).toMatchObject({ dataset: "table", sameData: true, correct, count, loss });
    }
  });

  it("is predicted by the place in the test set, or in a table without a target", async () => {
    const predicted = expectSuccess(await cli(["predict", model, "--table", table, "--row", "0", "--json"]));
    const { name, label, activations } = JSON.parse(predicted);
    expect([["ant", "bee", "wasp"].indexOf(name), activations.length]).toEqual([label, 3]);
    const last = expectSuccess(
      await cli(["predict", model, "--table", unlabelled, "--row", String(COUNT - 1)]),
    );
    expect(last).toMatch(/^Predicted: wasp\n/);
    expectFault(
      await cli(["predict", model, "--table", unlabelled, "--row", String(COUNT)]),
      2,
      /from 0 to 209, the table's/,
    );
  });

  it("makes a run whose report and figures tell of classes, and not of images", async () => {
    expectSuccess(await cli(["report", run]));
    expectSuccess(await cli(["plot", "confusion", run]));
    expectSuccess(await cli(["plot", "loss", run]));
    for (const figure of ["digits", "misclassified"]) {
      expectFault(
        await cli(["plot", figure, run]),
        1,
        /figure needs images, and these data are rows of numbers/,
      );
    }
  });

  it.each<[what: string, args: readonly string[], status: 1 | 2, fault: RegExp]>([
    ["a target alone", ["train", "--target-column", "kind"], 2, /Expected --table with --target-column/],
    ["a task alone", ["train", "--task", "regress"], 2, /Expected --table with --task/],
    ["an unknown task", ["train", "--table", table, "--task", "sort"], 2, /classify, regress/],
    [
      "two sources",
      ["train", "--table", table, "--csv", table],
      2,
      /one source of data but received --csv and --table/,
    ],
    [
      "an official split",
      ["train", "--table", table, ...learn, "--split", "official"],
      2,
      /--split chapter with --table/,
    ],
    ["no target", ["train", "--table", table], 1, /--target-column/],
    [
      "no task",
      ["train", "--table", table, "--target-column", "kind"],
      1,
      /classify or regress for task \(on the command line --task\)/,
    ],
    [
      "a target that is not there",
      ["train", "--table", table, "--target-column", "kinds", "--task", "classify"],
      1,
      /did you mean kind\?/,
    ],
    [
      "a distortion of numbers",
      ["train", "--table", table, ...learn, "--augment", "shift=1"],
      2,
      /Expected no --augment with --table, because it is about images/,
    ],
    [
      "a model's table without a column",
      ["evaluate", model, "--table", incomplete],
      1,
      /incomplete\.csv has no column colour, which the network was trained on/,
    ],
    [
      "a table without a target to evaluate on",
      ["evaluate", model, "--table", unlabelled],
      1,
      /has no column kind, the target/,
    ],
    [
      "another target than the model's",
      ["evaluate", model, "--table", table, "--target-column", "colour"],
      1,
      /Expected no other targetColumn and task than kind and classify/,
    ],
    ["a picture for a model of tables", ["predict", model, "digit.png"], 2, /Expected --table FILE --row N/],
    [
      "no data for a model of tables",
      ["evaluate", model],
      1,
      /Expected --table with the data that the model was trained on/,
    ],
  ])("is refused with a clear sentence: %s", async (_, args, status, fault) => {
    expectFault(await cli(args), status, fault);
  });

  it("is refused for a model of images, and images for one of tables", async () => {
    const { status, stderr } = await cli(["evaluate", model, "--dataset", "synthetic"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /The network has 5 inputs, but the images have 28 x 28 pixels; it must have 784\.\n$/,
    );

    const images = join(folder, "images");
    expectSuccess(
      await cli(["train", "--dataset", "synthetic", "--epochs", "1", "--hidden", "2", "--out", images]),
    );
    expectFault(
      await cli(["evaluate", join(images, "model.safetensors"), "--table", table]),
      1,
      /does not tell which columns of a table it reads; it was trained on synthetic/,
    );
  });
});
