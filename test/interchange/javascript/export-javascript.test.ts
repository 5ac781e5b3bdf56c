import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import {
  type ExportJavaScriptOptions,
  exportJavaScript,
} from "../../../src/interchange/javascript/export-javascript.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { dense } from "../../../src/nn/specification.js";
import { imageRows } from "../../../src/tensor/layer-input.js";
import { type Tensor, toArray } from "../../../src/tensor/tensor.js";
import { chromiumPath, launchChromium, openAddress } from "../../support/chromium.js";
import { startServer } from "../../support/http-server.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { largestDifference, ownOutputs } from "../own-outputs.js";
import { INPUTS, SAMPLE_NETWORKS, sampleRows } from "../sample-networks.js";

const folder = temporaryFolder();
const backend = createJavaScriptBackend();
const require = createRequire(import.meta.url);
let files = 0;

/** What a module exports. */
interface Exported {
  readonly inputs: number;
  readonly imageShape?: readonly number[];
  readonly inputNames?: readonly string[];
  readonly classNames?: readonly string[];
  readonly valueNames?: readonly string[];
  predict(numbers: unknown): {
    readonly class?: number;
    readonly name?: string;
    readonly probabilities?: readonly number[];
    readonly outputs?: readonly number[];
    readonly values?: readonly number[];
  };
  forward(numbers: unknown): Float32Array | Float64Array;
}

/** Writes a module as a program would, and imports it. */
async function load(network: MultilayerPerceptron, options: ExportJavaScriptOptions = {}): Promise<Exported> {
  const path = join(folder, `${files++}.mjs`);
  writeFileSync(path, exportJavaScript(network, options));
  return import(/* @vite-ignore */ pathToFileURL(path).href);
}

const digits = { imageShape: "[2,2]", classNames: '["one","two","three"]' };
const images = new MultilayerPerceptron({ layers: [4, dense(7, "gelu"), dense(3, "softmax")], backend });
const chapter = new MultilayerPerceptron({ layers: [784, 50, 10], seed: 5, backend });
const ofChapter = { imageShape: "[28,28]", classNames: JSON.stringify([..."0123456789"]) };
/** A picture of a disc. */
const disc = Uint8Array.from({ length: 784 }, (_, i) =>
  Math.max(0, 255 - 2 * Math.floor(Math.hypot((i % 28) - 14, Math.floor(i / 28) - 14) ** 2)),
);

function outputsOfBytes(network: MultilayerPerceptron, bytes: Uint8Array): readonly number[] {
  const { inputs: width } = network;
  const x = imageRows({ images: bytes, rows: Int32Array.of(0), width, scale: 2 / 255, offset: -1 });
  return [...toArray(network.forward(x).at(-1) as Tensor)];
}

describe("a module of JavaScript", () => {
  it.each(SAMPLE_NETWORKS)("computes the same: $name", async ({ create }) => {
    for (const dtype of ["float32", "float64"] as const) {
      const network = create(dtype);
      const { forward } = await load(network);
      const rows = sampleRows(9, dtype);
      const given = Array.from({ length: 9 }, (_, i) => rows.slice(i * INPUTS, (i + 1) * INPUTS));
      const found = given.flatMap((row) => [...forward(row)]);
      expect(largestDifference(found, ownOutputs(network, rows))).toBeLessThan(
        dtype === "float32" ? 1e-5 : 1e-12,
      );
      // What is given stays as it is, and the last call does not tell on the next.
      expect(given.flatMap((row) => [...row])).toEqual([...rows]);
      expect(given.flatMap((row) => [...forward([...row])])).toEqual(found);
    }
  });

  it("keeps large and small numbers apart: saturated activations are finite", async () => {
    for (const activation of ["sigmoid", "tanh", "elu", "gelu", "silu"] as const) {
      const network = new MultilayerPerceptron({
        layers: [2, dense(6, activation), dense(2)],
        dtype: "float64",
        backend,
      });
      const { forward } = await load(network);
      for (const size of [1e-300, 30, 800, 1e5]) {
        const x = Float64Array.of(size, -size);
        const expected = ownOutputs(network, x);
        const tolerance = 1e-12 * Math.max(1, size);
        expect(largestDifference([...forward(x)], expected), `${activation} ${size}`).toBeLessThan(tolerance);
      }
    }
  });

  it("takes bytes of images, and numbers where it is asked to", async () => {
    const bytes = Uint8Array.of(0, 100, 200, 255);
    const expected = outputsOfBytes(images, bytes);
    const ofBytes = await load(images, { metadata: digits });
    expect(ofBytes).toMatchObject({ inputs: 4, imageShape: [2, 2], classNames: ["one", "two", "three"] });
    const { class: best = -1, name, probabilities = [] } = ofBytes.predict(bytes);
    expect(probabilities).toBeInstanceOf(Array); // So that JSON has a list.
    expect(largestDifference(probabilities, expected)).toBeLessThan(1e-6);
    expect(best).toBe(expected.indexOf(Math.max(...expected)));
    expect(name).toBe(["one", "two", "three"][best]);
    const ofNumbers = await load(images, { metadata: digits, input: "numbers" });
    const scaled = [...bytes].map((byte) => (byte * 2) / 255 - 1);
    expect(largestDifference(ofNumbers.predict(scaled).probabilities ?? [], expected)).toBeLessThan(1e-6);
    const withoutShape = await load(images, { input: "bytes" });
    expect(largestDifference(withoutShape.predict([...bytes]).probabilities ?? [], expected)).toBeLessThan(
      1e-6,
    );
    expect(withoutShape.classNames).toEqual(["0", "1", "2"]);
  });

  it("tells two classes apart by one output, and gives values where they are learned", async () => {
    const two = new MultilayerPerceptron({ layers: [2, dense(1, "sigmoid")], seed: 2, backend });
    const { predict } = await load(two, { metadata: { classNames: '["no","yes"]' } });
    const classes = [
      [1, 2],
      [-1, -2],
    ].map((x) => {
      const [p = 0] = ownOutputs(two, Float32Array.from(x));
      const found = predict(x);
      expect(largestDifference(found.probabilities ?? [], [1 - p, p])).toBeLessThan(1e-6);
      expect(found).toMatchObject(p >= 0.5 ? { class: 1, name: "yes" } : { class: 0, name: "no" });
      return found.class;
    });
    expect(new Set(classes).size).toBe(2);

    const linear = new MultilayerPerceptron({ layers: [2, dense(1)], seed: 2, backend });
    const columns = {
      features: ["age", "height"].map((name) => ({ name, kind: "numeric" })),
      target: { name: "price", task: "regress" },
    };
    const ofValues = await load(linear, { metadata: { columns: JSON.stringify(columns) } });
    expect(ofValues).toMatchObject({ inputNames: ["age", "height"], valueNames: ["price"] });
    const { values = [] } = ofValues.predict([1, 2]);
    expect(largestDifference(values, ownOutputs(linear, Float32Array.of(1, 2)))).toBeLessThan(1e-6);

    const adaline = await load(linear); // Its loss learns classes, too.
    for (const x of [
      [1, 2],
      [-1, -2],
    ]) {
      const [output = 0] = ownOutputs(linear, Float32Array.from(x));
      const found = adaline.predict(x);
      expect(found).toMatchObject({ class: Number(output >= 0.5), name: output >= 0.5 ? "1" : "0" });
      expect(largestDifference(found.outputs ?? [], [output])).toBeLessThan(1e-6);
    }
  });

  it.each<[string, unknown, ErrorConstructor, string]>([
    ["nothing", undefined, TypeError, "Expected an array of 4 pixels but received undefined."],
    ["null", null, TypeError, "Expected an array of 4 pixels but received null."],
    ["a text", "1234", TypeError, "Expected an array of 4 pixels but received string."],
    ["too few", [1, 2, 3], RangeError, "Expected 4 pixels but received 3."],
    [
      "a canvas's",
      new Uint8ClampedArray(16),
      RangeError,
      "Expected one number for each of 4 pixels but received four, as a canvas gives; take one of each four.",
    ],
    ["texts", ["1", 2, 3, 4], TypeError, "Expected numbers for pixels but pixel 0 is of type string."],
    ["gaps", new Array(4), TypeError, "Expected numbers for pixels but pixel 0 is of type undefined."],
    [
      "what was scaled before",
      [0, 0.5, 1, 1],
      RangeError,
      "Expected whole numbers from 0 to 255 for pixels but pixel 1 is 0.5.",
    ],
    [
      "too much",
      [0, 0, 256, 0],
      RangeError,
      "Expected whole numbers from 0 to 255 for pixels but pixel 2 is 256.",
    ],
    [
      "no number",
      [0, 0, 0, Number.NaN],
      RangeError,
      "Expected whole numbers from 0 to 255 for pixels but pixel 3 is NaN.",
    ],
  ])("refuses for pixels %s", async (_, pixels, kind, message) => {
    const { predict } = await load(images, { metadata: digits });
    expect(() => predict(pixels)).toThrow(kind);
    expect(() => predict(pixels)).toThrow(message);
  });

  it("refuses numbers that are none", async () => {
    const { predict } = await load(images);
    expect(() => predict([1, 2])).toThrow("Expected 4 numbers but received 2.");
    expect(() => predict(7)).toThrow("Expected an array of 4 numbers but received number.");
    expect(() => predict([0, 0, Number.NaN, 0])).toThrow("Expected finite numbers but number 2 is NaN.");
    expect(() => predict([0, 0n, 0, 0])).toThrow("Expected numbers but number 1 is of type bigint.");
  });

  it("has names of classes that stay names", async () => {
    const names = [
      '"];alert(1);["',
      "`$" + "{alert(1)}`",
      "*/ alert(1) /*",
      "</script>",
      "\u2028",
      "\\",
      "__proto__",
    ];
    const network = new MultilayerPerceptron({ layers: [2, dense(names.length, "softmax")], backend });
    const module = await load(network, { metadata: { classNames: JSON.stringify(names) } });
    expect(module.classNames).toEqual(names);
  });

  it("of the chapter's network is smaller than 260 kB", () => {
    const text = exportJavaScript(chapter, { metadata: ofChapter });
    expect(Buffer.byteLength(text)).toBeLessThan(260_000);
  });

  it("tells its types to TypeScript", () => {
    const every = SAMPLE_NETWORKS.filter(({ name }) => /^(every kind|gelu|elu|silu|output.*)$/.test(name));
    const texts = [
      ...every.map(({ create }, i) => exportJavaScript(create(i % 2 === 0 ? "float32" : "float64"))),
      exportJavaScript(images, { metadata: digits }),
    ];
    const paths = texts.map((text, i) => {
      const path = join(folder, `checked-${i}.js`);
      writeFileSync(path, text);
      return path;
    });
    const use = join(folder, "use.ts");
    const last = `./checked-${texts.length - 1}.js`;
    writeFileSync(
      use,
      `import { classNames, predict } from "${last}";
const found: { class: number; name: string; probabilities: number[] } = predict(new Uint8Array(4));
const names: readonly string[] = classNames;
// @ts-expect-error: A text is no picture.
predict(["a"]);
console.log(found, names);
`,
    );
    const compilerOptions = {
      ...{
        noEmit: true,
        allowJs: true,
        checkJs: true,
        strict: true,
        noUnusedLocals: true,
        noUnusedParameters: true,
      },
      ...{
        module: "esnext",
        moduleResolution: "bundler",
        target: "es2022",
        lib: ["es2022", "dom"],
        types: [],
      },
    };
    const project = join(folder, "tsconfig.json");
    writeFileSync(project, JSON.stringify({ compilerOptions, files: [...paths, use] }));
    const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", project], { encoding: "utf8" });
    expect(stdout).toBe("");
  });
});

describe("the export", () => {
  it("refuses another kind of input, and metadata that are no texts", () => {
    expect(() => exportJavaScript(images, { input: "pixels" as never })).toThrow(
      'Expected "numbers" or "bytes" for input but received "pixels".',
    );
    expect(() => exportJavaScript(images, { metadata: { epochs: 3 } as never })).toThrow(
      "Expected metadata that are an object of texts",
    );
  });
});

describe.skipIf(chromiumPath === null)("in a browser", () => {
  it("whose page lets no script but its site's own run, it computes the same", async () => {
    const standardized = SAMPLE_NETWORKS.find(({ name }) => name === "every kind")?.create("float64");
    const every = standardized as MultilayerPerceptron; // It is in the list.
    const row = sampleRows(1, "float64");
    const served: Readonly<Record<string, readonly [type: string, text: string]>> = {
      "/": [
        "text/html",
        '<!doctype html><title>A module</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
      ],
      "/page.js": [
        "text/javascript",
        `import * as chapter from "/chapter.js";
import * as every from "/every.js";
globalThis.found = [
  chapter.predict(new Uint8ClampedArray([${disc.join()}])).probabilities,
  every.predict([${row.join()}]).probabilities,
];`,
      ],
      "/chapter.js": ["text/javascript", exportJavaScript(chapter, { metadata: ofChapter })],
      "/every.js": ["text/javascript", exportJavaScript(every)],
    };
    const { url } = await startServer(({ url: path = "" }, response) => {
      const [type, text] = served[path] ?? ["text/plain", ""];
      response.setHeader("Content-Type", `${type}; charset=utf-8`);
      response.setHeader("Content-Security-Policy", "default-src 'none'; script-src 'self'; img-src data:");
      response.end(text);
    });
    const browser = await launchChromium({ onlyLoopback: true });
    try {
      const { page, faults } = await openAddress(browser, url);
      await page.waitForFunction("() => globalThis.found !== undefined");
      const [ofChapterFound = [], ofEvery = []] =
        await page.evaluate<readonly (readonly number[])[]>("found");
      expect(largestDifference(ofChapterFound, outputsOfBytes(chapter, disc))).toBeLessThan(1e-5);
      expect(largestDifference(ofEvery, ownOutputs(every, row))).toBeLessThan(1e-12);
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
