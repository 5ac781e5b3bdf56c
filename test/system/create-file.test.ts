import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { link } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { OutputError } from "../../src/errors.js";
import { createFileAtomically } from "../../src/system/create-file.js";
import { temporaryFolder } from "../support/temporary-folder.js";

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return { ...real, link: vi.fn(real.link) };
});

const folder = temporaryFolder();
const linking = vi.mocked(link);
const realLink = linking.getMockImplementation();
let made = 0;

/** In a folder of its own, which is to be made. */
const newPlace = () => join(folder, String(++made), "within", "file.json");

function refuseLinks(code: string): void {
  linking.mockImplementation(() => Promise.reject(Object.assign(new Error(code), { code })));
}

afterEach(() => {
  if (realLink !== undefined) linking.mockImplementation(realLink);
});

describe.each(["with links", "where there are none"])("a file that is made once, %s", (kind) => {
  const prepare = () => {
    if (kind !== "with links") refuseLinks("EPERM");
  };

  it("is written whole, and nothing else is left", async () => {
    prepare();
    const path = newPlace();
    expect(await createFileAtomically(path, "first")).toBe(true);
    expect(readFileSync(path, "utf8")).toBe("first");
    expect(await createFileAtomically(path, "second")).toBe(false);
    expect(readFileSync(path, "utf8")).toBe("first");
    expect(readdirSync(join(path, ".."))).toEqual(["file.json"]);
  });

  it("is that of one of those who make it at the same time", async () => {
    prepare();
    const path = newPlace();
    const texts = Array.from({ length: 10 }, (_, i) => `text ${i}`);
    const isNew = await Promise.all(texts.map((text) => createFileAtomically(path, text)));
    expect(isNew.filter(Boolean)).toHaveLength(1);
    expect(readFileSync(path, "utf8")).toBe(texts[isNew.indexOf(true)]);
    expect(readdirSync(join(path, ".."))).toEqual(["file.json"]);
  });
});

describe("a file that cannot be made", () => {
  it("is told by its path, and leaves nothing", async () => {
    const path = newPlace();
    refuseLinks("ENOSPC");
    await expect(createFileAtomically(path, "text")).rejects.toThrow(
      /file\.json cannot be written: the disk is full/,
    );
    expect(readdirSync(join(path, ".."))).toEqual([]);
    const file = join(folder, "a file");
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, "");
    await expect(createFileAtomically(join(file, "x"), "text")).rejects.toBeInstanceOf(OutputError);
  });
});
