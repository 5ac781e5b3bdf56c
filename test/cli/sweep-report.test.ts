import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sweepReport } from "../../src/report/index.js";
import { parseSweepConfig } from "../../src/sweeps/sweep-config.js";
import { createSweepFolder, type SweepFolder } from "../../src/sweeps/sweep-folder.js";
import { elements } from "../report/figures/svg-document.js";
import { parsePage, textOf } from "../report/page/sample-run.js";
import {
  type Browser,
  chromiumPath,
  launchChromium,
  openFile,
  overflow,
  seriousFaults,
} from "../support/chromium.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { failed, trained } from "../sweeps/made-up.js";
import { cli, expectFault, expectSuccess } from "./harness.js";

const folder = temporaryFolder();
const swept = join(folder, "swept");

beforeAll(async () => {
  const config = join(folder, "rates.json");
  const train = { dataset: "synthetic", hidden: [4], epochs: 2 };
  const parameters = { learningRate: { values: [0.5, 0.05] } };
  writeFileSync(config, JSON.stringify({ train, parameters }));
  expectSuccess(await cli(["sweep", config, "--out", swept]));
});

async function madeUpSweep(name: string): Promise<SweepFolder> {
  const config = await parseSweepConfig({
    train: { dataset: "synthetic", epochs: 9 },
    parameters: { learningRate: { values: [0.01, 0.02, 0.05] } },
  });
  return createSweepFolder(join(folder, name), config);
}

describe("sweep status", () => {
  it("tells of a sweep that is over, and where to see it all", async () => {
    const lines = expectSuccess(await cli(["sweep", "status", swept]))
      .trimEnd()
      .split("\n");
    expect(lines[0]).toBe(`${swept}: finished; 2 of 2 trials have a result.`);
    expect(lines[1]).toBe("Trials: 2 trained.");
    expect(lines[2]).toMatch(/^trial +learningRate +epochs +validation\.loss/);
    expect(lines.at(-1)).toBe(`See it all: npx mnist-native sweep report ${swept}`);
    expect(lines.at(-2)).toMatch(/^The best, trial \d, by the test set: test\.accuracy /);
    expect(lines).toHaveLength(7);
  });

  it("tells what failed, and how to go on, and writes nothing", async () => {
    const sweep = await madeUpSweep("half");
    await sweep.record(trained(1, 0.25, { seconds: 18 }));
    await sweep.record(failed(2, "it\u001b[31m cannot be"));
    const output = expectSuccess(await cli(["sweep", "status", sweep.directory]));
    expect(output).toContain("stopped before its end; 2 of 3 trials have a result.");
    expect(output).toContain("Left: 9 epochs in 1 task, about 18\u00a0s one trial after the other.");
    expect(output).toContain("  Trial 2 (learningRate 0.05): failed. it\\x1b[31m cannot be\n");
    expect(output).toContain(`Go on with it: npx mnist-native sweep --resume ${sweep.directory}`);
    expect(existsSync(join(sweep.directory, "results.csv"))).toBe(false);
  });

  it("prints one JSON document with --json", async () => {
    const sweep = await madeUpSweep("json");
    await sweep.record(trained(1, 0.25));
    expect(
      JSON.parse(expectSuccess(await cli(["sweep", "status", sweep.directory, "--json"]))),
    ).toMatchObject({
      directory: sweep.directory,
      id: sweep.id,
      state: "stopped",
      metric: "validation.loss",
      counts: { trials: 3, trained: 1, failed: 0, diverged: 0, open: 2 },
      rungs: [{ epochs: 9, trials: 3, trained: 1 }],
      best: { trial: 1, value: 0.25 },
      failures: [],
    });
  });

  it("says what a folder is not, and takes no options of sweep", async () => {
    expectFault(await cli(["sweep", "status", folder]), 1, /holds no sweep: there is no sweep\.json/);
    expectFault(await cli(["sweep", "status", swept, "--out", "x"]), 2, /There is no option --out/);
    expect(expectSuccess(await cli(["sweep", "status", "--help"]))).not.toContain("--resume");
  });
});

describe("sweep report", () => {
  it("writes one page into the sweep's folder, and says where it is", async () => {
    const path = join(swept, "report.html");
    expect(expectSuccess(await cli(["sweep", "report", swept]))).toBe(
      `The report is in ${path} (${(statSync(path).size / 1e6).toFixed(1)} MB); open it in a browser.\n`,
    );
    const document = parsePage(readFileSync(path, "utf8"));
    expect(textOf(elements(document, "h1")[0])).toBe("swept");
    expect(textOf(elements(document, "main")[0])).toContain("Learning curves of the best trials");
    expect(await sweepReport(swept)).toBe(readFileSync(path, "utf8"));
  });

  it("gives a command that trains the best again, to the bit", async () => {
    const document = parsePage(await sweepReport(swept));
    const words = textOf(elements(document, "pre")[0]).split(" ");
    const config = words.at(-1) ?? "";
    const again = join(folder, "again");
    expectSuccess(await cli([...words.slice(2), "--out", again]));
    const model = readFileSync(join(config, "..", "model.safetensors"));
    expect(readFileSync(join(again, "model.safetensors")).equals(model)).toBe(true);
  });

  it("says what could not be had, and writes elsewhere with --out", async () => {
    const sweep = await madeUpSweep("elsewhere");
    await sweep.record(trained(0, 0.25));
    const out = join(folder, "page.html");
    const result = JSON.parse(
      expectSuccess(await cli(["sweep", "report", sweep.directory, "--out", out, "--json"])),
    );
    const notice = "The run of trial 0 is not in its folder, so that its curve is left out.";
    expect(result).toEqual({ out, bytes: statSync(out).size, notices: [notice] });
    expect(readFileSync(out, "utf8")).toContain(notice);
    expect(existsSync(join(sweep.directory, "report.html"))).toBe(false);
  });

  describe.skipIf(chromiumPath === null)("in a browser", { concurrent: false }, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser?.close());

    it("is a page that asks nobody for anything, fits, and can be read by everybody", async () => {
      const path = join(folder, "browser.html");
      writeFileSync(path, await sweepReport(swept));
      const { page, faults, requests } = await openFile(browser, path, {
        viewport: { width: 375, height: 800 },
      });
      expect([faults, requests, await overflow(page), await seriousFaults(page)]).toEqual([[], [], 0, []]);
      expect(await page.locator("path.trial").count()).toBe(2);
      expect(await page.locator(".readout").nth(0).textContent()).toMatch(/^Epoch 2: trial \d/);
    });
  });
});
