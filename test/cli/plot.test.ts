import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { DOMParser } from "@xmldom/xmldom";
import { decode } from "fast-png";
import { beforeAll, describe, expect, it } from "vitest";
import { syntheticDigits } from "../../src/data/synthetic/synthetic-digits.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { TEST_COUNT, TRAIN_COUNT, writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const run = join(folder, "run");
const PIXELS = 28 * 28;
const CHAPTER = ["digits", "variants", "loss", "accuracy", "misclassified"];

beforeAll(async () => {
  expectSuccess(await cli(["train", "--data-dir", data, "--epochs", "3", "--out", run]));
});

/** The figure, as well-formed XML. */
function figure(path: string) {
  const faults: string[] = [];
  const parser = new DOMParser({ onError: (_level, message) => faults.push(message) });
  const document = parser.parseFromString(readFileSync(path, "utf8"), "image/svg+xml");
  expect(faults).toEqual([]);
  return document;
}

function texts(path: string): string[] {
  return [...figure(path).getElementsByTagName("text")].map((text) => text.textContent ?? "");
}

function images(path: string): number {
  return figure(path).getElementsByTagName("image").length;
}

/** The pixels of each picture, 0 to 255. */
function pictures(path: string): number[][] {
  return [...figure(path).getElementsByTagName("image")].map((image) => {
    const base64 = image.getAttribute("href")?.replace("data:image/png;base64,", "") ?? "";
    return [...decode(Buffer.from(base64, "base64")).data];
  });
}

/** The sum of a confusion matrix. */
function total(path: string): number {
  const cells = [...figure(path).getElementsByTagName("*")].filter((e) => e.hasAttribute("data-predicted"));
  const counts = cells.map((cell) => Number(/: (\d+) \(/.exec(cell.textContent ?? "")?.[1]));
  return counts.reduce((sum, count) => sum + count, 0);
}

describe("plot", () => {
  it("makes the chapter's five figures at once, in the run's folder", async () => {
    const printed = expectSuccess(await cli(["plot", "chapter", run]));
    expect(printed).toBe(CHAPTER.map((name) => `${join(run, name)}.svg\n`).join(""));
    expect(images(join(run, "digits.svg"))).toBe(10);
    expect(images(join(run, "variants.svg"))).toBe(25);
    const [title, name, gist, ...captions] = texts(join(run, "misclassified.svg"));
    expect([title, name]).toEqual(["Misclassified images", "Run run"]);
    expect(gist).toMatch(/^The first 25 of \d+ mistakes among 200 images\.$/);
    expect(captions).toHaveLength(25);
    for (const [i, caption] of captions.entries()) {
      expect(caption).toMatch(new RegExp(`^${i + 1}\\) True: \\d / Predicted: \\d$`));
    }
    expect(texts(join(run, "loss.svg"))).toEqual(
      expect.arrayContaining(["Training loss by epoch", "Run run"]),
    );
    // Data are nobody's run.
    expect(texts(join(run, "digits.svg"))).not.toContain("Run run");
    expect(texts(join(run, "accuracy.svg"))).toEqual(expect.arrayContaining(["Training", "Validation"]));
  });

  it("shows the losses that metrics.jsonl holds", async () => {
    const out = join(folder, "loss.svg");
    expectSuccess(await cli(["plot", "loss", run, "--out", out]));
    const metrics = readFileSync(join(run, "metrics.jsonl"), "utf8").trim().split("\n");
    const points = [...figure(out).getElementsByTagName("*")].filter((e) => e.hasAttribute("data-y"));
    const shown = new Map(
      points.map((e) => [Number(e.getAttribute("data-x")), Number(e.getAttribute("data-y"))]),
    );
    expect(shown.size).toBe(3);
    for (const { epoch, train } of metrics.map((line) => JSON.parse(line))) {
      expect(shown.get(epoch)).toBeCloseTo(train.loss, 6);
    }
  });

  it("counts every test image in the confusion matrix", async () => {
    const out = join(folder, "confusion.svg");
    expectSuccess(await cli(["plot", "confusion", run, "--out", out]));
    expect(total(out)).toBe(200);
  });

  it("draws a picture of each hidden unit, and the convergence of several runs", async () => {
    const other = join(folder, "other");
    expectSuccess(
      await cli(["train", "--data-dir", data, "--epochs", "2", "--batch-size", "10", "--out", other]),
    );
    expectSuccess(await cli(["plot", "weights", run]));
    expect(images(join(run, "weights.svg"))).toBeGreaterThanOrEqual(50);
    const out = join(folder, "convergence.svg");
    expectSuccess(await cli(["plot", "convergence", run, other, "--out", out]));
    expect(texts(out)).toEqual(expect.arrayContaining(["batch size 100", "batch size 10", "Epoch"]));
    expectSuccess(await cli(["plot", "convergence", run, run, "--out", out]));
    expect(texts(out).filter((text) => text.endsWith("run"))).toHaveLength(2);
  });

  it("says which of several runs took all images at once", async () => {
    const all = join(folder, "all");
    expectSuccess(
      await cli(["train", "--data-dir", data, "--epochs", "2", "--batch-size", "1100", "--out", all]),
    );
    const out = join(folder, "all.svg");
    expectSuccess(await cli(["plot", "convergence", run, all, "--out", out]));
    expect(texts(out)).toEqual(expect.arrayContaining(["batch size 100", "batch size 1,100 (all)"]));
  });

  it("draws data without a run, in the order of their files", async () => {
    const out = join(folder, "fours.svg");
    expectSuccess(await cli(["plot", "variants", "--digit", "4", "--data-dir", data, "--out", out]));
    const {
      features: { data: images },
      targets: { labels },
    } = syntheticDigits({ count: TRAIN_COUNT + TEST_COUNT });
    const fours = [...labels.keys()].filter((row) => labels[row] === 4).slice(0, 25);
    expect(pictures(out)).toEqual(
      fours.map((row) => [...images.subarray(row * PIXELS, (row + 1) * PIXELS)].map((value) => 255 - value)),
    );
  });

  it("draws the part of the data that --part names", async () => {
    const out = join(folder, "part.svg");
    const counts = [];
    for (const part of ["train", "validation", "test"]) {
      expectSuccess(await cli(["plot", "confusion", run, "--part", part, "--out", out]));
      counts.push(total(out));
    }
    expect(counts).toEqual([1100, 100, 200]);
    expectSuccess(await cli(["plot", "digits", "--data-dir", data, "--part", "validation", "--out", out]));
    expect(images(out)).toBe(10);
  });

  it("writes PNG, twice as large as the figure says", async () => {
    const out = join(folder, "digits.png");
    expectSuccess(await cli(["plot", "digits", run, "--png", "--out", out]));
    const png = readFileSync(out);
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    const width = Number(figure(join(run, "digits.svg")).documentElement?.getAttribute("width"));
    expect(png.readUInt32BE(16)).toBe(2 * Math.round(width));
  });

  it("writes PNG where the name of the file says so", async () => {
    const out = join(folder, "loss.PNG");
    expectSuccess(await cli(["plot", "loss", run, "--out", out]));
    expect(readFileSync(out).subarray(1, 4).toString()).toBe("PNG");
  });

  it("says what PNG needs where it is not installed, and writes nothing", async () => {
    const hook = `export async function resolve(specifier, context, next) {
        if (specifier === "@resvg/resvg-js") throw new Error("Cannot find package '@resvg/resvg-js'");
        return next(specifier, context);
      }`;
    const program = `import { register } from "node:module";
      register("data:text/javascript," + ${JSON.stringify(encodeURIComponent(hook))});`;
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}` };
    const out = join(folder, "no-resvg");
    const result = await cli(["plot", "chapter", run, "--png", "--out", out], environment);
    expectFault(
      result,
      1,
      /PNG pictures need the package @resvg\/resvg-js, .* "npm install @resvg\/resvg-js"/,
    );
    expect(existsSync(out)).toBe(false);
    expectSuccess(await cli(["plot", "loss", run, "--out", join(folder, "without.svg")], environment));
  });

  it("makes the folder that --out names for chapter", async () => {
    const out = join(folder, "new", "figures");
    expectSuccess(await cli(["plot", "chapter", run, "--out", out, "--theme", "dark"]));
    expect(readdirSync(out).sort()).toEqual(CHAPTER.map((name) => `${name}.svg`).sort());
  });

  it.each([
    [["loss"], /Expected the folder of one run after plot loss but received 0/],
    [["loss", "a", "b"], /Expected the folder of one run after plot loss but received 2/],
    [["convergence"], /Expected one folder of a run or more/],
    [["histogram", "a"], /histogram/],
    [["variants", "--digit", "x"], /--digit/],
    [["loss", "a", "--part", "test"], /Expected no --part with plot loss/],
    [["chapter", "a", "--part", "test"], /Expected no --part with plot chapter/],
    [
      ["loss", "a", "--out", "a.jpg"],
      /Expected a name that ends in \.svg or \.png for --out but received a\.jpg\./,
    ],
    [["loss", "a", "--png", "--out", "a.svg"], /Expected another name than a\.svg with --png/],
    [["digits", "--data-dir", "a", "--csv", "b"], /Expected one source of data/],
  ])("refuses %j as wrong usage", async (args, message) => {
    expectFault(await cli(["plot", ...args]), 2, message);
  });

  it("says what is amiss with a folder, and writes nothing", async () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    expectFault(await cli(["plot", "chapter", empty]), 1, /config\.json/);
    expect(readdirSync(empty)).toEqual([]);
    const modelless = join(folder, "modelless");
    await cp(run, modelless, { recursive: true });
    rmSync(join(modelless, "model.safetensors"));
    for (const name of CHAPTER) rmSync(join(modelless, `${name}.svg`), { force: true });
    expectFault(await cli(["plot", "chapter", modelless]), 1, /There is no model\.safetensors in/);
    expect(existsSync(join(modelless, "digits.svg"))).toBe(false);
  });

  it("draws a run whose loss is not a number", async () => {
    const broken = join(folder, "nan");
    await cp(run, broken, { recursive: true });
    const line = {
      epoch: 1,
      seconds: 1,
      train: { loss: null, accuracy: 0.1 },
      validation: { loss: null, accuracy: 0.1 },
    };
    writeFileSync(join(broken, "metrics.jsonl"), `${JSON.stringify(line)}\n`);
    expectSuccess(await cli(["plot", "loss", broken]));
    expect(texts(join(broken, "loss.svg"))).toContain("Epoch");
  });
});
