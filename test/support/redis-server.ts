import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A server on loopback that can be killed and started again on the same data, see scripts/queue/redis-server.mjs. */
export interface RedisServer {
  readonly url: string;
  /** The file of its certificate, for NODE_EXTRA_CA_CERTS. */
  readonly certificate: string | undefined;
  /** As kill -9 does. */
  kill(): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface ServerOptions {
  readonly password?: string;
  readonly tls?: boolean;
}

interface ServerModule {
  whyNoRedis(): string | undefined;
  startRedisServer(options: ServerOptions & { readonly folder: string }): Promise<RedisServer>;
}

// It is JavaScript, as scripts use it, too, so that the compiler cannot tell what it exports.
const module = (await import(
  new URL("../../scripts/queue/redis-server.mjs", import.meta.url).href
)) as ServerModule;

/** Whether there can be a server here; why there cannot is said. */
export const hasRedis = module.whyNoRedis() === undefined;
if (!hasRedis) console.warn(`Tests with Redis are skipped: ${module.whyNoRedis()}.`);

/** Starts a server, which ends with the test. */
export async function redisServer(options: ServerOptions = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "mnist-native-test-redis-"));
  const server = await module.startRedisServer({ ...options, folder });
  onTestFinished(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return server;
}
