import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const find = (...args: string[]) => cli(["find-lr", "--data-dir", data, "--batch-size", "10", ...args]);

describe("find-lr", () => {
  it("prints a table of learning rates and losses, and what to try", async () => {
    const lines = expectSuccess(await find("--seed", "3"))
      .trimEnd()
      .split("\n");
    expect(lines[0]).toBe("Learning rate      MSE  moving average");
    expect(lines.slice(1, 11).every((line) => /^ *[\d.]+ +[\d.]+ +[\d.]+$/.test(line))).toBe(true);
    expect(lines[1]).toMatch(/^ *0\.000001 /);
    expect(lines.at(-1)).toMatch(
      /^Suggested: --learning-rate [\d.]+, where the loss falls most steeply\. A tenth of the rate of the lowest loss is [\d.]+\.$/,
    );
  });

  it("prints JSON, from other rates, for the network and the training that are asked for", async () => {
    const args = ["--json", "--min", "0.001", "--max", "0.1", "--steps", "12", "--hidden", "5"];
    const found = JSON.parse(expectSuccess(await find(...args)));
    expect(Object.keys(found)).toEqual([
      "rates",
      "losses",
      "smoothedLosses",
      "divergedAt",
      "suggestions",
      "outcome",
    ]);
    expect(found.rates).toHaveLength(12);
    expect(found.rates[0]).toBe(0.001);
    expect(found.rates[11]).toBeCloseTo(0.1, 12);
    for (const other of [
      ["--optimizer", "adam"],
      ["--activation", "relu"],
      ["--seed", "5"],
      ["--dropout", "0.5"],
    ]) {
      expect(JSON.parse(expectSuccess(await find(...args, ...other))).losses).not.toEqual(found.losses);
    }
  });

  it("takes the settings of a run from its config.json, under options of its own", async () => {
    const settings = ["--hidden", "5", "--seed", "9", "--dtype", "float64", "--optimizer", "adam"];
    const out = join(folder, "run");
    const training = ["--batch-size", "10", "--epochs", "1", "--schedule", "one-cycle"];
    expectSuccess(await cli(["train", "--data-dir", data, ...settings, ...training, "--out", out]));
    const test = ["--json", "--steps", "12"];
    const of = async (...args: string[]) =>
      JSON.parse(
        expectSuccess(await cli(["find-lr", "--config", join(out, "config.json"), ...test, ...args])),
      );
    const found = JSON.parse(expectSuccess(await find(...settings, ...test)));
    expect(await of()).toEqual(found);
    expect((await of("--seed", "8")).losses).not.toEqual(found.losses);
  });

  it("draws the curve as SVG and as PNG", async () => {
    const [svg, png] = [join(folder, "curve.svg"), join(folder, "curve.png")];
    expect(
      expectSuccess(await find("-o", svg))
        .trimEnd()
        .split("\n")
        .at(-1),
    ).toBe(svg);
    expect(readFileSync(svg, "utf8")).toMatch(/^<svg .*Falls most steeply at .*<\/svg>$/s);
    expectSuccess(await find("--out", png, "--json"));
    expect(readFileSync(png).subarray(1, 4).toString()).toBe("PNG");
  });

  it("says that the loss hardly fell, or grew at once", async () => {
    expect(expectSuccess(await find("--max", "1e-5", "--steps", "20"))).toMatch(
      /The loss hardly fell at any of these learning rates, so that none can be suggested; try a larger --max/,
    );
    const linear = ["--hidden", "none", "--output", "identity", "--min", "10", "--max", "1e9"];
    expect(expectSuccess(await find(...linear))).toMatch(
      /^From a learning rate of .* on, the loss grew without end\.\nThe loss did not fall before that, so that no/m,
    );
  });

  it.each<[args: readonly string[], sentence: RegExp]>([
    [["--min", "1", "--max", "0.5"], /Expected a number above --min, 1, for --max but received 0\.5\.$/m],
    [["--steps", "5"], /Expected a whole number from 10 to 1000000 for --steps but received "5"\.$/m],
    [
      ["--optimizer", "lbfgs"],
      /Expected another optimizer than lbfgs for find-lr, as that one finds its steps/,
    ],
    [["--learning-rate", "0.1"], /There is no option --learning-rate for find-lr/],
    [["--epochs", "3"], /There is no option --epochs for find-lr/],
  ])("%j is refused", async (args, sentence) => {
    expectFault(await cli(["find-lr", "--data-dir", data, ...args]), 2, sentence);
  });

  it("refuses another kind of figure before data are read", async () => {
    const out = join(folder, "curve.pdf");
    expectFault(
      await find("-o", out),
      2,
      /Expected a name that ends in \.svg or \.png for --out but received .*pdf\.$/m,
    );
    expect(existsSync(out)).toBe(false);
  });
});
