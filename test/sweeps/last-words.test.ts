import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { lastWordsIn } from "../../src/sweeps/last-words.js";

/** What Node.js prints where a program ends in this way. */
function printed(program: string, ...options: readonly string[]): string {
  return spawnSync(process.execPath, [...options, "-e", program], { encoding: "utf8" }).stderr;
}

describe("the last words of a process", () => {
  it.each([
    ["throw new TypeError('it is none')", "TypeError: it is none"],
    ["Promise.reject(new Error('nobody waits'))", "Error: nobody waits"],
    ["require('node:fs').readFileSync('/no/such')", "ENOENT: no such file or directory, open '/no/such'"],
    ["throw new (class LostError extends Error {})('gone', { cause: new Error('deeper') })", "gone"],
    ["throw 'a text'", "a text"],
  ])("are the error that nobody has caught: %s", (program, words) => {
    expect(lastWordsIn(printed(program))).toContain(words);
  });

  it("are a message of the command line, or the last line where there is neither", () => {
    expect(lastWordsIn("first\nmnist-native: The disk is full.\n")).toBe("The disk is full.");
    expect(lastWordsIn("mnist-native: It is slow.\n\nRangeError: too long\n    at f (a.js:1)\n")).toBe(
      "RangeError: too long",
    );
    expect(lastWordsIn("one\n\n two \n")).toBe("two");
    expect(lastWordsIn("\n")).toBeUndefined();
  });

  it("are what V8 says of a memory that is full", () => {
    const text =
      "\n<--- Last few GCs --->\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n\n 1: 0xb8d0a3 node::OOMErrorHandler [node]\n";
    expect(lastWordsIn(text)).toBe(
      "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    );
  });
});
