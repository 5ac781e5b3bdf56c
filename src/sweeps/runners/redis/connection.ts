import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import { MissingDependencyError, SweepError } from "../../../errors.js";
import { printedAddress } from "./address.js";

/** Longest wait before another try to reach Redis, in milliseconds. */
const LONGEST_WAIT = 2000;
/** How long connecting may take, in milliseconds, and how long the first answer. */
const LONGEST_CONNECTING = 10_000;

/** What reasons of the operating system and of Redis mean. */
const REASONS: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [/WRONGPASS/, "its user and password are not the ones that it was given"],
  [/NOAUTH/, "it wants a password, and none was given"],
  [/NOPERM/, "its user may not do what a queue needs"],
  [/ENOTFOUND|EAI_AGAIN/, "there is no such host"],
  [/ECONNREFUSED/, "nothing answers there"],
  [/EHOSTUNREACH|ENETUNREACH/, "there is no way to its host"],
  [/ETIMEDOUT/, "it does not answer in time; look whether it speaks TLS, which rediss:// stands for"],
  [/RESP type|Protocol error/, "what answers there is no Redis"],
  [/ECONNRESET|EPIPE/, "it ends the connection; look whether it speaks TLS, which rediss:// stands for"],
  [
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/,
    "nobody known has signed its certificate; name a file with the one that did by NODE_EXTRA_CA_CERTS",
  ],
  [/CERT_HAS_EXPIRED/, "its certificate has expired"],
  [/ALTNAME/, "its certificate is for another host"],
  [/ERR_SSL|EPROTO/, "it does not speak TLS, which rediss:// stands for"],
  [/DB index/, "it has no database of that number"],
];

/** What stands for no answer, and for one that Redis does not give. */
const SILENT = "ETIMEDOUT";
const NO_REDIS = "Protocol error";

export interface QueueModules {
  readonly bullmq: typeof import("bullmq");
  readonly Redis: typeof Redis;
}

/**
 * What queues are made with. They are imported at use, as most installations do without.
 *
 * @throws MissingDependencyError when they are not installed.
 */
export async function loadQueueModules(): Promise<QueueModules> {
  try {
    const [bullmq, ioredis] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { bullmq, Redis: ioredis.Redis };
  } catch (cause) {
    throw new MissingDependencyError(
      "A queue needs the packages bullmq and ioredis, which are not installed; install them (npm install bullmq ioredis).",
      { cause },
    );
  }
}

/** A connection to Redis, which comes back by itself when Redis does. */
export interface QueueConnection {
  /** What has to be done meanwhile is done when Redis is back. */
  readonly redis: Redis;
  /** Of the server that there is, without user and password. */
  readonly address: string;
  close(): void;
}

/**
 * Connects to Redis.
 *
 * @param onNotice Is told when Redis goes away, and when it is back.
 * @param patience Milliseconds that connecting may take, and then the first answer: whatever listens there may never say a word.
 * @throws SweepError when it cannot be reached now; later on its absence is waited out.
 * @throws MissingDependencyError when the packages are not installed.
 */
export async function connectToQueue(
  address: string,
  onNotice: (line: string) => void = () => {},
  patience = LONGEST_CONNECTING,
): Promise<QueueConnection> {
  const printed = printedAddress(address);
  const { Redis } = await loadQueueModules();
  let isAway = true;
  let isFound = false;
  let reason: unknown;
  const redis = new Redis(address, {
    lazyConnect: true,
    connectTimeout: patience,
    maxRetriesPerRequest: null,
    // Before it was there once, something is wrong with its address, and no waiting helps.
    retryStrategy: (tries) => (isFound ? Math.min(100 * tries, LONGEST_WAIT) : null),
  });
  redis.on("error", (error) => {
    reason ??= error;
    if (isAway) return; // Each try to come back ends in one of its own.
    isAway = true;
    onNotice(`Redis at ${printed} cannot be used for now: ${reasonOf(error)}. This goes on when it is back.`);
  });
  redis.on("ready", () => {
    if (isAway && isFound) onNotice(`Redis at ${printed} is back.`);
    isAway = false;
  });
  const late = new AbortController();
  const silence = wait(2 * patience, SILENT, { signal: late.signal });
  const answer = redis.connect().then(() => redis.ping());
  try {
    const first = await Promise.race([answer, silence]);
    if (first !== "PONG") reason ??= new Error(first === SILENT ? SILENT : NO_REDIS);
  } catch (error) {
    reason ??= error;
  } finally {
    late.abort();
    for (const other of [answer, silence]) other.catch(() => {}); // Whichever was not waited for.
  }
  if (reason !== undefined) {
    redis.disconnect();
    throw new SweepError(`Redis at ${printed} cannot be used: ${reasonOf(reason)}.`, { cause: reason });
  }
  isFound = true;
  return {
    redis,
    address: printed,
    close() {
      redis.removeAllListeners("error").on("error", () => {}); // Of its end nobody need hear.
      redis.disconnect();
    },
  };
}

function reasonOf(error: unknown): string {
  const { code = "", message = "" } = (error ?? {}) as { readonly code?: string; readonly message?: string };
  const text = `${code} ${message}`;
  return REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? (message.replace(/\.$/, "") || code);
}
