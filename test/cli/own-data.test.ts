import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import type { ImageDataset } from "../../src/data/dataset.js";
import { encodeIdxHeader } from "../../src/formats/idx.js";
import { npy } from "../support/npy.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { zip } from "../support/zip.js";
import { quarters } from "../training/datasets.js";
import { cli, expectFault, expectSuccess } from "./harness.js";

const folder = temporaryFolder();
const COUNT = 420;
/** Of 420 rows, 60 are for the test and 30 for validation. */
const PARTS = "Data: 330 training, 30 validation and 60 test images of 4 x 4 pixels.\n";
const dataset = quarters(COUNT);
const TRAIN_COUNT = 360;
const network = "--epochs 20 --batch-size 5 --hidden 8 --learning-rate 1".split(" ");
const NAMES = ["north-east", "north-west", "south-east", "south-west"];

const csv = write("quarters.csv", csvText(dataset));
const npz = write(
  "quarters.npz",
  zip({ ...arrays("train", 0, TRAIN_COUNT), ...arrays("test", TRAIN_COUNT, COUNT) }),
);
const pooled = write(
  "pooled.npz",
  zip({
    "images.npy": npy([COUNT, 16], dataset.features.data),
    "labels.npy": npy([COUNT], Uint8Array.from(dataset.targets.labels)),
  }),
);
const pictures = writePictures("pictures", NAMES);
const idx = writeIdx("idx", dataset);

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** The label between the pixels, and a header. */
function csvText({ features: { data: images }, targets: { labels } }: ImageDataset): string {
  const names = Array.from({ length: 16 }, (_, i) => `p${i}`).toSpliced(3, 0, "quarter");
  const rows = Array.from(labels, (label, row) =>
    Array.from(images.subarray(16 * row, 16 * (row + 1))).toSpliced(3, 0, label),
  );
  return [names, ...rows].map((fields) => `${fields.join(",")}\n`).join("");
}

/** A line's first fields, with a name for the label. */
function named4(_: string, pixels: string, label: string): string {
  return `${pixels}${NAMES[Number(label)]}`;
}

function arrays(part: string, start: number, end: number): Record<string, Buffer> {
  return {
    [`x_${part}.npy`]: npy([end - start, 4, 4], dataset.features.data.subarray(16 * start, 16 * end)),
    [`y_${part}.npy`]: npy([end - start], Uint8Array.from(dataset.targets.labels.subarray(start, end))),
  };
}

function writePictures(name: string, names: readonly string[]): string {
  const directory = join(folder, name);
  for (const className of names) mkdirSync(join(directory, className), { recursive: true });
  for (const [row, label] of dataset.targets.labels.entries()) {
    const className = names[label];
    const data = dataset.features.data.subarray(16 * row, 16 * (row + 1));
    const png = encode({ width: 4, height: 4, channels: 1, depth: 8, data });
    if (className !== undefined) writeFileSync(join(directory, className, `${row}.png`), png);
  }
  return directory;
}

function writeIdx(
  name: string,
  { features: { data: images, imageShape }, targets: { labels } }: ImageDataset,
): string {
  const directory = join(folder, name);
  const pixels = imageShape[0] * imageShape[1];
  mkdirSync(directory);
  const pairs = [
    ["train", 0, TRAIN_COUNT],
    ["t10k", TRAIN_COUNT, COUNT],
  ] as const;
  for (const [part, start, end] of pairs) {
    const imageFile = [
      encodeIdxHeader("images", [end - start, ...imageShape]),
      images.subarray(start * pixels, end * pixels),
    ];
    const labelFile = [
      encodeIdxHeader("labels", [end - start]),
      Uint8Array.from(labels.subarray(start, end)),
    ];
    writeFileSync(join(directory, `${part}-images-idx3-ubyte`), Buffer.concat(imageFile));
    writeFileSync(join(directory, `${part}-labels-idx1-ubyte`), Buffer.concat(labelFile));
  }
  return directory;
}

interface Report {
  readonly config: Readonly<Record<string, unknown>>;
  readonly data: unknown;
  readonly summary: Readonly<Record<string, number>>;
}

function readRun(out: string): Report {
  const read = (name: string) => JSON.parse(readFileSync(join(out, name), "utf8"));
  const { data } = read("environment.json");
  return { config: read("config.json"), data, summary: read("summary.json") };
}

describe("train, evaluate and predict take data of one's own:", () => {
  it.each<[name: string, option: string, path: string, more: readonly string[], config: object]>([
    ["a CSV file", "csv", csv, ["--label-column", "quarter"], { csv, labelColumn: "quarter" }],
    ["a CSV file with a column by number", "csv", csv, ["--label-column", "-14"], { labelColumn: "-14" }],
    ["a NumPy archive of two parts", "npz", npz, [], { npz }],
    [
      "a NumPy archive of rows of pixels",
      "npz",
      pooled,
      ["--image-shape", "4x4"],
      { npz: pooled, imageShape: [4, 4] },
    ],
    ["a folder for each class", "image-folder", pictures, [], { imageFolder: pictures }],
    ["four IDX files", "data-dir", idx, [], { dataDir: idx }],
  ])("%s", async (name, option, path, more, config) => {
    const out = join(folder, name);
    const source = [`--${option}`, path];
    const stdout = expectSuccess(await cli(["train", ...source, ...more, ...network, "--out", out]));
    expect(stdout).toContain(PARTS);
    expect(stdout).toContain("Network: 16-8-4,");
    const run = readRun(out);
    // Data of one's own have a place and no name, so that config.json says nothing that could not be asked for.
    expect(run.config).not.toHaveProperty("dataset");
    expect(run.config).toMatchObject({ split: "chapter", ...config });
    expect(run.data).toEqual({
      classes: 4,
      imageShape: [4, 4],
      ...(option === "image-folder" && { classNames: NAMES }),
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      examples: { train: 330, validation: 30, test: 60 },
    });
    expect(run.summary.testAccuracy).toBeGreaterThan(0.9); // Chance is 0.25.

    // The model knows the column, the shape and the split, but not where the data are.
    const model = join(out, "model.safetensors");
    const evaluation = JSON.parse(expectSuccess(await cli(["evaluate", model, ...source, "--json"])));
    expect([evaluation.count, evaluation.loss]).toEqual([60, run.summary.testLoss]);
    expect(readFileSync(model, "latin1")).not.toContain(folder);
    expectFault(await cli(["evaluate", model]), 1, new RegExp(`Expected --${option} with the data`));
    if (option !== "data-dir") {
      const other = await cli(["evaluate", model, "--data-dir", idx]);
      expect(other.stdout).toContain(" of 60)");
      // The pictures come in another order, and the others are the same images.
      const notice = `${model} was trained on other data than these: on image-folder, and not on data-dir.`;
      expect(other.stderr.startsWith(notice)).toBe(option === "image-folder");
    }

    expectSuccess(await cli(["report", out]));
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain(`<td>${option}</td>`);

    const shown = expectSuccess(await cli(["predict", model, "--row", "0", ...source]));
    expect(shown).toMatch(option === "image-folder" ? /^Predicted: (north|south)-/ : /^Predicted: [0-3] /);
  });

  it("a NumPy archive, whose own test set is kept by --split official, which the model remembers", async () => {
    const out = join(folder, "official");
    const stdout = expectSuccess(
      await cli(["train", "--npz", npz, ...network, "--split", "official", "--out", out]),
    );
    expect(stdout).toContain(PARTS);
    const { config, summary } = readRun(out);
    expect(config).toMatchObject({ npz, split: "official" });
    const args = ["evaluate", join(out, "model.safetensors"), "--npz", npz, "--json"];
    const official = JSON.parse(expectSuccess(await cli(args)));
    expect(official.loss).toBe(summary.testLoss);
    const other = await cli([...args, "--split", "chapter"]);
    expect(other.stderr).toContain("was trained with split official of these data");
    const chapter = JSON.parse(other.stdout);
    expect(chapter.loss).not.toBe(summary.testLoss);
  });

  it("IDX files with any number of classes, counted over the train and the test file", async () => {
    const labels = dataset.targets.labels.map((label, row) =>
      row < TRAIN_COUNT || row % 2 === 0 ? label : 61,
    );
    const directory = writeIdx("classes", {
      ...dataset,
      targets: { ...dataset.targets, labels, classes: 62 },
    });
    const { status, stdout, stderr } = await cli(["train", "--data-dir", directory, ...network, "--json"]);
    expect(stderr).toMatch(
      /^The labels in .* make 62 classes, but classes 4-60 have no examples; number .*\.\n$/,
    );
    expect(status).toBe(0);
    const { config, data } = JSON.parse(stdout);
    expect([config.layers, data.classes]).toEqual([[16, 8, 62], 62]);
  });

  it("a CSV file with semicolons and texts for labels, which are the names of the classes from then on", async () => {
    const text = csvText(dataset).replaceAll(",", ";");
    const lines = text.trimEnd().split("\n");
    const named = lines.map((line, row) => (row === 0 ? line : line.replace(/^((?:\d+;){3})(\d)/, named4)));
    const file = write("named.csv", named.join("\n"));
    const out = join(folder, "named");
    expectSuccess(await cli(["train", "--csv", file, ...network, "--out", out]));
    expect(readRun(out).data).toMatchObject({ classNames: NAMES });
    const model = join(out, "model.safetensors");
    const shown = expectSuccess(await cli(["predict", model, "--csv", file, "--row", "0"]));
    expect(shown).toMatch(/^Predicted: (north|south)-(east|west) \(true class: (north|south)-(east|west)\)/);

    // Without the class that is first of all, the others keep their numbers.
    const rest = write("rest.csv", named.filter((line) => !line.includes(NAMES[0] as string)).join("\n"));
    const { stdout, stderr } = await cli(["evaluate", model, "--csv", rest, "--json", "--part", "train"]);
    expect(stderr).toMatch(/^\S+ was trained on other data than these\. .*\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ sameData: false });
    expect(JSON.parse(stdout).accuracy).toBeGreaterThan(0.9);
    const other = write("other.csv", named.join("\n").replace(NAMES[1] as string, "north"));
    expectFault(
      await cli(["evaluate", model, "--csv", other]),
      1,
      /Expected one of north-east, north-west, south-east, south-west as the label in .*, but it is "north"/,
    );
  });

  it("a picture as it is, for a model of pictures", async () => {
    const out = join(folder, "seen");
    expectSuccess(await cli(["train", "--image-folder", pictures, ...network, "--out", out]));
    const model = join(out, "model.safetensors");
    const row = dataset.targets.labels.indexOf(2);
    const picture = join(pictures, "south-east", `${row}.png`);
    const prediction = JSON.parse(expectSuccess(await cli(["predict", model, picture, "--json"])));
    expect(prediction).toMatchObject({ predicted: 2, name: "south-east", notes: [] });
    const large = write(
      "large.png",
      encode({ width: 5, height: 4, channels: 1, depth: 8, data: new Uint8Array(20) }),
    );
    expectFault(await cli(["predict", model, large]), 1, /large\.png has 5 x 4 pixels, but .* on 4 x 4/);
  });

  it("but no folders with other names than the model's classes", async () => {
    const out = join(folder, "names");
    expectSuccess(await cli(["train", "--image-folder", pictures, ...network, "--out", out]));
    const others = writePictures("others", ["a", "b", "c", "d"]);
    const model = join(out, "model.safetensors");
    expectFault(
      await cli(["evaluate", model, "--image-folder", others]),
      1,
      /others has folders for the classes a, b, c, d, but the model knows north-east, /,
    );
  });
});

describe("options that contradict each other are wrong usage:", () => {
  it.each<[args: readonly string[], sentence: RegExp]>([
    [
      ["--csv", "a.csv", "--npz", "a.npz"],
      /Expected one source of data but received --csv and --npz; leave one out\./,
    ],
    [["--data-dir", "folder", "--csv", "a.csv"], /one source of data but received --data-dir and --csv/],
    [["--image-folder", "folder", "--npz", "a.npz"], /but received --npz and --image-folder/],
    [
      ["--csv", "a.csv", "--dataset", "mnist"],
      /Expected no --csv, because --dataset mnist is published data/,
    ],
    [["--data-dir", "folder", "--dataset", "synthetic"], /Expected no --data-dir, because .* draws digits/],
    [["--label-column", "label"], /Expected --csv with --label-column/],
    [["--npz", "a.npz", "--label-column", "0"], /Expected --csv with --label-column/],
    [["--image-folder", "folder", "--image-shape", "4x4"], /Expected --csv or --npz with --image-shape/],
    [["--csv", "a.csv", "--image-shape", "4"], /Expected HEIGHTxWIDTH, such as 28x28, .* received "4"\./],
    [["--csv", "a.csv", "--image-shape", "0x16"], /Expected HEIGHTxWIDTH/],
    [["--csv", "a.csv", "--split", "official"], /Expected --split chapter with --csv, which has no test set/],
    [["--image-folder", "folder", "--split", "official"], /chapter with --image-folder/],
    [["--csv", "a.csv", "--csv", "a.csv"], /Expected --csv once but received it 2 times\./],
  ])("%j", async (args, sentence) => {
    expectFault(await cli(["train", ...args]), 2, sentence);
  });

  it("of evaluate and predict, too", async () => {
    const args = ["model.safetensors", "--csv", "a.csv", "--npz", "a.npz"];
    expectFault(await cli(["evaluate", ...args]), 2, /one source of data/);
    expectFault(await cli(["predict", ...args, "--row", "0"]), 2, /one source of data/);
  });
});

describe("train refuses, and keeps nothing:", () => {
  it.each<[name: string, args: readonly string[], sentence: RegExp]>([
    ["a missing CSV file", ["--csv", join(folder, "none.csv")], /none\.csv cannot be read/],
    [
      "a column that is not there",
      ["--csv", csv, "--label-column", "x"],
      /has no column x .* --label-column\): one of p0, p1/,
    ],
    [
      "columns of which none is the labels'",
      ["--csv", csv],
      /no column named label .* one of p0, p1, .*, p15\./,
    ],
    [
      "labels that are all the same, in a column that nobody named",
      ["--csv", write("first.csv", "1,2\n1,3\n1,4\n")],
      /; name their column by labelColumn \(on the command line --label-column\)\./,
    ],
    ["a column number that is not there", ["--csv", csv, "--label-column", "17"], /a number from 0 to 16/],
    ["another shape", ["--csv", csv, "--label-column", "3", "--image-shape", "4x5"], /4 x 5 were expected/],
    ["a file that is no archive", ["--npz", csv], /quarters\.csv is a damaged zip archive/],
    ["an archive without a test set", ["--npz", pooled, "--split", "official"], /no test set of their own/],
    ["a folder without folders", ["--image-folder", idx], /idx has no folders in it/],
    [
      "labels that are all the same",
      ["--csv", write("one.csv", "1,2\n1,3\n1,4\n")],
      /All 3 images have the label 1/,
    ],
  ])("%s", async (_, args, sentence) => {
    const out = join(folder, "nothing");
    expectFault(await cli(["train", ...args, "--out", out]), 1, sentence);
    expect(() => readRun(out)).toThrow("ENOENT");
  });
});
