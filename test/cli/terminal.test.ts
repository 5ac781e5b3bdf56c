import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectSuccess, shellLine, startProgram } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const train = ["train", "--data-dir", data, "--epochs", "20"];
const ESCAPE = "\u001b";

const hasScript = /util-linux/.test(spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "");
if (!hasScript) {
  console.warn("Tests on a terminal are skipped: there is no `script` of util-linux to make one.");
}

/** Runs the command line on a terminal, and returns what it shows there. */
async function onTerminal(args: readonly string[]): Promise<string> {
  const { status, stdout } = await startProgram("script", ["-qec", shellLine(args), "/dev/null"]).finished;
  expect(status).toBe(0);
  return stdout;
}

describe("a pipe", () => {
  it("gets no escape codes, and no bar", async () => {
    const stdout = expectSuccess(await cli(train));
    expect(stdout).not.toContain(ESCAPE);
    expect(stdout).not.toMatch(/time left|\r/);
  });

  it.skipIf(process.platform === "win32")(
    "may be closed before the end (Windows has no POSIX shell)",
    async () => {
      const line = `${shellLine(["train", "--data-dir", data, "--epochs", "100000"])} | head -1`;
      const { status, stdout, stderr } = await startProgram("sh", ["-c", line]).finished;
      expect(stdout).toMatch(/^Data: .*\n$/);
      expect(stderr).toBe("");
      expect(status).toBe(0);
    },
  );
});

describe.skipIf(process.platform !== "linux")("a full disk (Linux has /dev/full to stand for one)", () => {
  it("is reported in one sentence", async () => {
    const { status, stderr } = await startProgram("sh", ["-c", `${shellLine(["info"])} >/dev/full`]).finished;
    expect(stderr).toMatch(/^mnist-native: Standard output cannot be written: the disk is full; .*\.\n$/);
    expect(status).toBe(1);
  });
});

describe.skipIf(!hasScript)("a terminal", () => {
  it("shows a bar with the time left, and every line", async () => {
    const shown = await onTerminal(train);
    expect(shown).toMatch(/[=-]+ \d+ % \| time left: /);
    for (let epoch = 1; epoch <= 20; epoch++) {
      expect(shown).toContain(`Epoch: 0${String(epoch).padStart(2, "0")}/020 | Train MSE: `);
    }
    expect(shown.indexOf("Test accuracy: ")).toBeGreaterThan(shown.indexOf("Epoch: 020/020"));
  });

  it("ends with the curves in characters, and the line that makes the report", async () => {
    const out = join(folder, "my run");
    const shown = await onTerminal([...train, "--out", out]);
    const end = shown.slice(shown.indexOf("Test accuracy: "));
    expect(end).toMatch(/^Train MSE [▁▂▃▄▅▆▇█]{20} 0\.\d{4} to 0\.\d{4}\r?$/m);
    expect(end).toMatch(/^Train Acc [▁▂▃▄▅▆▇█]{20} \d+\.\d\d% to \d+\.\d\d%\r?$/m);
    expect(end).toContain(`See it all: npx mnist-native report '${out}'`);
    expectSuccess(await cli(["report", out]));
  });

  it("has its cursor back at the end", async () => {
    const shown = await onTerminal(train);
    expect(shown.lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(shown.lastIndexOf(`${ESCAPE}[?25l`));
  });

  it("gets one plain JSON document when asked for it", async () => {
    const shown = await onTerminal([...train, "--json"]);
    expect(shown).not.toContain(ESCAPE);
    expect(JSON.parse(shown).summary).toMatchObject({ epochs: 20 });
  });
});
