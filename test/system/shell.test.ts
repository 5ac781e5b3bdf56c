import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shellCommand } from "../../src/system/shell.js";

describe("shellCommand", () => {
  it("leaves plain words alone and quotes the others", () => {
    expect(shellCommand(["train", "--data-dir", "/data/mnist", "--hidden", "50,20"])).toBe(
      "train --data-dir /data/mnist --hidden 50,20",
    );
    expect(shellCommand(["--data-dir", "my data", "it's", ""])).toBe(`--data-dir 'my data' 'it'\\''s' ''`);
  });

  it("shows what cannot be seen, such as a sign that turns the direction of writing", () => {
    expect(shellCommand(["a\nb", "c\u202Ed"])).toBe("$'a\\U0000000ab' $'c\\U0000202ed'");
  });

  it.skipIf(process.platform === "win32")("gives bash the same words back", () => {
    const character = fc.constantFrom(..."ab '\"\\$`!*?~#;&|<>(){}[]\n\té字😀\u202E=-");
    const words = fc.array(fc.string({ unit: character, maxLength: 12 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(words, (given) => {
        const script = `printf '%s\\0' ${shellCommand(given)}`;
        const env = { ...process.env, LC_ALL: "C.UTF-8" };
        const printed = execFileSync("bash", ["-c", script], { encoding: "utf8", env });
        expect(printed.split("\0").slice(0, -1)).toEqual(given);
      }),
      { numRuns: 40 },
    );
  });
});
