import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DOMParser, type Document } from "@xmldom/xmldom";
import { describe, expect, it } from "vitest";
import { encodeIdxHeader } from "../../src/formats/idx.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectSuccess } from "./harness.js";

const folder = temporaryFolder();
const KINDS = ["digits", "variants", "loss", "accuracy", "misclassified", "confusion", "weights"] as const;

interface Shape {
  readonly classes: number;
  readonly images: number;
  readonly size: readonly [height: number, width: number];
  /** How much of a pixel's range is noise; class and picture have nothing to do with each other from 255 on. */
  readonly noise: number;
}

/** Four IDX files; an image of a class has a bar of ink at a place of its own. */
function writeData(name: string, { classes, images, size: [height, width], noise }: Shape): string {
  const directory = join(folder, name);
  mkdirSync(directory);
  let state = 1;
  const chance = () => {
    state = (state * 48_271) % 2_147_483_647; // MINSTD: the same images each time.
    return state / 2_147_483_647;
  };
  for (const [part, count] of [
    ["train", images],
    ["t10k", classes * 2],
  ] as const) {
    const labels = Uint8Array.from({ length: count }, (_, i) => i % classes);
    const pixels = Uint8Array.from({ length: count * height * width }, (_, i) => {
      const place = i % (height * width);
      const isInk = place % classes === (labels[Math.floor(i / (height * width))] ?? 0);
      return Math.min(255, (isInk ? 255 : 0) * (1 - noise / 255) + noise * chance());
    });
    const write = (kind: "images" | "labels", name: string, shape: number[], body: Uint8Array) =>
      writeFileSync(join(directory, name), Buffer.concat([encodeIdxHeader(kind, shape), body]));
    write("images", `${part}-images-idx3-ubyte`, [count, height, width], pixels);
    write("labels", `${part}-labels-idx1-ubyte`, [count], labels);
  }
  return directory;
}

/** Trains, and makes every figure: as well-formed XML, by kind. */
async function figuresOf(
  name: string,
  shape: Shape,
  options: readonly string[],
  change: (metrics: string) => string = (metrics) => metrics,
) {
  const run = join(folder, `${name}-run`);
  expectSuccess(await cli(["train", "--data-dir", writeData(name, shape), ...options, "--out", run]));
  const metrics = join(run, "metrics.jsonl");
  writeFileSync(metrics, change(readFileSync(metrics, "utf8")));
  const figures: [string, Document][] = [];
  for (const kind of KINDS) {
    expectSuccess(await cli(["plot", kind, run, "--digit", "1"]));
    const faults: string[] = [];
    const parser = new DOMParser({ onError: (_level, message) => faults.push(message) });
    const text = readFileSync(join(run, `${kind}.svg`), "utf8");
    figures.push([kind, parser.parseFromString(text, "image/svg+xml")]);
    expect(faults).toEqual([]);
    expect(text.replaceAll(/base64,[^"]*/g, "")).not.toMatch(/NaN|undefined|Infinity/);
  }
  return new Map(figures);
}

type Figures = Awaited<ReturnType<typeof figuresOf>>;

function elements(figures: Figures, kind: (typeof KINDS)[number], name: string) {
  return [...(figures.get(kind)?.getElementsByTagName(name) ?? [])];
}

function texts(figures: Figures, kind: (typeof KINDS)[number]): string[] {
  return elements(figures, kind, "text").map(({ textContent }) => textContent ?? "");
}

function marked(figures: Figures, kind: (typeof KINDS)[number], attribute: string): number {
  return elements(figures, kind, "*").filter((element) => element.hasAttribute(attribute)).length;
}

describe("plot draws", () => {
  it("a run of one epoch, with two classes and no mistake", async () => {
    const shape: Shape = { classes: 2, images: 240, size: [8, 6], noise: 0 };
    const options = ["--epochs", "1", "--batch-size", "2", "--learning-rate", "1", "--hidden", "4"];
    const figures = await figuresOf("two", shape, options);
    expect(elements(figures, "digits", "image")).toHaveLength(2);
    expect(elements(figures, "variants", "image")).toHaveLength(25);
    expect(marked(figures, "loss", "data-y")).toBe(1);
    expect(marked(figures, "accuracy", "data-y")).toBe(2);
    expect(texts(figures, "misclassified").slice(2)).toEqual([
      expect.stringMatching(/^No mistakes: all \d+ images are classified correctly\.$/),
    ]);
    // A cell that counts nothing has no images to tell of.
    expect(marked(figures, "confusion", "data-predicted")).toBe(2);
    expect(texts(figures, "confusion").filter((text) => text === "0")).toHaveLength(2 + 2);
  });

  it("a run with 62 classes and images of 32 x 32 pixels", async () => {
    const shape: Shape = { classes: 62, images: 62 * 12, size: [32, 32], noise: 255 };
    const figures = await figuresOf("many", shape, ["--epochs", "2", "--hidden", "6"]);
    expect(elements(figures, "digits", "image")).toHaveLength(62);
    expect(texts(figures, "digits").slice(1)).toEqual([...Array(62).keys()].map(String));
    expect(elements(figures, "variants", "image")).toHaveLength(14);
    expect(marked(figures, "loss", "data-y")).toBe(2);
    const captions = texts(figures, "misclassified").slice(3);
    expect(captions).toHaveLength(25);
    for (const [i, caption] of captions.entries()) {
      expect(caption).toMatch(new RegExp(`^${i + 1}\\) True: \\d+ / Predicted: \\d+$`));
    }
    // Too wide for one line here and there, and so in two lines everywhere.
    expect(elements(figures, "misclassified", "tspan")).toHaveLength(2 * 25);
    expect(elements(figures, "weights", "image")).toHaveLength(6 + 1); // The scale is the last.
    const named = texts(figures, "confusion");
    for (let label = 0; label < 62; label++) {
      expect(named.filter((text) => text === String(label)).length).toBeGreaterThanOrEqual(2);
    }
  });

  it("a run whose loss left the range of numbers", async () => {
    const shape: Shape = { classes: 3, images: 90, size: [6, 6], noise: 60 };
    // Versions up to 0.2.0 went on with it.
    const figures = await figuresOf("diverged", shape, ["--epochs", "2"], (metrics) =>
      metrics.replaceAll(/"loss":[^,]+/g, '"loss":null'),
    );
    expect(marked(figures, "loss", "data-y")).toBe(0);
    expect(texts(figures, "loss")).toContain("No finite value to draw");
    expect(marked(figures, "accuracy", "data-y")).toBe(4);
    expect(elements(figures, "weights", "image")).toHaveLength(50 + 1);
  });
});
