import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MNIST_FILE_NAMES } from "../../src/data/readers/quartet.js";
import { content } from "../support/download.js";
import { sendFile, startServer } from "../support/http-server.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();

/** An environment in which `mnist` is four small files, which nobody has published. */
function withSmallMnist(name: string) {
  const home = join(folder, name);
  mkdirSync(home);
  return { environment: { MNIST_NATIVE_HOME: home }, mnist: writeSmallData(home, "mnist") };
}

// One after another: the server ends with its test.
describe.sequential("data", () => {
  it("lists every data set and where it is", async () => {
    const { environment, mnist } = withSmallMnist("listed");
    const lines = expectSuccess(await cli(["data", "list"], environment)).split("\n");
    expect(lines).toContain(`mnist            ${mnist}`);
    expect(lines).toContain("synthetic        drawn by the program");
    expect(lines.filter((line) => /^(fashion-mnist|kmnist|emnist-\w+|qmnist) /.test(line))).toHaveLength(6);
  });

  it("tells the path of one", async () => {
    const { environment, mnist } = withSmallMnist("there");
    expect(expectSuccess(await cli(["data", "path", "mnist"], environment))).toBe(`${mnist}\n`);
  });

  it("tells a file that is not as published, and fails", async () => {
    const { environment, mnist } = withSmallMnist("unpublished");
    const { status, stdout, stderr } = await cli(["data", "verify", "mnist"], environment);
    for (const name of Object.values(MNIST_FILE_NAMES))
      expect(stdout).toContain(`${join(mnist, name)}: wrong`);
    expect(stderr).toMatch(/^mnist-native: 4 of 4 files of mnist are not as published; .*\.\n$/);
    expect(status).toBe(1);
  });

  it("downloads through the proxy of the environment, and keeps nothing that is wrong", async () => {
    const proxy = await startServer((request, response) => sendFile(request, response, content));
    const home = join(folder, "empty");
    const proxies = { http_proxy: proxy.url, https_proxy: proxy.url, no_proxy: "", NO_PROXY: "" };
    const { status, stdout, stderr } = await cli(["data", "download", "fashion-mnist"], {
      ...proxies,
      HTTP_PROXY: proxy.url,
      HTTPS_PROXY: proxy.url,
      MNIST_NATIVE_HOME: home,
    });
    const asked = proxy.requests.map(({ path }) => path);
    expect(asked[0]).toMatch(/^http:\/\/fashion-mnist\..*\/\w+-(images|labels)-idx\d-ubyte\.gz$/);
    expect(stderr).toMatch(/what it sent is wrong and was deleted/);
    expect([status, stdout]).toEqual([1, ""]);
    const kept = readdirSync(home, { recursive: true, encoding: "utf8" });
    expect(kept.filter((name) => name.includes("ubyte"))).toEqual([]);
  });

  it("asks for a name where one is needed", async () => {
    expectFault(await cli(["data", "verify"]), 2, /Expected the name of a data set after verify/);
  });
});
