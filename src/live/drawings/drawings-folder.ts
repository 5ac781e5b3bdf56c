import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { encode } from "fast-png";
import { MNIST_FILE_NAMES } from "../../data/readers/quartet.js";
import { DataFormatError, InvalidArgumentError } from "../../errors.js";
import { encodeIdxHeader } from "../../formats/idx.js";
import { readPngAsGray } from "../../formats/png.js";
import { makeFolders, temporaryNameOf, writeFileAtomically } from "../../system/files.js";
import { asFolderAccessError, asOutputError } from "../../system/system-error.js";
import { withFolderLock } from "./folder-lock.js";

/** Height and width of a drawing in pixels. */
export const SIDE = 28;
export const DIGITS = 10;
export const IDX_FOLDER = "idx";
export const PNG_FOLDER = "png";
const PIXELS = SIDE * SIDE;
/** The last of so many drawings in a row is in the files for the test. */
const TEST_EVERY = 5;

export interface Drawing {
  readonly label: number;
  /** [28 * 28], 0 to 255 */
  readonly pixels: Uint8Array;
  /** Counts up from 1 over all digits, in the order in which they were drawn. */
  readonly number: number;
  /** Of its file. No other drawing ever has the same. */
  readonly name: string;
}

/** The drawings in a folder. Whatever is asked for is answered by the labels of all, in the order in which they were drawn. */
export interface DrawingsFolder {
  list(): Promise<Uint8Array>;
  /** @throws InvalidArgumentError where there are `most` already. */
  add(drawing: Pick<Drawing, "label" | "pixels">, most: number): Promise<Uint8Array>;
  removeLast(): Promise<Uint8Array>;
}

/** The PNG files are the drawings; the IDX files are made of them after each change. */
export function createDrawingsFolder(folder: string): DrawingsFolder {
  const classFolder = (label: number) => join(folder, PNG_FOLDER, String(label));
  const pathOf = ({ label, name }: DrawingFile) => join(classFolder(label), name);
  /** The pixels of files that were read, by name: a file never changes. */
  const known = new Map<string, Uint8Array>();

  const find = async (): Promise<readonly DrawingFile[]> => {
    const found = await Promise.all(
      Array.from({ length: DIGITS }, async (_, label) =>
        (await namesIn(classFolder(label))).flatMap((name) => {
          const number = numberOf(name);
          return number === undefined ? [] : [{ label, name, number }];
        }),
      ),
    );
    return found.flat().sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1));
  };

  const pixelsOf = async (file: DrawingFile): Promise<Uint8Array> => {
    const pixels = known.get(file.name) ?? (await readDrawing(pathOf(file)));
    known.set(file.name, pixels);
    return pixels;
  };

  /** Writes the four files anew where they are not of these drawings. */
  const writeIdx = async (files: readonly DrawingFile[]): Promise<void> => {
    const drawings: LabelledPixels[] = [];
    for (const file of files) drawings.push({ label: file.label, pixels: await pixelsOf(file) });
    const isTest = (_: unknown, i: number) => i % TEST_EVERY === TEST_EVERY - 1;
    const test = drawings.filter(isTest);
    const train = drawings.filter((drawing, i) => !isTest(drawing, i));
    const contents = {
      [MNIST_FILE_NAMES.trainImages]: imageBytes(train),
      [MNIST_FILE_NAMES.trainLabels]: labelBytes(train),
      [MNIST_FILE_NAMES.testImages]: imageBytes(test),
      [MNIST_FILE_NAMES.testLabels]: labelBytes(test),
    };
    const isWhole = train.length > 0 && test.length > 0; // There is no IDX file of nothing.
    if (isWhole) await makeFolders(join(folder, IDX_FOLDER));
    for (const [name, bytes] of Object.entries(contents)) {
      const path = join(folder, IDX_FOLDER, name);
      if (!isWhole) await rm(path, { force: true });
      else if (!(await has(path, bytes))) await writeFileAtomically(path, bytes);
    }
  };

  /** `train --image-folder` refuses a class without images, be it that the last one was taken back or that a process was killed. */
  const removeEmpty = async (files: readonly DrawingFile[]): Promise<void> => {
    for (let label = 0; label < DIGITS; label++) {
      if (files.some((file) => file.label === label)) continue;
      const path = classFolder(label);
      const names = await namesIn(path);
      const begun = names.filter((name) => temporaryNameOf(name) !== undefined);
      for (const name of begun) await rm(join(path, name), { force: true });
      if (existsSync(path) && begun.length === names.length) await rmdir(path);
    }
  };

  const labelsOf = (files: readonly DrawingFile[]) => Uint8Array.from(files, ({ label }) => label);

  /** Changes the drawings while nobody else does, and brings the IDX files after them. */
  const change = async (make: (files: readonly DrawingFile[]) => Promise<void>): Promise<Uint8Array> => {
    try {
      return await withFolderLock(folder, async () => {
        await make(await find());
        const files = await find();
        await removeEmpty(files);
        await writeIdx(files);
        return labelsOf(files);
      });
    } catch (error) {
      throw asOutputError(error, folder);
    }
  };

  return {
    async list() {
      return labelsOf(await find());
    },
    async add({ label, pixels }, most) {
      await makeFolders(folder).catch((error: unknown) => {
        throw asOutputError(error, folder);
      });
      return change(async (files) => {
        if (files.length >= most) {
          throw new InvalidArgumentError(
            `There are ${most} drawings already, as many as are kept; take some back, or move ${folder} elsewhere.`,
          );
        }
        const number = (files.at(-1)?.number ?? 0) + 1;
        const name = `${String(number).padStart(6, "0")}-${randomBytes(4).toString("hex")}.png`;
        await makeFolders(classFolder(label));
        const png = encode({ width: SIDE, height: SIDE, data: pixels, channels: 1, depth: 8 });
        await writeFileAtomically(pathOf({ label, name, number }), png);
        known.set(name, pixels);
      });
    },
    async removeLast() {
      if (!existsSync(folder)) return new Uint8Array();
      return change(async (files) => {
        const last = files.at(-1);
        if (last === undefined) return;
        await rm(pathOf(last));
        known.delete(last.name);
      });
    },
  };
}

/** @throws DataFormatError when it is no drawing: somebody else has put it there. */
async function readDrawing(path: string): Promise<Uint8Array> {
  const { width, height, pixels } = await readPngAsGray(path);
  if (width === SIDE && height === SIDE) return pixels;
  throw new DataFormatError(
    `Expected a drawing of ${SIDE} x ${SIDE} pixels in ${path}, but it has ${width} x ${height}; move it elsewhere.`,
  );
}

type DrawingFile = Pick<Drawing, "label" | "name" | "number">;
type LabelledPixels = Pick<Drawing, "label" | "pixels">;

/** Of a file that a drawing has been kept in; `undefined` for any other. */
function numberOf(name: string): number | undefined {
  const [, digits] = /^(\d{6,9})-[0-9a-f]{8}\.png$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw asFolderAccessError(error, folder, "it should be a folder of drawings");
  }
}

async function has(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    return (await readFile(path)).equals(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

function imageBytes(drawings: readonly LabelledPixels[]): Uint8Array {
  const body = new Uint8Array(drawings.length * PIXELS);
  for (const [i, { pixels }] of drawings.entries()) body.set(pixels, i * PIXELS);
  return Buffer.concat([encodeIdxHeader("images", [drawings.length, SIDE, SIDE]), body]);
}

function labelBytes(drawings: readonly LabelledPixels[]): Uint8Array {
  const body = Uint8Array.from(drawings, ({ label }) => label);
  return Buffer.concat([encodeIdxHeader("labels", [drawings.length]), body]);
}
