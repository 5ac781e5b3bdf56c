import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { promisify } from "node:util";
import { asOutputError } from "../../system/system-error.js";

/** A text file that lines are added to. It is open only while one is, so that a training that ends anyhow leaves nothing open. */
export interface LogFile {
  /**
   * Begins with what is to be kept of the file, and a text after it.
   *
   * @param kept Bytes, by what is in the file.
   */
  begin(text: string | ((kept: number) => string), kept: (old: string) => number): void;
  /** A text that cannot be written as a whole is not written at all. */
  append(text: string): void;
  /** Waits until all of it is on the disk. */
  flush(): Promise<void>;
}

const flushFile = promisify(fdatasync);

/**
 * Makes the file, unless it is there. What is in it stays until {@link LogFile.begin}.
 *
 * @throws OutputError when it cannot be written; so do the functions.
 */
export function openLogFile(path: string): LogFile {
  const use = <T>(body: (fd: number, isFile: boolean) => T): T => {
    try {
      const fd = openSync(path, "a");
      try {
        return body(fd, fstatSync(fd).isFile()); // /dev/stdout is none.
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      throw asOutputError(error, path);
    }
  };
  const write = (fd: number, text: string, isFile: boolean) => {
    const { size } = fstatSync(fd);
    try {
      writeFileSync(fd, text);
    } catch (error) {
      if (isFile) ftruncateSync(fd, size); // A disk that fills up takes a part.
      throw error;
    }
  };
  use(() => {});
  return {
    begin(text, kept) {
      use((fd, isFile) => {
        const bytes = isFile ? kept(readFileSync(path, "latin1")) : 0; // A character a byte.
        if (isFile) ftruncateSync(fd, bytes);
        write(fd, typeof text === "string" ? text : text(bytes), isFile);
      });
    },
    append(text) {
      use((fd, isFile) => write(fd, text, isFile));
    },
    async flush() {
      try {
        const fd = openSync(path, "a");
        try {
          if (fstatSync(fd).isFile()) await flushFile(fd);
        } finally {
          closeSync(fd);
        }
      } catch (error) {
        throw asOutputError(error, path);
      }
    },
  };
}
