import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";
import { QUEUE_NAME, QUEUE_PREFIX } from "../../src/sweeps/runners/redis/queue.js";

/** A connection that ends with the test. */
export function testConnection(url: string): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 100 });
  redis.on("error", () => {}); // The tests kill Redis.
  onTestFinished(() => redis.disconnect());
  return redis;
}

/** The queue of workers, for a test to look into and to put things into. */
export function openTestQueue(url: string) {
  const redis = testConnection(url);
  const queue = new Queue(QUEUE_NAME, { connection: redis, prefix: QUEUE_PREFIX });
  queue.on("error", () => {});
  return { queue, redis };
}

/** Waits until a condition holds. The test's own time limit ends what never comes. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
