import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ConfigFormatError, FileAccessError, parseConfig, readConfig } from "../../../src/index.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
let files = 0;

function write(content: string | Uint8Array, ending = "yaml"): string {
  const path = join(folder, `config-${files++}.${ending}`);
  writeFileSync(path, content);
  return path;
}

describe("a configuration file", () => {
  it("may be YAML, and JSON", async () => {
    const yaml = write(
      "# Digits\nhidden: [20, 10]\nlearningRate: 1e-3\nschedule: { type: cosine, warmUp: .1 }\n",
    );
    const settings = { hidden: [20, 10], learningRate: 0.001, schedule: { type: "cosine", warmUp: 0.1 } };
    expect(await readConfig(yaml)).toEqual(settings);
    expect(await readConfig(write(JSON.stringify(settings), "json"))).toEqual(settings);
    expect(await readConfig(write(`\ufeff${JSON.stringify(settings)}`, "json"))).toEqual(settings);
    const anchors = write("layers: [&a { type: dense, units: 5 }, *a, *a]\n");
    expect((await readConfig(anchors)).layers).toEqual(Array(3).fill({ type: "dense", units: 5 }));
  });

  it("has places that are taken from its folder", async () => {
    const { dataDir, from, csv } = await readConfig(
      write("dataDir: data\nfrom: ../model.safetensors\ncsv: /there/x.csv\n"),
    );
    expect(dataDir).toBe(join(folder, "data"));
    expect(from).toBe(join(folder, "..", "model.safetensors"));
    expect(csv).toBe("/there/x.csv");
  });

  it("may be one that an older version wrote, of which the settings are read", async () => {
    const golden = fileURLToPath(new URL("../../golden/runs/0.1.0/config.json", import.meta.url));
    expect(await readConfig(golden)).toEqual({
      dataset: "synthetic",
      split: "chapter",
      splitSeed: 123,
      layers: [784, 3, 10],
      activation: "sigmoid",
      epochs: 2,
      batchSize: 100,
      learningRate: 0.1,
      seed: 123,
      backend: "native",
      dtype: "float32",
      threads: 1,
      imageShape: [28, 28],
    });
    expect(await readConfig(write('{"dataset": "csv", "csv": "a.csv", "epochs": 3}'))).toEqual({
      csv: join(folder, "a.csv"),
      epochs: 3,
    });
  });

  const bomb = [
    "a: &a [l,l,l,l,l,l,l,l,l,l]",
    ..."bcdefgh".split("").map((name, i) => {
      const one = `*${"abcdefgh"[i]}`;
      return `${name}: &${name} [${Array(10).fill(one).join(",")}]`;
    }),
  ].join("\n");

  it.each<[what: string, content: string | Uint8Array, sentence: RegExp]>([
    [
      "broken JSON",
      '{\n  "epochs" 3\n}',
      /is neither JSON nor YAML: line 2, column 1\d: Missing , or : between/,
    ],
    ["broken YAML", "epochs: 3\nhidden: [3\n", /is neither JSON nor YAML: line \d, column \d: .+\.$/],
    ["a key twice", '{"epochs": 1,\n "epochs": 2}', /line 2, column 2: Map keys must be unique\.$/],
    ["an empty file", " \n", /is empty; expected settings, such as epochs: 10\.$/],
    ["comments alone", "# nothing\n", /: expected an object but received null\.$/],
    ["a list", "- 1\n", /: expected an object but received a list of 1\.$/],
    ["two documents", "epochs: 1\n---\nepochs: 2\n", /line 2, column 1: a second document begins here/],
    ["an unknown tag", "epochs: !js 1\n", /line 1, column 9: Unresolved tag: !js\.$/],
    ["aliases that grow", bomb, /has aliases that cannot be resolved: Excessive alias count/],
    ["an alias of nothing", "epochs: *x\n", /has aliases that cannot be resolved: Unresolved alias/],
    [
      "a list within itself",
      "layers: &a [{ type: residual, layers: *a }]\n",
      /expected at most 100 lists and objects within each other but received more\.$/,
    ],
    [
      "lists without end",
      "[".repeat(100_000),
      /lists or objects are within each other, deeper than can be read\.$/,
    ],
    ["another encoding", Buffer.from("\ufeffepochs: 1", "utf16le"), /is not text in UTF-8/],
    ["bytes", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0xff), /is not text in UTF-8/],
    ["an unknown key", "epoch: 3\n", /: there is no key "epoch"; did you mean epochs\?$/],
    [
      "an option's name",
      "label-smoothing: 0.1\n",
      /: there is no key "label-smoothing"; did you mean loss\.labelSmoothing\?$/,
    ],
    [
      "a key in the wrong place",
      "momentum: 0.9\n",
      /: there is no key "momentum"; did you mean optimizer\.momentum\?$/,
    ],
    [
      "what is no setting",
      "out: runs/a\n",
      /: there is no key "out"; it is an option of the command line alone\.$/,
    ],
    [
      "nothing like a key",
      "zzzzzz: 1\n",
      /: there is no key "zzzzzz"; the keys there are dataset, .+, threads\.$/,
    ],
    [
      "an unknown key within another",
      "optimizer: { type: sgd, momentun: 0.9 }\n",
      /: there is no key "optimizer\.momentun"; did you mean optimizer\.momentum\?$/,
    ],
    [
      "an unknown key of a layer",
      "layers: [{ type: residual, layers: [{ type: dense, unit: 3 }] }]\n",
      /: there is no key "layers\[0\]\.layers\[0\]\.unit"; did you mean layers\[0\]\.layers\[0\]\.units\?$/,
    ],
    [
      "an unknown layer",
      "layers: [{ type: dens, units: 3 }]\n",
      /for layers\[0\]\.type but received "dens"; did you mean dense\?$/,
    ],
    ["an unknown optimizer", "optimizer: adm\n", /for optimizer but received "adm"; did you mean adam\?$/],
    [
      "another kind",
      'epochs: "3"\n',
      /: expected a whole number of at least 1 for epochs but received "3"\.$/,
    ],
    [
      "out of range",
      "dropout: 1\n",
      /: expected a finite number of at least 0 and below 1 for dropout but received 1\.$/,
    ],
    [
      "no number",
      "learningRate: .nan\n",
      /: expected a finite number above 0 for learningRate but received NaN\.$/,
    ],
    [
      "endless",
      "learningRate: .inf\n",
      /: expected a finite number above 0 for learningRate but received Infinity\.$/,
    ],
    ["nothing", "epochs:\n", /: expected a whole number of at least 1 for epochs but received null\.$/],
    [
      "half a layer",
      "layers: [{ type: dense }]\n",
      /: expected a whole number from 1 to 1000000 for layers\[0\]\.units, but there is none\.$/,
    ],
    ["another prototype", '{"__proto__": {"epochs": 1}}', /: there is no key "__proto__"/],
  ])("is refused with its name and a sentence: %s", async (_, content, sentence) => {
    const path = write(content);
    const error = await readConfig(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigFormatError);
    const { message } = error as Error;
    expect(message.startsWith(path)).toBe(true);
    expect(message).toMatch(sentence);
    expect(message).not.toContain("\n");
  });

  it.each<[what: string, path: () => string, sentence: RegExp]>([
    ["none", () => join(folder, "none.yaml"), /none\.yaml/],
    [
      "a folder",
      () => {
        mkdirSync(join(folder, "run"));
        return join(folder, "run");
      },
      /is a folder; name a JSON or YAML file, such as the config\.json of a run\.$/,
    ],
    ["a large file", () => write(" ".repeat(2 ** 20 + 1)), /has 1\.0 MB, and at most 1\.0 MB were expected/],
    [
      "a device",
      () => {
        symlinkSync("/dev/zero", join(folder, "zero"));
        return join(folder, "zero");
      },
      /is a device or a pipe/,
    ],
  ])("is not read where there is %s", async (_, path, sentence) => {
    const error = await readConfig(path()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FileAccessError);
    expect((error as Error).message).toMatch(sentence);
  });
});

it("a program's own configuration is checked in the same way", async () => {
  expect(await parseConfig({ epochs: 3, dataDir: "data" })).toEqual({ epochs: 3, dataDir: "data" });
  await expect(parseConfig({ epoch: 3 })).rejects.toThrow(
    new ConfigFormatError('The configuration: there is no key "epoch"; did you mean epochs?'),
  );
});
