import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "../../system/files.js";
import { asOutputError } from "../../system/system-error.js";
import type { StartSettings } from "../protocol.js";

/**
 * Makes an empty folder for a new run, of a name that no other has: `2026-11-26-1-128-relu`.
 *
 * @param newRuns Made if need be.
 * @returns The name.
 * @throws OutputError when it cannot be made.
 */
export async function makeNamedFolder(newRuns: string, settings: StartSettings): Promise<string> {
  const { hidden, activation } = settings;
  const day = dayOf(new Date());
  const kind = hidden.length === 0 ? "no-hidden" : `${hidden.join("-")}-${activation}`;
  try {
    await makeFolders(newRuns);
    for (let number = (await lastNumber(newRuns, day)) + 1; ; number++) {
      const name = `${day}-${number}-${kind}`;
      // Two servers may start runs in one folder: who makes the folder has the name.
      if (await makeNew(join(newRuns, name))) return name;
    }
  } catch (error) {
    throw asOutputError(error, newRuns);
  }
}

/** Of the runs of a day, whatever their networks. */
async function lastNumber(newRuns: string, day: string): Promise<number> {
  const numbers = (await readdir(newRuns)).flatMap((name) => {
    const [, number] = name.startsWith(`${day}-`) ? (/^-(\d{1,6})-/.exec(name.slice(day.length)) ?? []) : [];
    return number === undefined ? [] : [Number(number)];
  });
  return Math.max(0, ...numbers);
}

async function makeNew(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** As `2026-11-26`, where this machine is. */
function dayOf(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
