import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const out = join(folder, "out");

describe("the command line", () => {
  it.each([
    [[], /Expected a command\./],
    [["frobnicate"], /There is no such command or argument: frobnicate\./],
    [["trian"], /no such command; did you mean train\?/],
    [["train", "extra"], /There is no such command or argument: extra\./],
    [["--epoch", "3"], /There is no option --epoch\./],
    [["evaluate"], /Received 0 arguments, and this command needs at least 1\./],
    [["predict"], /Received 0 arguments, and this command needs at least 1\./],
    [["evaluate", ""], /Expected a value for the model but received an empty one\./],
    [["info", "--threads", "2"], /There is no option --threads for info\./],
    [["predict", "model", "--rows", "3"], /There is no option --rows for predict; did you mean --row\?/],
    [["plot", "digits", "--figur", "x"], /There is no option --figur for plot\./],
    [
      ["plot", "los"],
      /: The figure cannot be "los"; did you mean loss\? Choose one of digits, .*, chapter\.\n/,
    ],
    [["data", "lst"], /: The action cannot be "lst"; did you mean list\? Choose one of list, path, /],
    [
      ["data", "path", "mnits"],
      /: The data set cannot be "mnits"; did you mean mnist\? Choose one of mnist, /,
    ],
    [["data", "path", "cifar"], /: The data set cannot be "cifar"; choose one of mnist, fashion-mnist, /],
    [["predict", "model"], /Expected what to predict: PNG files, --row N, .*, or - for lines of JSON/],
    [
      ["predict", "model", "image.png", "--row", "1"],
      /Expected one thing to predict but received a picture and --row; leave one out\./,
    ],
    [
      ["predict", "model", "--row", "x"],
      /Expected rows from 0, such as 3 or 0-99,205, for --row but received "x"\./,
    ],
    [["predict", "model", "--row", "-1"], /for --row but received "-1"\./],
    [["reproduce", "--epochs", "0"], /Expected a whole number of at least 1 for --epochs but received "0"\./],
    [["reproduce", "--epochs", "51"], /Expected at most 50 for --epochs, .* but received 51\./],
    [
      ["evaluate", "model", "--part", "all"],
      /The value of --part cannot be "all"; choose one of train, validation, test\./,
    ],
  ])("%j is wrong", async (args, sentence) => {
    expectFault(await cli(args), 2, sentence);
  });

  it.each([
    [["--epochs", "0"], /Expected a whole number of at least 1 for --epochs but received "0"\./],
    [["--epochs", "1.5"], /for --epochs but received "1\.5"\./],
    [["--epochs", "abc"], /for --epochs but received "abc"\./],
    [["--epochs", "-5"], /for --epochs but received "-5"\./],
    [["--epochs="], /Expected a value for --epochs but received an empty one\./],
    [["--epochs"], /Expected a value after --epochs\./],
    [["--epochs", "1", "--epochs", "2"], /Expected --epochs once but received it 2 times\./],
    [["--learning-rate", "nan"], /Expected a finite number above 0 for --learning-rate but received "nan"\./],
    [["--learning-rate", "0"], /for --learning-rate but received "0"\./],
    [["--learning-rate", "-0.1"], /for --learning-rate but received "-0\.1"\./],
    [["--learning-rate", "Infinity"], /for --learning-rate but received "Infinity"\./],
    [["--hidden", "0"], /Expected a whole number from 1 to 1000000 for --hidden but received "0"\./],
    [["--hidden", ""], /Expected a value for --hidden but received an empty one\./],
    [["--hidden", "30,,20"], /for --hidden but received ""\./],
    [["--hidden", "30;20"], /for --hidden but received "30;20"\./],
    [["--batch-size", "0"], /for --batch-size but received "0"\./],
    [["--threads", "0"], /Expected a whole number from 1 to 1024 for --threads but received "0"\./],
    [["--threads", "2000"], /for --threads but received "2000"\./],
    [["--seed", "-1"], /Expected a whole number from 0 to 4294967295 for --seed but received "-1"\./],
    [["--seed", "4294967296"], /for --seed but received "4294967296"\./],
    [
      ["--dtype", "float16"],
      /The value of --dtype cannot be "float16"; did you mean float32\? Choose one of float32, float64\./,
    ],
    [["--backend", "cuda"], /The value of --backend cannot be "cuda"; choose one of native, js\./],
    [
      ["--dataset", "mnits"],
      /--dataset cannot be "mnits"; did you mean mnist\? Choose one of mnist, .*synthetic\./,
    ],
    [
      ["--split", "offical"],
      /--split cannot be "offical"; did you mean official\? Choose one of chapter, official\./,
    ],
    [["--dataset"], /Expected a value after --dataset\./],
    [["--dataset="], /Expected a value for --dataset but received an empty one\./],
    [["--dtype", "float32", "--dtype", "float64"], /Expected --dtype once but received it 2 times\./],
    [["--out", "elsewhere"], /Expected --out once but received it 2 times\./],
    [["--frobnicate"], /There is no option --frobnicate for train\./],
    [["--epoch", "3"], /There is no option --epoch for train; did you mean --epochs\?/],
    [["--label-colum", "y"], /There is no option --label-colum for train; did you mean --label-column\?/],
    [["--data-dri", "x"], /There is no option --data-dri for train; did you mean --data-dir\?/],
    [["-e", "3"], /There is no option -e for train\./],
    [["--batchSize", "5"], /There is no option --batchSize for train; did you mean --batch-size\?/],
    [["--no-json"], /There is no option --no-json for train\./],
    [["--hidden.first", "5"], /There is no option --hidden\.first for train\./],
  ])("train %j is wrong, and nothing is kept", async (args, sentence) => {
    expectFault(await cli(["train", "--data-dir", data, "--out", out, ...args]), 2, sentence);
    expect(readdirSync(folder)).toEqual(["data"]);
  });

  it("never substitutes for a data set that was named", async () => {
    const nowhere = { MNIST_NATIVE_HOME: join(folder, "nowhere"), HOME: folder, MNIST_NATIVE_OFFLINE: "1" };
    expectFault(
      await cli(["train", "--dataset", "kmnist", "--out", out], nowhere),
      1,
      /kmnist is not on this machine, and downloads are forbidden;/,
    );
    expect(readdirSync(folder)).toEqual(["data"]);
  });
});

describe("help", () => {
  it("names every command", async () => {
    const help = expectSuccess(await cli(["--help"]));
    for (const command of ["train", "evaluate <model>", "predict <model> [images..]", "reproduce", "info"]) {
      expect(help).toContain(`mnist-native ${command} `);
    }
    expect(expectSuccess(await cli(["help"]))).toBe(help);
  });

  it.each([
    ["train", ["--learning-rate", "[default: 0.1]", "[default: native, or js where it cannot be had]"]],
    ["evaluate", ["--part", "[default: the one it was trained with]"]],
    ["predict", ["--row", "[default: the one it was trained on]"]],
    ["reproduce", ["--trace", "[default: the chapter's run]"]],
    ["info", ["--json"]],
  ])("describes the options of %s, each once", async (command, parts) => {
    const help = expectSuccess(await cli([command, "--help"]));
    for (const part of parts) expect(help).toContain(part);
    const options = help.match(/^ +(-h, )?--[\w-]+/gm) ?? [];
    expect(new Set(options).size).toBe(options.length);
    expect(help).not.toMatch(/--[a-z]+[A-Z]|undefined|\[string\] \[default: "\d/);
    expect(Math.max(...help.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  it.each(["help", "-h", "--json help"])("is whole by train %s", async (words) => {
    expect(expectSuccess(await cli(["train", ...words.split(" ")]))).toBe(
      expectSuccess(await cli(["train", "--help"])),
    );
  });

  it("comes before complaints", async () => {
    expect(expectSuccess(await cli(["train", "--epochs", "abc", "--help"]))).toContain("--epochs");
  });

  it("gives the version", async () => {
    expect(expectSuccess(await cli(["--version"]))).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
