import type { Communicator, Numbers } from "../../src/communicator/communicator.js";

/** A rank has ended while others waited for it. */
export class RankLeft extends Error {}

/**
 * Communicators of several ranks that live in this process, each in a function of its own: an operation settles when all ranks have called it.
 * Sums are taken by rank, from the first on.
 */
export function createRanks(size: number): readonly Communicator[] {
  const meeting = createMeeting(size);
  return Array.from({ length: size }, (_, rank) => ({
    name: `${size} ranks in one process`,
    rank,
    size,
    localSize: size,
    async sum(data: Numbers) {
      const all = (await meeting.bring(rank, "sum", data.slice())) as readonly Numbers[];
      for (let i = 0; i < data.length; i++) data[i] = all.reduce((sum, { [i]: value = 0 }) => sum + value, 0);
    },
    async broadcast(data: Numbers | Uint8Array | Int32Array) {
      const [first] = (await meeting.bring(rank, "broadcast", data.slice())) as readonly Numbers[];
      data.set(first as Numbers); // There is a rank 0.
    },
    gather: async (text: string) => (await meeting.bring(rank, "gather", text)) as readonly string[],
    abort(exitCode: number): never {
      meeting.leave(rank);
      throw new RankLeft(`Rank ${rank} ended all with exit code ${exitCode}.`);
    },
    close: () => meeting.leave(rank),
  }));
}

/** Runs a function on each of several ranks. The first error of the lowest rank is thrown when all have ended. */
export async function onRanks<T>(
  size: number,
  run: (communicator: Communicator) => Promise<T>,
): Promise<readonly T[]> {
  const outcomes = await settledOnRanks(size, run);
  const failed = outcomes.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<T>).value);
}

/** The same, with what became of each. */
export function settledOnRanks<T>(
  size: number,
  run: (communicator: Communicator) => Promise<T>,
): Promise<readonly PromiseSettledResult<T>[]> {
  return Promise.allSettled(
    createRanks(size).map((communicator) => run(communicator).finally(() => communicator.close())),
  );
}

interface Meeting {
  /** Brings something, and gets what all have brought, by rank. */
  bring(rank: number, operation: string, value: unknown): Promise<readonly unknown[]>;
  /** Is gone: whoever waits for it is told. */
  leave(rank: number): void;
}

function createMeeting(size: number): Meeting {
  const left = new Set<number>();
  const brought = new Map<number, { readonly operation: string; readonly value: unknown }>();
  let waiting: { resolve(all: readonly unknown[]): void; reject(error: Error): void }[] = [];
  const end = (settle: (one: (typeof waiting)[number]) => void) => {
    const all = waiting;
    waiting = [];
    brought.clear();
    for (const one of all) settle(one);
  };
  return {
    bring(rank, operation, value) {
      return new Promise((resolve, reject) => {
        if (left.size > 0) {
          reject(new RankLeft(`Rank ${rank} waits for rank ${[...left].join(", ")}, which has left.`));
          return;
        }
        waiting.push({ resolve, reject });
        brought.set(rank, { operation, value });
        if (brought.size < size) return;
        const operations = new Set([...brought.values()].map((one) => one.operation));
        const values = Array.from({ length: size }, (_, r) => brought.get(r)?.value);
        if (operations.size === 1) end((one) => one.resolve(values));
        else end((one) => one.reject(new Error(`Ranks met for ${[...operations].join(" and ")}.`)));
      });
    },
    leave(rank) {
      left.add(rank);
      if (waiting.length > 0) end((one) => one.reject(new RankLeft(`Rank ${rank} has left.`)));
    },
  };
}
