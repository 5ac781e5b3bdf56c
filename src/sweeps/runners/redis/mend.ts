import type { Redis } from "ioredis";
import { parseJson } from "../../../system/json.js";
import { activeJobs, type TrialQueue } from "./queue.js";

/** Where a job has JSON, and what stands there instead of something else. */
const FIELDS = { data: "null", opts: "{}" } as const;

/**
 * Puts JSON in place of what somebody has put into Redis as a job and that is none: BullMQ cannot read it, so that nobody could refuse it, and
 * it would be handed out again for ever. What stands there then is refused as any other job that is none.
 */
export async function mendJobs(queue: TrialQueue, redis: Redis): Promise<void> {
  for (const id of await activeJobs(queue)) {
    for (const [field, instead] of Object.entries(FIELDS)) {
      const text = await redis.hget(queue.toKey(id), field);
      if (text !== null && parseJson(text) === undefined) await redis.hset(queue.toKey(id), field, instead);
    }
  }
}
