import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { encodeTfRecord } from "../../formats/tfrecord.js";
import { makeFolders } from "../../system/files.js";
import { asOutputError } from "../../system/system-error.js";
import { type BoardEvent, encodeEvent } from "./event.js";

/** A folder that TensorBoard takes for a run, when a training begins. */
export interface EventFolder {
  /** Whether this package has written there before. */
  readonly hasEarlier: boolean;
  /** Removes what it has written; files of other programs stay. @throws OutputError */
  clear(): void;
  /** Begins a file that is read after all others. @throws OutputError when it cannot be written. */
  create(): EventFile;
}

/** A file of events. It is open only while it is written, so that a training that ends anyhow leaves nothing open. */
export interface EventFile {
  /** To be written by the next {@link flush}. */
  add(event: BoardEvent): void;
  /**
   * Writes what was added, for whoever reads the file meanwhile. What cannot be written as a whole is not written at all, and comes with
   * the next one. A file that somebody has removed begins again.
   *
   * @throws OutputError
   */
  flush(): void;
}

/** By its name, a file is known for one of these by TensorBoard, and by its end for one of this package by it. */
const NAME = /^events\.out\.tfevents\.(\d+)\./;
const END = ".mnist-native";
/** What a full disk keeps waiting is dropped when it gets larger than this. */
const MOST_WAITING_BYTES = 2 ** 26;

/**
 * Opens a folder for event files, made if need be.
 *
 * @throws OutputError when that is not possible.
 */
export async function openEventFolder(folder: string): Promise<EventFolder> {
  try {
    await makeFolders(folder);
  } catch (error) {
    throw asOutputError(error, folder);
  }
  const names = writing(folder, () => readdirSync(folder).filter((name) => NAME.test(name)));
  const own = names.filter((name) => name.endsWith(END));
  return {
    hasEarlier: own.length > 0,
    clear: () =>
      writing(folder, () => own.forEach((name) => void rmSync(join(folder, name), { force: true }))),
    create: () => createEventFile(folder, fileName(names)),
  };
}

/** TensorBoard reads the files of a folder in the order of their names, and goes back to none. */
function fileName(others: readonly string[]): string {
  const latest = others.map((name) => Number(NAME.exec(name)?.[1]));
  const seconds = Math.max(Math.floor(Date.now() / 1000), ...latest.map((earlier) => earlier + 1));
  const host = hostname().replaceAll(/[^\w.-]/g, "_");
  return `events.out.tfevents.${String(seconds).padStart(10, "0")}.${host}${END}`;
}

function createEventFile(folder: string, name: string): EventFile {
  const path = join(folder, name);
  let waiting: Uint8Array[] = [];
  const begin = () => {
    mkdirSync(folder, { recursive: true });
    append(path, recordOf({ wallTime: Date.now() / 1000, what: { kind: "version" } }));
  };
  writing(path, begin); // Now, and not when an hour is lost.
  return {
    add(event) {
      waiting.push(recordOf(event));
    },
    flush() {
      if (waiting.length === 0) return;
      const bytes = Buffer.concat(waiting);
      if (bytes.length > MOST_WAITING_BYTES) waiting = [];
      writing(path, () => {
        if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) begin();
        append(path, bytes);
      });
      waiting = [];
    },
  };
}

function recordOf(event: BoardEvent): Uint8Array {
  return encodeTfRecord(encodeEvent(event));
}

function append(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, "a");
  try {
    const { size } = fstatSync(fd);
    try {
      writeFileSync(fd, bytes);
    } catch (error) {
      ftruncateSync(fd, size); // A disk that fills up takes a part.
      throw error;
    }
  } finally {
    closeSync(fd);
  }
}

function writing<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw asOutputError(error, path);
  }
}
