import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { loadImageFolder } from "../../../src/data/readers/image-folder.js";
import { findQuartet, loadQuartet, MNIST_FILE_NAMES } from "../../../src/data/readers/quartet.js";
import { syntheticDigits } from "../../../src/data/synthetic/synthetic-digits.js";
import { readPngAsGray } from "../../../src/formats/png.js";
import { createDrawings, type DrawingsSet } from "../../../src/live/drawings/drawings.js";
import type { DrawingBody } from "../../../src/live/protocol.js";
import { cli, startProgram } from "../../cli/harness.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const parent = temporaryFolder();
const newFolder = () => join(mkdtempSync(join(parent, "set-")), "my drawings");
const digits = syntheticDigits({ count: 400 });

function imageOf(row: number): Uint8Array {
  return digits.features.data.slice(row * 784, (row + 1) * 784);
}

function bodyOf(label: number, pixels: Uint8Array): DrawingBody {
  return { label, width: 28, height: 28, pixels: Buffer.from(pixels).toString("base64") };
}

/** Adds images of these labels, one after the other. */
async function addAll(drawings: DrawingsSet, labels: readonly number[]) {
  let state = await drawings.get();
  for (const [i, label] of labels.entries()) {
    const row = digits.targets.labels.indexOf(label, (i * 10) % 300);
    state = await drawings.add(bodyOf(label, imageOf(row)));
  }
  return state;
}

const repeated = (labels: readonly number[], times: number) =>
  Array.from({ length: labels.length * times }, (_, i) => labels[i % labels.length] as number);

describe("drawings of one's own", () => {
  it("are none at first, and no folder is made for them", async () => {
    const folder = newFolder();
    const state = await createDrawings({ folder }).get();
    expect(state).toMatchObject({ folder, count: 0, perClass: Array(10).fill(0), command: null });
    expect(state.note).toBe("Draw 21 more, of at least two digits, and a network can learn from them.");
    expect(await createDrawings({ folder }).removeLast()).toEqual(state);
    expect(() => readdirSync(folder)).toThrow("ENOENT");
  });

  it("are kept with the bytes that were drawn, as PNG and as IDX", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            label: fc.nat(9),
            pixels: fc.uint8Array({ minLength: 784, maxLength: 784 }).map((bytes) => bytes.with(0, 255)),
          }),
          { minLength: 5, maxLength: 12 },
        ),
        async (images) => {
          const folder = newFolder();
          const drawings = createDrawings({ folder });
          for (const { label, pixels } of images) await drawings.add(bodyOf(label, pixels));
          const files = images.map(({ label }, i) => {
            const of = join(folder, "png", String(label));
            return join(
              of,
              readdirSync(of).find((name) => name.startsWith(String(i + 1).padStart(6, "0"))) ?? "",
            );
          });
          for (const [i, file] of files.entries())
            expect((await readPngAsGray(file)).pixels).toEqual(images[i]?.pixels);
          const { dataset, trainCount } = await loadQuartet(
            await findQuartet(join(folder, "idx"), MNIST_FILE_NAMES),
          );
          const isTest = (_: unknown, i: number) => i % 5 === 4;
          const expected = [...images.filter((image, i) => !isTest(image, i)), ...images.filter(isTest)];
          expect(trainCount).toBe(images.length - Math.floor(images.length / 5));
          expect([...dataset.targets.labels]).toEqual(expected.map(({ label }) => label));
          expect(Buffer.from(dataset.features.data)).toEqual(
            Buffer.concat(expected.map(({ pixels }) => pixels)),
          );
          const own = await loadImageFolder({ directory: join(folder, "png") });
          expect(own.rows.length).toBe(images.length);
          expect(own.targets.classNames).toEqual(
            [...new Set(images.map(({ label }) => String(label)))].sort(),
          );
        },
      ),
      { numRuns: 5 },
    );
  });

  it("are taken back, the last first, as if they had never been", async () => {
    const folder = newFolder();
    const drawings = createDrawings({ folder });
    const seen = [await addAll(drawings, [3, 3, 7, 3, 1])];
    for (const label of [7, 8]) seen.push(await addAll(createDrawings({ folder }), [label]));
    const quartet = () =>
      readdirSync(join(folder, "idx")).map((name) => readFileSync(join(folder, "idx", name), "hex"));
    const ofSeven = quartet();
    expect(seen.at(-1)?.perClass).toEqual([0, 1, 0, 3, 0, 0, 0, 2, 1, 0]);
    expect(await drawings.removeLast()).toEqual(seen[1]);
    expect(readdirSync(join(folder, "png"))).toEqual(["1", "3", "7"]); // No folder without images.
    expect(await drawings.removeLast()).toEqual(seen[0]);
    expect((await drawings.removeLast()).count).toBe(4);
    expect(readdirSync(join(folder, "idx"))).toEqual([]); // Of four there is none for the test.
    for (let i = 0; i < 4; i++) await drawings.removeLast();
    expect((await drawings.removeLast()).count).toBe(0);
    expect(readdirSync(join(folder, "png"))).toEqual([]);
    await addAll(drawings, [3, 3, 7, 3, 1, 7, 8]);
    expect(quartet()).not.toEqual([]);
    expect(quartet()).toHaveLength(ofSeven.length);
  });

  it("are refused where they are none", async () => {
    const drawings = createDrawings({ folder: newFolder() });
    const good = bodyOf(7, imageOf(0));
    for (const [body, message] of [
      [{ ...good, label: 10 }, "Expected a digit from 0 to 9 for label but received 10."],
      [{ ...good, label: "7" }, 'Expected a digit from 0 to 9 for label but received "7".'],
      [{ ...good, label: 1.5 }, "for label but received 1.5."],
      [{ ...good, label: "../../etc" }, "for label"],
      [null, "for label"],
      [[], "for label"],
      [
        { ...good, width: 27 },
        "Expected a drawing of 28 x 28 pixels, as the network reads it, but received one of 27 x 28.",
      ],
      [{ ...good, height: undefined }, "one of 28 x undefined"],
      [{ ...good, height: { toString: 1 } }, "one of 28 x an object"],
      [{ ...good, pixels: "AAAA" }, "Expected the 784 gray bytes of a drawing in base64"],
      [{ ...good, pixels: `${good.pixels.slice(0, -4)}!!==` }, "in base64"],
      [{ ...good, pixels: [1, 2] }, "in base64"],
      [bodyOf(7, new Uint8Array(784)), "Expected a drawing with some ink in it, but it is empty."],
    ] as const) {
      await expect(drawings.add(body)).rejects.toThrow(message);
    }
    expect((await drawings.get()).count).toBe(0);
    expect(() => createDrawings({ folder: 5 as never })).toThrow("Expected the path of a folder for folder");
    expect(() => createDrawings({ directory: "x" } as never)).toThrow("directory");
  });

  it("say what is wrong with their folder", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, ".."), { recursive: true });
    writeFileSync(folder, "a file");
    const drawings = createDrawings({ folder });
    await expect(drawings.add(bodyOf(1, imageOf(0)))).rejects.toThrow("cannot be written");
    await expect(drawings.get()).rejects.toThrow("cannot be opened as a folder");
  });

  it("are told from another picture that somebody has put among them", async () => {
    const folder = newFolder();
    await addAll(createDrawings({ folder }), repeated([1, 7], 4));
    const png = encode({ width: 200, height: 10, data: new Uint8Array(2000), channels: 1, depth: 8 });
    writeFileSync(join(folder, "png", "7", "000003-aaaaaaaa.png"), png);
    await expect(createDrawings({ folder }).add(bodyOf(1, imageOf(0)))).rejects.toThrow(
      /^Expected a drawing of 28 x 28 pixels in .*000003-aaaaaaaa\.png, but it has 200 x 10; move it elsewhere\.$/,
    );
  });

  it("are all kept when several servers add some at once, and after one was killed in the middle", async () => {
    const folder = newFolder();
    const sets = Array.from({ length: 4 }, () => createDrawings({ folder }));
    await Promise.all(
      repeated([1, 2, 3, 4, 5], 8).map((label, i) => sets[i % 4]?.add(bodyOf(label, imageOf(i)))),
    );
    expect((await createDrawings({ folder }).get()).perClass).toEqual([0, 8, 8, 8, 8, 8, 0, 0, 0, 0]);
    const { dataset } = await loadQuartet(await findQuartet(join(folder, "idx"), MNIST_FILE_NAMES));
    expect(dataset.rows.length).toBe(40);

    // What a process leaves that is killed while it keeps a first 9: its lock, a new folder, and a file that it has begun.
    const dead = startProgram(process.execPath, ["-e", ""]);
    const { pid } = dead.child;
    await dead.finished;
    writeFileSync(join(folder, ".lock"), JSON.stringify({ pid, startTime: "1" }));
    mkdirSync(join(folder, "png", "9"));
    writeFileSync(join(folder, "png", "9", ".000041-00000000.png.0123456789ab.tmp"), "half");
    writeFileSync(join(folder, "idx", MNIST_FILE_NAMES.trainLabels), "half");
    const after = await sets[0]?.add(bodyOf(1, imageOf(0)));
    expect(after?.count).toBe(41);
    expect(readdirSync(join(folder, "png"))).toEqual(["1", "2", "3", "4", "5"]);
    const again = await loadQuartet(await findQuartet(join(folder, "idx"), MNIST_FILE_NAMES));
    expect(again.dataset.rows.length).toBe(41);
  });
});

describe("the command to train on drawings", () => {
  it("comes as soon as `train` takes them, by both options, and not before", async () => {
    for (const labels of [
      [3, 7],
      [0, 4, 9],
    ]) {
      const folder = newFolder();
      const drawings = createDrawings({ folder });
      let state = await addAll(drawings, repeated(labels, 2));
      let before = state;
      while (state.command === null) {
        const [, more] = /^Draw (\d+) more/.exec(state.note ?? "") ?? [];
        expect(Number(more)).toBeGreaterThan(0);
        before = state;
        state = await addAll(drawings, [labels[state.count % labels.length] as number]);
      }
      expect(before.note).toBe("Draw 1 more, and a network can learn from them.");
      expect(state.note).toBeNull();
      expect(state.command).toBe(
        `npx mnist-native train --data-dir '${join(folder, "idx")}' --out runs/drawings`,
      );
      for (const source of [
        ["--data-dir", join(folder, "idx")],
        ["--image-folder", join(folder, "png")],
      ]) {
        const trained = await cli(["train", ...source, "--epochs", "2", "--hidden", "8"]);
        expect(trained.status, trained.stderr).toBe(0);
        expect(trained.stdout).toContain("Test");
      }
      await drawings.removeLast();
      const refused = await cli(["train", "--data-dir", join(folder, "idx"), "--epochs", "1"]);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain("too few to split");
    }
  });

  it("waits for a second of each digit, and for a split that gives each part some", async () => {
    const drawings = createDrawings({ folder: newFolder() });
    const single = await addAll(drawings, [...repeated([3, 7], 15), 5]);
    expect(single.command).toBeNull();
    expect(single.note).toBe("Draw 4 more, and a network can learn from them.");
    let state = await addAll(drawings, [5]);
    for (let i = 0; state.command === null && i < 20; i++) state = await addAll(drawings, [5]);
    expect(state.command).not.toBeNull();
  });

  it("keeps its run where none is yet", async () => {
    const [folder, runs] = [newFolder(), newFolder()];
    const drawings = createDrawings({ folder, runs });
    const places: string[] = [];
    let { command } = await addAll(drawings, repeated([3, 7], 11));
    for (let i = 0; i < 3; i++) {
      const [, place = ""] = /--out '(.*)'$/.exec(command ?? "") ?? [];
      places.push(place);
      mkdirSync(place, { recursive: true });
      ({ command } = await drawings.get());
    }
    expect(places).toEqual(["drawings", "drawings-2", "drawings-3"].map((name) => join(runs, name)));
  });
});
