import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { printedAddress, queueAddress } from "../../src/sweeps/runners/redis/address.js";
import { connectToQueue } from "../../src/sweeps/runners/redis/connection.js";
import { redisRunner } from "../../src/sweeps/runners/redis.js";
import { cli, expectFault } from "../cli/harness.js";
import { hasRedis, redisServer } from "../support/redis-server.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { startWorker } from "./queue-processes.js";

const parent = temporaryFolder();
const newFolder = () => mkdtempSync(join(parent, "test-"));

const variable = (text: string) => ({ MNIST_NATIVE_QUEUE: text });

describe("the address of a queue", () => {
  it("is the one that is given, or that of the environment", () => {
    expect(queueAddress("rediss://me:secret@host:7000/2", {})).toBe("rediss://me:secret@host:7000/2");
    expect(queueAddress("redis://a", variable("redis://b"))).toBe("redis://a");
    expect(queueAddress("env", variable("redis://b"))).toBe("redis://b");
    expect(queueAddress(undefined, variable("redis://b"))).toBe("redis://b");
  });

  it("is printed without user and password", () => {
    expect(printedAddress("rediss://me:secret@host:7000/2")).toBe("rediss://host:7000/2");
    expect(printedAddress("redis://:secret@host")).toBe("redis://host");
    expect(redisRunner({ url: "redis://:secret@host" }).name).toBe("workers at redis://host");
  });

  it.each([
    "",
    "secret",
    "http://:secret@host",
    "redis://:secret@",
    "redis://h/secret",
    "redis://h?p=secret",
  ])("is refused where it is none, and the text is not repeated: %j", (text) => {
    for (const read of [() => queueAddress(text, {}), () => queueAddress("env", variable(text))]) {
      expect(read).toThrow(/^Expected .*\.$/);
      expect(read).not.toThrow(/secret/);
    }
  });
});

describe("a queue that cannot be reached", () => {
  it.each([
    ["redis://:secret@no.such.host.invalid", "there is no such host"],
    ["redis://:secret@127.0.0.1:1", "nothing answers there"],
  ])("is told of in one sentence: %s", async (address, reason) => {
    await expect(connectToQueue(address)).rejects.toThrow(
      `Redis at ${printedAddress(address)} cannot be used: ${reason}.`,
    );
  });

  it.skipIf(!hasRedis)(
    "is told of where the password is wrong or missing, or there is no such database",
    async () => {
      const { url } = await redisServer({ password: "right/@:" });
      const { host } = new URL(url);
      const message = (address: string) =>
        connectToQueue(address).then(
          () => "",
          (error: Error) => error.message,
        );
      expect(await message(`redis://:wrong@${host}`)).toBe(
        `Redis at redis://${host} cannot be used: its user and password are not the ones that it was given.`,
      );
      expect(await message(`redis://${host}`)).toBe(
        `Redis at redis://${host} cannot be used: it wants a password, and none was given.`,
      );
      expect(await message(`${url}/99`)).toBe(
        `Redis at redis://${host}/99 cannot be used: it has no database of that number.`,
      );
      const folder = newFolder();
      expectFault(
        await cli(["worker", "--queue", `redis://:wrong@${host}`, "--folder", folder]),
        1,
        /cannot be used: its user and password/,
      );
      const worker = startWorker({ url: "env", folder, environment: { MNIST_NATIVE_QUEUE: url } });
      await worker.printed("Takes one trial");
      worker.child.kill("SIGTERM");
      const { stdout, stderr, status } = await worker.finished;
      expect({ stderr, status }).toEqual({ stderr: "", status: 143 });
      expect(stdout).toContain(`Takes one trial at a time from redis://${host};`);
      expect(stdout).not.toContain("right");
    },
  );

  it.skipIf(!hasRedis)("speaks TLS, and is believed where its certificate is known", async () => {
    const { url, certificate = "" } = await redisServer({ tls: true });
    await expect(connectToQueue(url)).rejects.toThrow(
      /nobody known has signed its certificate; .*NODE_EXTRA_CA_CERTS\.$/,
    );
    const worker = startWorker({
      url,
      folder: join(newFolder(), "work"),
      environment: { NODE_EXTRA_CA_CERTS: certificate },
    });
    await worker.printed("Takes one trial");
    worker.child.kill("SIGTERM");
    const { stderr, status } = await worker.finished;
    expect({ stderr, status }).toEqual({ stderr: "", status: 143 });
  });
});
