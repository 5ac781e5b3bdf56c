import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess, hasAddon } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const train = ["train", "--data-dir", data, "--epochs", "1"];
const withoutAddon = { MNIST_NATIVE_ADDON: join(folder, "no-addon.node") };

describe("info", () => {
  it("says which backend runs, and why", async () => {
    const stdout = expectSuccess(await cli(["info"]));
    expect(stdout).toMatch(/^mnist-native \d+\.\d+\.\d+ on Node\.js v\d+/);
    expect(stdout).toMatch(/^Backend: +(native|js), because /m);
    expect(stdout).toMatch(/^Threads: +\d+ /m);
  });

  it.skipIf(!hasAddon)("says it as JSON", async () => {
    const info = JSON.parse(expectSuccess(await cli(["info", "--json"])));
    expect(info).toMatchObject({ backend: "native", addon: expect.stringContaining("mnist_native.node") });
    expect(info.runnableKernelSets).toContain(info.kernelSet);
  });

  it("says where downloads go, and which data sets are on the machine", async () => {
    const home = join(folder, "home");
    mkdirSync(home);
    const none = { MNIST_NATIVE_HOME: home, HOME: home, XDG_CACHE_HOME: home };
    const before = JSON.parse(expectSuccess(await cli(["info", "--json"], none)));
    expect(before).toMatchObject({ dataFolder: home });
    expect(before.datasets).not.toHaveProperty("mnist");
    writeSmallData(home, "mnist");
    const { datasets } = JSON.parse(expectSuccess(await cli(["info", "--json"], none)));
    expect(datasets.mnist).toBe(join(home, "mnist"));
    const stdout = expectSuccess(await cli(["info"], none));
    expect(stdout).toContain(`Data folder: ${home}\n`);
    expect(stdout).toMatch(/^Data sets: {3}.*mnist \(/m);
  });

  it("describes the backend that it is asked about", async () => {
    const info = JSON.parse(expectSuccess(await cli(["info", "--json", "--backend", "js"])));
    expect(info).toMatchObject({ backend: "js", addon: null, threads: 1 });
  });

  it("takes an empty MNIST_NATIVE_BACKEND for none, and js for js", async () => {
    expectSuccess(await cli(["info"], { MNIST_NATIVE_BACKEND: "" }));
    const stdout = expectSuccess(await cli(["info"], { MNIST_NATIVE_BACKEND: "js" }));
    expect(stdout).toContain("Backend:     js, because it was asked for by MNIST_NATIVE_BACKEND\n");
  });
});

describe("a wrong environment is an error, and nothing takes its place:", () => {
  it("MNIST_NATIVE_BACKEND", async () => {
    const sentence = /Expected native or js for MNIST_NATIVE_BACKEND but received "bogus"\./;
    expectFault(await cli(["info"], { MNIST_NATIVE_BACKEND: "bogus" }), 1, sentence);
    expectFault(await cli(train, { MNIST_NATIVE_BACKEND: "bogus" }), 1, sentence);
  });

  it.skipIf(!hasAddon)("MNIST_NATIVE_CPU", async () => {
    const sentence =
      /MNIST_NATIVE_CPU names the kernel set "bogus", which this machine cannot run; it can run: /;
    expectFault(await cli(["info"], { MNIST_NATIVE_CPU: "bogus" }), 1, sentence);
    expectFault(await cli(train, { MNIST_NATIVE_CPU: "bogus" }), 1, sentence);
  });
});

describe("without the addon", () => {
  it("training goes on in TypeScript, which is said once with reason and remedy", async () => {
    const { status, stdout, stderr } = await cli(train, withoutAddon);
    expect(status).toBe(0);
    expect(stdout).toContain("js backend (javascript, 1 thread)");
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(stderr).toMatch(
      /runs on its slower TypeScript backend, because there is no file .*no-addon\.node.* Unset MNIST_NATIVE_ADDON/,
    );
  });

  it("the notice does not disturb a JSON document, nor come when js was asked for", async () => {
    const { stdout, stderr } = await cli([...train, "--json"], withoutAddon);
    expect(JSON.parse(stdout).summary.backend).toBe("js");
    expect(stderr).not.toBe("");
    expectSuccess(await cli([...train, "--backend", "js"], withoutAddon));
  });

  it("asking for the native backend fails", async () => {
    const sentence = /native backend was asked for by name, but there is no file .*no-addon\.node/;
    expectFault(await cli([...train, "--backend", "native"], withoutAddon), 1, sentence);
  });

  it("--verbose shows where an error came from", async () => {
    const { status, stderr } = await cli([...train, "--backend", "native", "--verbose"], withoutAddon);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^mnist-native: BackendUnavailableError: /);
    expect(stderr).toMatch(/^ {4}at /m);
  });
});
