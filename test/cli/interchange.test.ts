import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeSafetensors } from "../../src/formats/safetensors.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { loadModel, saveModel } from "../../src/training/model-file.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess, MAIN, startProgram } from "./harness.js";
import { servePage } from "./served-page.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const run = join(folder, "run");
const model = join(run, "model.safetensors");
const imported = join(folder, "imported");
const FORMS: Readonly<Record<string, string>> = {
  "model.onnx": "onnx",
  "model.npz": "npz",
  "model_pytorch.safetensors": "pytorch",
};
const exported = (name: string) => join(folder, "exported", name);
const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));

beforeAll(async () => {
  mkdirSync(join(folder, "exported"));
  const network = ["--hidden", "12", "--activation", "tanh", "--loss", "cross-entropy", "--epochs", "3"];
  expectSuccess(await cli(["train", "--data-dir", data, "--split", "official", ...network, "--out", run]));
  expectSuccess(await cli(["export", model, "-o", join(folder, "digits.onnx")]));
  const test = ["--data-dir", data, "--split", "official"];
  expectSuccess(await cli(["import", join(folder, "digits.onnx"), ...test, "-o", imported]));
}, 60_000);

describe("export", () => {
  it.each([
    ["onnx", ["model.onnx"], "onnxruntime.InferenceSession"],
    ["npz", ["model.npz"], "numpy.load"],
    ["csv", ["model.csv"], "pandas.read_csv"],
    ["javascript", ["model.mjs"], "import { predict }"],
    ["pytorch", ["model_pytorch.py", "model_pytorch.safetensors"], "model_pytorch.load()"],
  ])("writes %s beside the model, and says what reads it", async (form, names, reader) => {
    const stdout = expectSuccess(await cli(["export", model, "--to", form]));
    for (const name of names) {
      expect(stdout).toMatch(new RegExp(`^${join(run, name)} \\(\\d+\\.\\d [kM]B\\)$`, "m"));
      expect(existsSync(join(run, name))).toBe(true);
    }
    expect(stdout).toContain(reader);
    const { files } = JSON.parse(expectSuccess(await cli(["export", model, "--to", form, "--json"])));
    expect(files.map(({ path }: { path: string }) => path)).toEqual(names.map((name) => join(run, name)));
  });

  it("takes pixels as bytes where that is asked for", async () => {
    const [numbers, bytes] = ["n.onnx", "b.onnx"].map((name) => join(folder, name)) as [string, string];
    expectSuccess(await cli(["export", model, "--out", numbers]));
    expectSuccess(await cli(["export", model, "--out", bytes, "--input", "bytes"]));
    expect(readFileSync(bytes).equals(readFileSync(numbers))).toBe(false);
  });

  it.each<[string, readonly string[], 1 | 2, RegExp]>([
    ["no form", [model], 2, /Expected --to with one of onnx, npz, pytorch, csv, javascript, or --out/],
    ["an ending that tells none", [model, "-o", "x.dat"], 2, /because x\.dat ends in none of \.onnx, /],
    ["an unknown form", [model, "--to", "onx"], 2, /--to cannot be "onx"; did you mean onnx\?/],
    [
      "the name of another form",
      [model, "--to", "onnx", "-o", join(folder, "mine.CSV")],
      2,
      /Expected a file that ends in \.onnx for --out with --to onnx but received .*mine\.CSV, whose ending tells of csv; name one that does, or leave out --to\./,
    ],
    [
      "a module named like ONNX",
      [model, "--to", "pytorch", "-o", join(folder, "mine.onnx")],
      2,
      /Expected a file that ends in \.py or \.safetensors for --out with --to pytorch but received/,
    ],
    [
      "numbers named like PyTorch's weights",
      [model, "--to", "npz", "-o", join(folder, "mine.safetensors")],
      2,
      /whose ending tells of pytorch; name one that does\./,
    ],
    ["bytes for a table", [model, "--to", "csv", "--input", "bytes"], 2, /Expected no --input with --to csv/],
    [
      "the model itself",
      [model, "--to", "pytorch", "-o", join(run, "model.py")],
      2,
      /which is the model itself/,
    ],
    [
      "a text",
      [join(run, "config.json"), "--to", "npz"],
      1,
      /not a safetensors file: .*; another program's network is imported first: mnist-native import .*config\.json -o FOLDER\./,
    ],
    ["a folder", [folder, "--to", "npz"], 1, /cannot be read: it is a folder; name a model/],
    [
      "a run",
      [run, "--to", "npz"],
      1,
      /run is the folder of a run; name the model in it, .*run\/model\.safetensors\./,
    ],
    [
      "no place",
      [model, "-o", join(folder, "none", "x.npz")],
      1,
      /cannot be written: its folder does not exist/,
    ],
  ])("refuses %s", async (_, args, status, sentence) => {
    const before = readdirSync(run);
    expectFault(await cli(["export", ...args]), status, sentence);
    expect(readdirSync(run)).toEqual(before);
  });

  it("leaves a name as it is whose ending tells of no form", async () => {
    const [plain, dotted, weights] = ["plain", "net.v2", "net.safetensors"].map((name) => exported(name));
    for (const [form, out, written] of [
      ["csv", plain, plain],
      ["onnx", dotted, dotted],
      ["pytorch", dotted, `${dotted}.py`],
      ["pytorch", weights, weights],
    ] as const) {
      expectSuccess(await cli(["export", model, "--to", form, "-o", out as string]));
      expect(existsSync(written as string)).toBe(true);
    }
  });

  it("writes both files of a pair, or none", async () => {
    const place = join(folder, "pair");
    mkdirSync(join(place, "net.safetensors"), { recursive: true });
    expectFault(await cli(["export", model, "-o", join(place, "net.py")]), 1, /net\.safetensors/);
    writeFileSync(join(place, "net.py"), "mine");
    expectFault(await cli(["export", model, "-o", join(place, "net.py")]), 1, /net\.safetensors/);
    expect(readdirSync(place).sort()).toEqual(["net.py", "net.safetensors"]);
    expect(readFileSync(join(place, "net.py"), "utf8")).toBe("mine");
  });
});

describe("a file of another program", { timeout: 60_000 }, () => {
  it.each(["model.onnx", "model.npz", "model_pytorch.safetensors"])(
    "is told of where a model or a run is expected: %s",
    async (name) => {
      expectSuccess(await cli(["export", model, "--to", FORMS[name] as string, "-o", exported(name)]));
      const file = exported(name);
      const commands = [
        ["info", file],
        ["evaluate", file, "--data-dir", data],
        ["predict", file, "--row", "3", "--data-dir", data],
        ["export", file, "-o", join(folder, "again.csv")],
        ["train", "--from", file, "--data-dir", data, "--out", join(folder, "not-trained")],
        ["report", file],
        ["train", "--resume", file],
      ];
      // All of them open a model in one way.
      for (const args of name === "model.onnx" ? commands : commands.slice(0, 1)) {
        expectFault(
          await cli(args),
          1,
          new RegExp(
            `; another program's network is imported first: mnist-native import ${file} -o FOLDER\\.`,
          ),
        );
      }
    },
  );

  it("is a run's folder, or the model in it, where the other was expected", async () => {
    for (const command of ["evaluate", "predict", "info"]) {
      const rest = command === "predict" ? ["--row", "3", "--data-dir", data] : [];
      expectFault(
        await cli([command, run, ...rest]),
        1,
        /run is the folder of a run; name the model in it, .*run\/model\.safetensors\./,
      );
    }
    for (const command of [["report"], ["train", "--resume"]]) {
      expectFault(
        await cli([...command, model]),
        1,
        /but .*model\.safetensors is a file; name the folder that it is in, .*run\./,
      );
    }
  });
});

describe("an imported network", { timeout: 60_000 }, () => {
  it("is a run's folder, with the figures of the network that it was", () => {
    expect(readdirSync(imported).sort()).toEqual([
      "config.json",
      "environment.json",
      "model.safetensors",
      "summary.json",
    ]);
    const [summary, trained] = [json(imported, "summary.json"), json(run, "summary.json")];
    expect(summary).toMatchObject({ testCorrect: trained.testCorrect, testCount: 200, epochs: 0 });
    expect(summary.testLoss).toBeCloseTo(trained.testLoss, 6);
    expect(json(imported, "environment.json").importedFrom).toEqual({
      file: "digits.onnx",
      form: "ONNX",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(json(imported, "config.json")).toMatchObject({
      dataDir: data,
      from: "model.safetensors",
      inputs: 784,
    });
  });

  it("is evaluated, predicts, and says where it is from", async () => {
    const own = join(imported, "model.safetensors");
    const evaluation = expectSuccess(await cli(["evaluate", own, "--data-dir", data, "--json"]));
    expect(JSON.parse(evaluation)).toMatchObject({ count: 200, sameData: true });
    const answers = await Promise.all(
      [own, model].map((path) => cli(["predict", path, "--row", "3", "--data-dir", data, "--json"])),
    );
    const [a, b] = answers.map((answer) => JSON.parse(expectSuccess(answer)));
    expect(a.predicted).toEqual(b.predicted);
    expect(expectSuccess(await cli(["info", own]))).toMatch(
      /Imported from: digits\.onnx \(ONNX\), SHA-256 [0-9a-f]{64}\n/,
    );
  });

  it("has a report and figures, but for those of its training", async () => {
    expectSuccess(await cli(["report", imported]));
    const page = readFileSync(join(imported, "report.html"), "utf8");
    expect(page).toContain("Imported network");
    expect(page).toContain("digits.onnx (ONNX)");
    const body = page.slice(page.indexOf("<body>"), page.indexOf("<script>")).replaceAll(/base64,[^"]*/g, "");
    expect(body).toContain("--from");
    expect(body).not.toMatch(/batches of|undefined|NaN|class="notice"/);
    expectSuccess(await cli(["report", imported, run, "--out", join(folder, "both.html")]));
    for (const figure of ["confusion", "weights", "misclassified"]) {
      expectSuccess(await cli(["plot", figure, imported]));
    }
    expectFault(
      await cli(["plot", "loss", imported]),
      1,
      /imported from digits\.onnx, of whose training nothing is known/,
    );
  });

  it("is trained further, by its model and by its configuration, and not resumed", async () => {
    const own = join(imported, "model.safetensors");
    const more = join(folder, "more");
    expectSuccess(await cli(["train", "--from", own, "--data-dir", data, "--epochs", "1", "--out", more]));
    expect(json(more, "environment.json")).not.toHaveProperty("importedFrom");
    const byConfig = await cli(["train", "--config", join(imported, "config.json"), "--epochs", "1"]);
    expect(expectSuccess(byConfig)).toContain("Test accuracy");
    expectFault(
      await cli(["train", "--resume", imported]),
      1,
      /no training to go on with; train it further by --from/,
    );
  });

  it("is served", async () => {
    const page = await servePage(["serve", "--port", "0", imported]);
    try {
      const { runs } = await page.overview();
      expect(runs).toMatchObject([
        { state: "imported", reason: "It was read from digits.onnx.", hasModel: true, readsImages: true },
      ]);
    } finally {
      page.kill("SIGKILL");
      await page.finished;
    }
  });

  it("without data is not tested, and no data are guessed", async () => {
    const out = join(folder, "untested");
    expectSuccess(
      await cli(["import", join(folder, "digits.onnx"), "-o", out, "--class-names", "a,b,c,d,e,f,g,h,i,j"]),
    );
    expect(json(out, "summary.json")).not.toHaveProperty("testCount");
    const metadata = JSON.parse(
      expectSuccess(await cli(["info", join(out, "model.safetensors"), "--json"])),
    ).metadata;
    expect(JSON.parse(metadata.classNames)).toHaveLength(10);
    expect(JSON.parse(metadata.imageShape)).toEqual([28, 28]);
    expect((await cli(["report", out])).status).toBe(0);
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("without data to test it on");
  });

  it("reads images of a square where it is said what its pixels are, and else as many numbers", async () => {
    const small = join(folder, "small.safetensors");
    const weights = (name: string, shape: readonly number[]) =>
      ({ name, shape, dtype: "F32", data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }) as const;
    writeFileSync(small, encodeSafetensors([weights("0.weight", [3, 16]), weights("0.bias", [3])], {}));
    for (const [out, pixels, shape] of [
      ["of-pixels", ["--pixels", "0..16"], "[4,4]"],
      ["of-numbers", [], undefined],
    ] as const) {
      expectSuccess(await cli(["import", small, "--output", "softmax", ...pixels, "-o", join(folder, out)]));
      const { metadata } = JSON.parse(
        expectSuccess(await cli(["info", join(folder, out, "model.safetensors"), "--json"])),
      );
      expect(metadata.imageShape).toBe(shape);
    }
  });

  it("leaves nothing behind where it cannot be made", async () => {
    const out = join(folder, "no");
    const onnx = join(folder, "digits.onnx");
    const torch = join(folder, "torch.pt");
    const torchFile = join(folder, "torch.safetensors");
    const weights = (name: string, shape: readonly number[]) =>
      ({ name, shape, dtype: "F32", data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }) as const;
    writeFileSync(
      torchFile,
      encodeSafetensors([weights("0.weight", [3, 4]), weights("2.weight", [2, 3])], {}),
    );
    writeFileSync(torch, Buffer.from([0x80, 2, 0]));
    const shape = join(folder, "shape.safetensors");
    const { network } = await loadModel(model);
    await saveModel(shape, network, { imageShape: "28x28" });
    for (const [args, status, sentence] of [
      [[onnx], 2, /Expected --out FOLDER/],
      [[shape, "-o", out], 1, /metadata that are not JSON where they were expected: 28x28\./],
      [[torch, "-o", out], 1, /safetensors\.torch\.save_file/],
      [
        [torchFile, "-o", out],
        2,
        /has weights alone, .*; give --activation, what its hidden layers apply, such as "relu", and --output, what/,
      ],
      [[onnx, "-o", out, "--activation", "relu"], 2, /Expected no --activation for .*digits\.onnx, because/],
      [[onnx, "-o", out, "--epsilon", "0.1"], 2, /Expected no --epsilon for .*digits\.onnx, because/],
      [[onnx, "-o", out, "--loss", "huber"], 1, /tells of crossEntropy as its loss, and huber was asked for/],
      [
        [torchFile, "-o", out, "--activation", "relu", "--output", "softmax", "--loss", "huber"],
        1,
        /Expected identity for the activation of the output of .*torch\.safetensors, as the Huber's loss asks for/,
      ],
      [[onnx, "-o", out, "--pixels", "1..0"], 2, /for --pixels but received "1\.\.0"/],
      [[onnx, "-o", out, "--class-names", "a,b"], 2, /Expected 10 names for --class-names/],
      [[onnx, "-o", out, "--image-shape", "9x9"], 2, /Expected a shape of 784 pixels/],
      [[onnx, "-o", out, "--split", "official"], 2, /Expected data with --split/],
      [[onnx, "-o", out, "--data-dir", join(folder, "none")], 1, /none/],
      [[onnx, "-o", run], 1, /run holds a run already/],
    ] as const) {
      expectFault(await cli(["import", ...args]), status, sentence);
    }
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith(".no"))).toEqual([]);
  });

  it("replaces a run by --force", async () => {
    const out = join(folder, "replaced");
    cpSync(run, out, { recursive: true });
    expectSuccess(await cli(["import", join(folder, "digits.onnx"), "-o", out, "--force"]));
    expect(json(out, "environment.json").importedFrom.form).toBe("ONNX");
    for (const name of ["metrics.jsonl", "checkpoints", "model.previous.safetensors"]) {
      expect(existsSync(join(out, name))).toBe(false);
    }
  });
});

describe.skipIf(process.platform === "win32")("Ctrl-C (Windows has no such signal)", () => {
  it("while it is written leaves nothing that is not whole", { timeout: 60_000 }, async () => {
    const large = join(folder, "large.safetensors");
    await saveModel(large, new MultilayerPerceptron({ layers: [784, 3000, 10] }), {});
    const onnx = join(folder, "large.onnx");
    expectSuccess(await cli(["export", large, "-o", onnx]));
    for (const [i, args] of [
      ["export", large, "-o", "large.npz"],
      ["export", large, "-o", "large.py"],
      ["import", onnx, "-o", "large"],
    ].entries()) {
      const out = join(folder, `interrupted-${i}`);
      mkdirSync(out);
      const place = join(out, args.at(-1) as string);
      const running = startProgram(process.execPath, [MAIN, ...args.slice(0, -1), place]);
      const watcher = watch(out, () => {
        watcher.close(); // A second one ends it at once.
        running.child.kill("SIGINT");
      });
      const { status, stderr } = await running.finished;
      watcher.close();
      if (status === 0) expect(existsSync(place)).toBe(true);
      else {
        expect([status, stderr]).toEqual([130, "mnist-native: Interrupted; nothing was written.\n"]);
        expect(existsSync(place)).toBe(false);
      }
      expect(readdirSync(out).filter((name) => name.startsWith("."))).toEqual([]);
    }
  });
});
