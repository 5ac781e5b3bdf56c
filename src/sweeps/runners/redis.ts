import { InvalidArgumentError } from "../../errors.js";
import { show } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { Runner } from "../runner.js";
import { schedule } from "../schedule.js";
import { holdSweep } from "../sweep-folder.js";
import { printedAddress, queueAddress } from "./redis/address.js";

export interface RedisRunnerOptions {
  /** `redis://user:password@host:6379`, or `rediss://…` for TLS. Default: what the variable MNIST_NATIVE_QUEUE says. */
  readonly url?: string | undefined;
}

const OPTIONS: KnownOptions<RedisRunnerOptions> = { url: true };

/** So many tasks are in the queue at the most; more would fill Redis without keeping workers any busier. */
const CAPACITY = 1000;

/**
 * Runs the trials of a sweep on machines that take them from a queue in Redis, by `mnist-native worker --queue`. This process hands them out
 * and records what comes of them.
 *
 * A job has the same id however often it is added. What there is in Redis is looked at again and again: what was lost there is added anew,
 * and what came to its end while nobody looked is found. Redis may go away and come back meanwhile.
 *
 * When it is interrupted, trials that no worker has begun are taken back; those that run come to their end, and are found by whoever goes on.
 *
 * @throws InvalidArgumentError when there is an option that it does not know.
 * @throws SweepError when the address is none of Redis.
 */
export function redisRunner(options: RedisRunnerOptions = {}): Runner {
  requireKnownOptions("redisRunner", options, OPTIONS, '{ url: "redis://localhost:6379" }');
  const { url } = options;
  if (url !== undefined && typeof url !== "string") {
    throw new InvalidArgumentError(`Expected an address of Redis for url but received ${show(url)}.`);
  }
  const address = queueAddress(url);
  return {
    name: `workers at ${printedAddress(address)}`,
    async run(sweep, runOptions) {
      // At use: whoever imports a runner may well choose another one.
      const { coordinate } = await import("./redis/coordinate.js");
      const { sharedByJobs } = await import("./redis/job.js");
      const { openQueue } = await import("./redis/queue.js");
      const shared = sharedByJobs(sweep); // What cannot be run is said before anything is connected.
      const { onStart, ...others } = runOptions;
      const { onNotice } = others;
      const release = await holdSweep(sweep);
      try {
        const open = await openQueue(address, onNotice);
        const coordinator = coordinate({ sweep, shared, open, address, onStart, onNotice });
        try {
          await schedule(sweep, { ...others, capacity: CAPACITY, start: coordinator.start });
        } finally {
          await coordinator.end();
          await open.close();
        }
      } finally {
        release();
      }
    },
  };
}

/**
 * Looks whether a queue can be reached.
 *
 * @throws SweepError when it cannot, saying why.
 */
export async function tryQueue(url: string): Promise<void> {
  const { connectToQueue } = await import("./redis/connection.js");
  const { close } = await connectToQueue(queueAddress(url));
  close();
}
