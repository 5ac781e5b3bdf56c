import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { encode } from "fast-png";
import { beforeAll, describe, expect, it } from "vitest";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { dense } from "../../src/nn/specification.js";
import { saveModel } from "../../src/training/model-file.js";
import { npy } from "../support/npy.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess, shellLine, startProgram } from "./harness.js";
import { CLASS_NAMES, idxOf, sampleImage, sampleModels, writePicture } from "./predict-samples.js";

const folder = temporaryFolder();
let models: Awaited<ReturnType<typeof sampleModels>>;

beforeAll(async () => {
  models = await sampleModels(folder);
});

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Answers as JSON lines. */
async function linesOf(args: readonly string[]) {
  const stdout = expectSuccess(await cli(["predict", ...args, "--backend", "js"]));
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function expected(row: number) {
  const { class: predicted, name, confidence, outputs } = models.images.predictor.predict(sampleImage(row));
  const probabilities = [...outputs].map((value) => expect.closeTo(value, 5));
  return { predicted, name, confidence: expect.closeTo(confidence as number, 5), probabilities };
}

const csvLines = (count: number, labels: boolean) =>
  Array.from({ length: count }, (_, row) => [...(labels ? [row % 3] : []), ...sampleImage(row)].join(","));

describe("predict of pictures", () => {
  it("writes a line for each", async () => {
    const pictures = [0, 1, 2].map((row) => writePicture(join(folder, `${row}.png`), row));
    const lines = await linesOf([models.images.path, ...pictures, "--json"]);
    expect(lines).toEqual(pictures.map((file, row) => ({ file, ...expected(row), notes: [] })));
    const text = expectSuccess(await cli(["predict", models.images.path, ...pictures]));
    expect(text.split("\n")).toHaveLength(4);
    expect(text).toMatch(/0\.png: .+, probability [01]\.\d{4}\n/);
    const args = [models.images.path, pictures[0] as string, "no.png", "--json", "--backend", "js"];
    const missing = await cli(["predict", ...args]);
    expect(missing).toMatchObject({ status: 1, stdout: `${JSON.stringify(lines[0])}\n` });
    expect(missing.stderr).toMatch(/^mnist-native: no\.png cannot be read: there is no such file.*\.\n$/);
  });

  it("names the first that shows no digit, and stops there", async () => {
    const picture = (name: string, isInk: (x: number, y: number) => boolean) => {
      const data = Uint8Array.from({ length: 900 }, (_, i) => (isInk(i % 30, Math.floor(i / 30)) ? 255 : 0));
      return write(name, encode({ width: 30, height: 30, data, channels: 1 }));
    };
    const first = picture("one.png", (x, y) => x > 12 && x < 16 && y > 4 && y < 25);
    const black = picture("black.png", () => false);
    const dot = picture("dot.png", (x, y) => x === 15 && y === 15);
    for (const [wrong, fault] of [
      [
        black,
        /^mnist-native: No digit was found in .*black\.png: nothing stands out from its paper; [^\n]*\.\n$/,
      ],
      [
        dot,
        /^mnist-native: No digit was found in .*dot\.png: its ink is no more than 1 x 1 pixels; [^\n]*\.\n$/,
      ],
    ] as const) {
      const args = [models.binary.path, first, wrong, first, "--format", "jsonl"];
      const { status, stdout, stderr } = await cli(["predict", ...args]);
      expect([status, stdout.split("\n").length]).toEqual([1, 2]);
      expect(JSON.parse(stdout)).toMatchObject({ file: first });
      expect(stderr).toMatch(fault);
    }
  });
});

describe("predict --csv without --row", () => {
  it("takes every line, with labels or without, under a header or none", async () => {
    const [model, five] = [models.images.path, [0, 1, 2, 3, 4]];
    const plain = write("plain.csv", `${csvLines(5, false).join("\n")}\n`);
    const answers = five.map((row) => ({ row, ...expected(row) }));
    expect(await linesOf([model, "--csv", plain, "--json"])).toEqual(answers);
    const labelled = answers.map((answer, row) => ({ ...answer, label: row % 3 }));
    const first = write("first.csv", `\ufeff${csvLines(5, true).join("\r\n")}`);
    expect(await linesOf([model, "--csv", first, "--json"])).toEqual(labelled);
    const header = `${sampleImage(0)
      .map((_, i) => i)
      .join(";")};kind`;
    const last = five.map(
      (row) => `${sampleImage(row).join(";")};"${CLASS_NAMES[row % 3]?.replaceAll('"', '""')}"`,
    );
    const named = write("named.csv", [header, "", ...last].join("\n"));
    expect(await linesOf([model, "--csv", named, "--label-column", "kind", "--json"])).toEqual(labelled);
  });

  it("writes CSV whose header has the names of classes, to a file that is there when it is whole", async () => {
    const labelled = write("labelled.csv", csvLines(3, true).join("\n"));
    const out = join(folder, "answers.csv");
    const args = ["predict", models.images.path, "--csv", labelled, "-o", out, "--backend", "js"];
    expect(expectSuccess(await cli(args))).toBe(`${out} (3 answers)\n`);
    const [header, first] = readFileSync(out, "utf8").split("\n");
    expect(header).toBe(
      'row,predicted,name,confidence,label,probability_ant,"probability_bee, ""big""",probability_wasp',
    );
    const { class: predicted, confidence, outputs } = models.images.predictor.predict(sampleImage(0));
    expect(first).toMatch(new RegExp(`^0,${predicted},.*,0,`));
    const [sure, , , , third] = (first as string).split(",").slice(-5).map(Number);
    expect(sure).toBeCloseTo(confidence as number, 5);
    expect(third).toBeCloseTo(outputs[2] as number, 5);
    const broken = write("broken.csv", [...csvLines(3, true), "1,2,3"].join("\n"));
    const again = await cli(["predict", models.images.path, "--csv", broken, "-o", out]);
    expectFault(again, 1, /broken\.csv, line 4 has 3 columns where 17 were expected/);
    expect(readFileSync(out, "utf8").split("\n")).toHaveLength(5);
  });

  it("tells the probabilities of both classes that one output tells apart", async () => {
    const plain = write("binary.csv", csvLines(2, false).join("\n"));
    const [first] = await linesOf([models.binary.path, "--csv", plain, "--json"]);
    const { class: predicted, name, confidence, outputs } = models.binary.predictor.predict(sampleImage(0));
    const [a = 0] = outputs;
    const probabilities = [expect.closeTo(1 - a, 5), expect.closeTo(a, 5)];
    expect(first).toEqual({
      row: 0,
      predicted,
      name,
      confidence: expect.closeTo(confidence as number, 5),
      probabilities,
    });
    expect(first.probabilities).toContain(first.confidence);
    const picture = writePicture(join(folder, "sure.png"), 3);
    const args = [models.images.path, picture, "--json", "--backend", "js"];
    const document = JSON.parse(expectSuccess(await cli(["predict", ...args])));
    expect(document.confidence).toBe(Math.max(...document.activations));
  });

  it("tells no confidence where outputs are no shares", async () => {
    const path = join(folder, "scores.safetensors");
    const network = new MultilayerPerceptron({ layers: [16, dense(3, "identity")], seed: 2 });
    await saveModel(path, network, { imageShape: "[4,4]" });
    const plain = write("scores.csv", csvLines(1, false).join("\n"));
    const [first] = await linesOf([path, "--csv", plain, "--json"]);
    expect(Object.keys(first)).toEqual(["row", "predicted", "name", "activations"]);
    const csv = expectSuccess(await cli(["predict", path, "--csv", plain, "--format", "csv"]));
    expect(csv).toMatch(
      /^row,predicted,name,activation_0,activation_1,activation_2\n0,[012],[012](,-?[\d.]+){3}\n$/,
    );
  });
});

describe("predict --table without --row", () => {
  it("takes every row, whether its target is known or not", async () => {
    const rows = write("rows.csv", "colour,price,other,x\nred,7,a,1.5\nblue,,b,-2\n");
    const { predictor, path } = models.price;
    const values = [
      [1.5, 0, 1],
      [-2, 1, 0],
    ].map((row) => [expect.closeTo(predictor.predict(row).outputs[0] as number, 5)]);
    const answers = [
      { row: 0, target: [7], values: values[0] },
      { row: 1, values: values[1] },
    ];
    expect(await linesOf([path, "--table", rows, "--json"])).toEqual(answers);
    expect(await linesOf([path, "--batch", rows])).toEqual(answers);
    expect(
      (await linesOf([path, "--table", write("bare.csv", "x,colour\n1.5,red"), "--row", "0,0", "--json"]))[1],
    ).toEqual({
      row: 0,
      values: values[0],
    });
    const csv = expectSuccess(await cli(["predict", path, "--table", rows, "--format", "csv"]));
    expect(csv).toMatch(/^row,target,price\n0,7,-?[\d.]+\n1,,-?[\d.]+\n$/);
    const text = expectSuccess(await cli(["predict", path, "--table", rows]));
    expect(text).toMatch(/^row 0: price -?[\d.]+ \(true value: 7\)\nrow 1: price -?[\d.]+\n$/);
  });
});

describe("predict --batch", () => {
  it("reads every kind of file alike", async () => {
    const answers = Array.from({ length: 40 }, (_, row) => ({ row, ...expected(row) }));
    const pixels = Buffer.concat(answers.map(({ row }) => sampleImage(row)));
    const fractions = Float32Array.from(pixels, (pixel) => pixel / 255);
    const files = [
      write("images.idx", idxOf(40)),
      write("images.gz", gzipSync(idxOf(40))),
      write("bytes.npy", npy([40, 4, 4], pixels)),
      write("fractions.npy", npy([40, 16], new Uint8Array(fractions.buffer), "<f4")),
      write("text.csv", csvLines(40, false).join("\n")),
      write("text.csv.gz", gzipSync(csvLines(40, false).join("\n"))),
      write(
        "lines.jsonl",
        csvLines(40, false)
          .map((line) => `[${line}]\n`)
          .join(""),
      ),
    ];
    for (const file of files) expect(await linesOf([models.images.path, "--batch", file])).toEqual(answers);
  });

  it.skipIf(process.platform === "win32")("may lose its reader (Windows has no POSIX shell)", async () => {
    const many = write("many.idx", idxOf(200_000));
    const line = `${shellLine(["predict", models.images.path, "--batch", many])} | head -2`;
    const { status, stdout, stderr } = await startProgram("sh", ["-c", line]).finished;
    expect([status, stderr, stdout.split("\n").length]).toEqual([0, "", 3]);
  });
});

describe("predict refuses with a clear sentence", () => {
  it.each<[what: string, args: () => readonly string[], status: 1 | 2, fault: RegExp]>([
    ["nothing to predict", () => [models.images.path], 2, /Expected what to predict: PNG files, --row N/],
    [
      "two things",
      () => [models.images.path, "a.png", "--batch", "b.csv"],
      2,
      /Expected one thing to predict but received a picture and --batch; leave one out/,
    ],
    [
      "pictures with -",
      () => [models.images.path, "a.png", "-"],
      2,
      /either pictures or - for standard input/,
    ],
    [
      "a part without rows",
      () => [models.images.path, "a.png", "--split", "chapter"],
      2,
      /Expected --row with --split/,
    ],
    [
      "rows that go back",
      () => [models.images.path, "--row", "5-3"],
      2,
      /Expected rows from 0, such as 3 or 0-99,205/,
    ],
    [
      "two formats",
      () => [models.images.path, "-", "--json", "--format", "csv"],
      2,
      /Expected either --json or --format csv/,
    ],
    [
      "--batch -",
      () => [models.images.path, "--batch", "-"],
      2,
      /Expected a file for --batch; lines of JSON/,
    ],
    [
      "an empty file",
      () => [models.images.path, "--batch", write("empty", "")],
      1,
      /empty holds no examples: it is empty/,
    ],
    [
      "a header alone",
      () => [models.images.path, "--csv", write("header.csv", "label,a\n")],
      1,
      /header\.csv holds no examples: it has no line of numbers/,
    ],
    [
      "lines of another width",
      () => [models.images.path, "--batch", write("narrow.csv", "1,2,3\n")],
      1,
      /narrow\.csv has lines of 3 columns, but the network has 16 inputs/,
    ],
    [
      "what is no pixel",
      () => [
        models.images.path,
        "--batch",
        write("large.csv", `${csvLines(1, false)[0]?.replace(/^\d+/, "256")}\n`),
      ],
      1,
      /Expected a whole number from 0 to 255 as a pixel in .*large\.csv, line 1, column 0, but it is "256"/,
    ],
    [
      "a label of no class",
      () => [models.images.path, "--csv", write("label.csv", `7,${csvLines(1, false)[0]}`)],
      1,
      /Expected a class that the model knows, ant, bee, "big", wasp, as the label in .*label\.csv, line 1, but it is "7"/,
    ],
    [
      "images of another size",
      () => [models.price.path, "--batch", write("images2.idx", idxOf(1))],
      1,
      /images2\.idx has images of 4 x 4 pixels, but the model does not read images/,
    ],
    [
      "an array of another width",
      () => [models.price.path, "--batch", write("wide.npy", npy([2, 2], new Uint8Array(4)))],
      1,
      /Expected an array of \[n_examples, 3\], .* but .*wide\.npy has the shape \[2, 2\]/,
    ],
    [
      "an array that was cut off",
      () => [models.images.path, "--batch", write("cut.npy", npy([2, 16], new Uint8Array(20)))],
      1,
      /cut\.npy ends too early/,
    ],
    [
      "a model as examples",
      () => [models.images.path, "--batch", models.images.path],
      1,
      /neither text nor images in IDX/,
    ],
    [
      "a table's unknown category",
      () => [models.kind.path, "--table", write("green.csv", "x,colour\n1,green\n")],
      1,
      /Expected one of blue, red, .* in .*green\.csv, line 2, column colour, but it is "green"/,
    ],
    [
      "a table for a model of images",
      () => [models.images.path, "--table", write("any.csv", "a,b\n1,2\n")],
      1,
      /does not tell which columns of a table it reads; it was trained on image-folder/,
    ],
    [
      "a picture for a model of a table",
      () => [models.kind.path, writePicture(join(folder, "table.png"), 0)],
      2,
      /Expected --table FILE --row N, because the model reads tables/,
    ],
    ["images for a model of a table", () => [models.kind.path, "--csv", "a.csv"], 2, /Expected --table FILE/],
  ])("%s", async (_, args, status, fault) => {
    expectFault(await cli(["predict", ...args()]), status, fault);
  });

  it("answers in the place of what is read", async () => {
    const lines = csvLines(2, false).join("\n");
    const input = write("input.csv", lines);
    const picture = writePicture(join(folder, "read.png"), 0);
    const link = join(folder, "link-to-input.csv");
    const canLink = process.platform !== "win32"; // There it takes a right of its own.
    if (canLink) symlinkSync(input, link);
    for (const [path, args] of [
      [input, ["--batch", input]],
      [input, ["--csv", input]],
      [input, ["--table", input]],
      [picture, [picture, picture]],
      [models.images.path, ["--batch", input]],
      ...(canLink ? ([[link, ["--batch", input]]] as const) : []),
    ] as const) {
      const before = readFileSync(path);
      const result = await cli(["predict", models.images.path, ...args, "-o", path]);
      expectFault(result, 2, /Expected another file for --out than .*, which is read; name a new one/);
      expect(readFileSync(path)).toEqual(before);
    }
  });

  it("before a place that cannot be written is looked for in vain", async () => {
    const out = join(folder, "no", "where.csv");
    const plain = write("out.csv", csvLines(2, false).join("\n"));
    const result = await cli(["predict", models.images.path, "--csv", plain, "-o", out]);
    expectFault(result, 1, /where\.csv cannot be written: its folder does not exist/);
    expect(existsSync(join(folder, "no"))).toBe(false);
  });
});
