import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readRun } from "../../src/runs/read-run.js";
import { runSettings } from "../../src/runs/settings.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const train = (...args: string[]) => cli(["train", "--data-dir", data, "--epochs", "2", ...args]);
const model = (run: string) => readFileSync(join(folder, run, "model.safetensors"), "latin1");

describe("train --augment", () => {
  it("is kept with the run, shown in its report, and in the command that makes the run again", async () => {
    const out = join(folder, "first");
    const word = "shift=2,rotate=10,scale=0.1,elastic=3,elastic-smoothness=5";
    expectSuccess(await train("--seed", "7", "--augment", word, "--out", out));
    expectSuccess(await train("--seed", "7", "--out", join(folder, "plain")));
    const run = await readRun(out);
    expect(run.config.augment).toEqual({
      shift: 2,
      rotate: 10,
      scale: 0.1,
      elastic: 3,
      elasticSmoothness: 5,
    });
    const { command, augment } = runSettings(run);
    expect(augment).toBe(word);
    expectSuccess(await cli([...command, "--out", join(folder, "second")]));
    expect(model("second")).toBe(model("first"));
    expect(model("plain")).not.toBe(model("first"));
    expectSuccess(await cli(["report", out]));
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain(`<td>${word}</td>`);
    expect(runSettings(await readRun(join(folder, "plain"))).augment).toBeNull();
  });

  it.each<[string, RegExp]>([
    ["shift", /Expected names with numbers, such as shift=2,rotate=10, for --augment but received "shift"\./],
    ["shift=two", /Expected names with numbers, .* received "shift=two"\./],
    ["shift=1,shift=2", /Expected shift once for --augment but received it twice\./],
    ["rotat=3", /--augment: there is no distortion "rotat"; did you mean rotate\?/],
    [
      "blur=3",
      /--augment: there is no distortion "blur"; they are shift, rotate, scale, elastic, elastic-smoothness\./,
    ],
  ])("refuses %s", async (word, sentence) => {
    expectFault(await train("--augment", word), 2, sentence);
  });

  it("refuses more than there is, before a run is kept", async () => {
    const out = join(folder, "refused");
    const refused = await train("--augment", "rotate=200", "--out", out);
    expectFault(refused, 1, /Expected a number from 0 to 180 for rotate but received 200\./);
    await expect(readRun(out)).rejects.toThrow();
  });
});
