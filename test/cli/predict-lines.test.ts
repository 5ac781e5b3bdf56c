import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { converse, sampleImage, sampleModels } from "./predict-samples.js";

const folder = temporaryFolder();
let models: Awaited<ReturnType<typeof sampleModels>>;

beforeAll(async () => {
  models = await sampleModels(folder);
});

const pixels = (row: number) => [...sampleImage(row)];

describe("predict - answers lines of JSON", () => {
  it("each as soon as it has been read, also where a line comes in pieces", async () => {
    const { path, predictor } = models.images;
    const conversation = converse(["predict", path, "-", "--backend", "js"]);
    for (const row of [0, 1, 2]) {
      const line =
        row === 1 ? JSON.stringify({ id: "one", pixels: pixels(row) }) : JSON.stringify(pixels(row));
      conversation.write(line.slice(0, 9));
      conversation.write(`${line.slice(9)}\n\n`);
      const answer = JSON.parse(await conversation.answer());
      const { class: predicted, name, confidence, outputs } = predictor.predict(sampleImage(row));
      expect(answer).toEqual({
        ...(row === 1 ? { id: "one" } : { row }),
        predicted,
        name,
        confidence: expect.closeTo(confidence as number, 5),
        probabilities: [...outputs].map((value) => expect.closeTo(value, 5)),
      });
    }
    const features = pixels(3).map((pixel) => (pixel * 2) / 255 - 1);
    conversation.write(JSON.stringify({ id: 7, features })); // Not ended.
    conversation.end();
    const last = JSON.parse(await conversation.answer());
    expect(last).toMatchObject({ id: 7, predicted: predictor.predict(sampleImage(3)).class });
    expect(await conversation.finished).toMatchObject({ status: 0, stderr: "" });
  });

  it("of a table by the names of its columns, or as numbers", async () => {
    const { path, predictor } = models.kind;
    const conversation = converse(["predict", path, "-", "--format", "csv"]);
    conversation.write('{"id": "a,b", "x": 1.5, "colour": "red", "other": [1]}\n{"features": [1.5, 0, 1]}\n');
    conversation.write('[1.5, 0, 1]\n{"x": "1.5", "colour": "red"}\n');
    conversation.end();
    const { status, stdout, stderr } = await conversation.finished;
    const { class: predicted, name, outputs } = predictor.predict([1.5, 0, 1]);
    const [header, ...lines] = stdout.trimEnd().split("\n");
    expect([status, stderr, header]).toEqual([
      0,
      "",
      "id,predicted,name,confidence,probability_cat,probability_dog",
    ]);
    expect(lines.map((line) => line.replace(/(,[\d.]+){3}$/, ""))).toEqual(
      ['"a,b"', "1", "2", "3"].map((id) => `${id},${predicted},${name}`),
    );
    expect(Number(lines[0]?.split(",").at(-1))).toBeCloseTo(outputs[1] as number, 5);
  });

  it("of which there may be none", async () => {
    const conversation = converse(["predict", models.images.path, "-"]);
    conversation.end();
    expect(await conversation.finished).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  const line = JSON.stringify(pixels(0));
  it.each<[what: string, model: "images" | "kind", bad: string, fault: RegExp]>([
    [
      "no JSON",
      "images",
      "{pixels}",
      /Expected an array of numbers or an object of JSON in line 3 of standard input, but it is "\{pixels\}"/,
    ],
    [
      "a number",
      "images",
      "5",
      /Expected an array of numbers or an object in line 3 of standard input, but it is 5\./,
    ],
    [
      "too few pixels",
      "images",
      "[1,2]",
      /Expected 16 pixels in line 3 of standard input, one for each input of the network, but it has 2\./,
    ],
    [
      "a fraction",
      "images",
      JSON.stringify(pixels(0).fill(0.5, 3)),
      /as pixels in line 3 of standard input, but number 3 is 0\.5; numbers that .* "features"/,
    ],
    ["neither", "images", '{"id": 3}', /Expected pixels or features in the object in line 3/],
    ["both", "images", '{"pixels": [], "features": []}', /Expected either pixels or features in line 3/],
    [
      "an id that is none",
      "images",
      `{"id": {}, "pixels": ${line}}`,
      /Expected a text or a number for id in line 3 of standard input, but it is an object/,
    ],
    [
      "an id that is too large to come back as it was",
      "images",
      `{"id": 12345678901234567890, "pixels": ${line}}`,
      /Expected a number up to 9007199254740991 for id in line 3 of standard input, but it is 12345678901234567000; write it as a text, in quotes/,
    ],
    [
      "an id that is no number of JSON",
      "images",
      `{"id": 1e999, "pixels": ${line}}`,
      /for id in line 3 of standard input, but it is Infinity/,
    ],
    [
      "a text as a pixel",
      "images",
      JSON.stringify([..."0123456789abcdef"]),
      /as pixels in line 3 of standard input, but number 0 is "0";/,
    ],
    [
      "a column left out",
      "kind",
      '{"x": 1}',
      /Expected a value for the column colour in line 3 of standard input/,
    ],
    [
      "an unknown category",
      "kind",
      '{"x": 1, "colour": "green"}',
      /Expected one of blue, red, .* in standard input, line 3, column colour/,
    ],
    [
      "a value of another kind",
      "kind",
      '{"x": true, "colour": "red"}',
      /Expected a number or a text for the column x in line 3 of standard input, but it is true/,
    ],
    [
      "a missing value",
      "kind",
      '{"x": null, "colour": "red"}',
      /A value is missing in standard input, line 3, column x/,
    ],
    [
      "an infinite number",
      "kind",
      "[1e999, 0, 1]",
      /Expected finite numbers in line 3 of standard input, but number 0 is Infinity\./,
    ],
  ])("and stops at the first that is wrong: %s", async (_, model, bad, fault) => {
    const good = model === "images" ? line : "[1, 0, 1]";
    const conversation = converse(["predict", models[model].path, "-"]);
    conversation.write(`${good}\n\n${bad}\n${good}\n`);
    const { status, stdout, stderr } = await conversation.finished;
    expect(stderr).toMatch(/^mnist-native: [^\n]*\.\n$/);
    expect(stderr).toMatch(fault);
    expect([status, stdout.split("\n").length]).toEqual([1, 2]);
    expect(JSON.parse(stdout)).toMatchObject({ row: 0 });
  });

  it("but not without end", async () => {
    const conversation = converse(["predict", models.images.path, "-"]);
    conversation.write(`${line}\n`);
    for (let i = 0; i < 5; i++) conversation.write("1,".repeat(1 << 19));
    const { status, stdout, stderr } = await conversation.finished;
    expect(stderr).toMatch(/^mnist-native: Line 2 of standard input has more than 4194304 bytes, .*\.\n$/);
    expect([status, stdout.split("\n").length]).toEqual([1, 2]);
  });

  it("and refuses bytes that are no UTF-8", async () => {
    const conversation = converse(["predict", models.images.path, "-", "-o", join(folder, "latin.jsonl")]);
    conversation.write(Buffer.from('{"id": "caf\xe9"}\n', "latin1"));
    const { status, stderr } = await conversation.finished;
    expect([status, stderr]).toEqual([
      1,
      "mnist-native: Expected UTF-8 in line 1 of standard input, but it has other bytes.\n",
    ]);
    expect(existsSync(join(folder, "latin.jsonl"))).toBe(false);
  });
});

describe.skipIf(process.platform === "win32")("Ctrl-C (Windows has no such signal)", () => {
  it("ends a wait for lines, after whole ones", async () => {
    const conversation = converse(["predict", models.images.path, "-"]);
    conversation.write(`${JSON.stringify(pixels(0))}\n[1,2,`);
    await conversation.answer();
    conversation.kill("SIGINT");
    const { status, stdout, stderr } = await conversation.finished;
    expect([status, stdout.split("\n").length]).toEqual([130, 2]);
    expect(stderr).toBe("mnist-native: Interrupted after 1 answer.\n");
  });

  it("leaves no part of a file", async () => {
    const out = join(folder, "interrupted.csv");
    const conversation = converse(["predict", models.images.path, "-", "-o", out]);
    conversation.write(`${JSON.stringify(pixels(0))}\n`);
    while (!readdirSync(folder).some((name) => name.startsWith(".interrupted.csv."))) await setTimeout(10);
    conversation.kill("SIGTERM");
    const { status, stdout, stderr } = await conversation.finished;
    expect([status, stdout]).toEqual([143, ""]);
    expect(stderr).toMatch(
      /^mnist-native: Interrupted after [01] answers?, and .*interrupted\.csv was not written\.\n$/,
    );
    expect(readdirSync(folder).filter((name) => name.includes("interrupted"))).toEqual([]);
  });
});
