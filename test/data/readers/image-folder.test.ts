import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { loadImageFolder } from "../../../src/data/readers/image-folder.js";
import { DataFormatError, FileAccessError, ShapeError } from "../../../src/errors.js";
import { flat } from "../../support/flat.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const temporary = temporaryFolder();

/** A gray image of 3 x 2 pixels, or another size, all of one shade. */
function png(shade: number, width = 3, height = 2): Uint8Array {
  return encode({ width, height, channels: 1, data: new Uint8Array(width * height).fill(shade) });
}

function write(files: Readonly<Record<string, Uint8Array>>): string {
  const directory = mkdtempSync(join(temporary, "folder-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

describe("loadImageFolder", () => {
  it("takes a class from each folder, folders and files in the order of their names", async () => {
    const directory = write({
      "dog/2.png": png(20),
      "dog/10.PNG": png(10),
      "cat/b.png": png(40),
      "Zebra/a.png": png(50),
    });
    const { images, ...rest } = flat(await loadImageFolder({ directory }));
    expect(rest).toEqual({
      labels: Uint8Array.of(0, 1, 2, 2),
      rows: Int32Array.of(0, 1, 2, 3),
      imageShape: [2, 3],
      classes: 3,
      classNames: ["Zebra", "cat", "dog"],
    });
    expect([0, 6, 12, 18].map((start) => images[start])).toEqual([50, 40, 10, 20]);
    expect(images.length).toBe(24);
  });

  it("takes more images than it reads at a time", async () => {
    const directory = write(
      Object.fromEntries(
        Array.from({ length: 50 }, (_, i) => [`only/${String(i).padStart(2, "0")}.png`, png(i)]),
      ),
    );
    const {
      features: { data: images },
    } = await loadImageFolder({ directory });
    expect([...images].filter((_, i) => i % 6 === 5)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it("passes over other files and hidden folders", async () => {
    const directory = write({
      "a/1.png": png(1),
      "a/notes.txt": png(2),
      "a/more/2.png": png(2),
      ".git/3.png": png(3),
      "README.md": png(4),
    });
    expect(flat(await loadImageFolder({ directory }))).toMatchObject({
      labels: Uint8Array.of(0),
      classNames: ["a"],
    });
  });

  it.each<[what: string, directory: string, errorClass: new (message: string) => Error, fault: RegExp]>([
    ["a missing folder", join(temporary, "missing"), FileAccessError, /cannot be opened as a folder/],
    ["a folder without folders", write({ "1.png": png(1) }), DataFormatError, /has no folders in it/],
    [
      "a class without images",
      write({ "a/1.png": png(1), "b/x.txt": png(1) }),
      DataFormatError,
      /b has no PNG/,
    ],
    [
      "a folder each for training and testing, around those of the classes",
      write({ "train/a/1.png": png(1), "train/b/2.png": png(1), "test/a/3.png": png(1) }),
      DataFormatError,
      /(train|test) has folders in it where .* were expected; name .*, such as .*(train|test)\./,
    ],
    [
      "images of several sizes",
      write({ "a/1.png": png(1), "b/2.png": png(1, 2, 3) }),
      ShapeError,
      /2.png has 2 x 3/,
    ],
    [
      "what is no PNG file",
      write({ "a/1.png": png(1), "a/2.png": Buffer.from("x") }),
      DataFormatError,
      /2.png is not/,
    ],
    [
      "more classes than labels can tell apart",
      write(Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`${i}/1.png`, png(1)]))),
      DataFormatError,
      /257 folders/,
    ],
  ])("refuses %s", async (_, directory, errorClass, fault) => {
    const error = await loadImageFolder({ directory }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(errorClass);
    expect(String(error)).toMatch(fault);
  });
});
