import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { endWhenIdle } from "../../src/sweeps/runners/redis/idle.js";
import type { TrialQueue } from "../../src/sweeps/runners/redis/queue.js";
import { createWorkerWatch } from "../../src/sweeps/runners/redis/worker-watch.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function idleWorker({ hasHadJob = false } = {}) {
  let jobs: readonly string[] = [];
  const queue = { getRanges: async () => [...jobs] } as unknown as TrialQueue; // It is asked for nothing else.
  const end = vi.fn();
  endWhenIdle({ queue, inHand: new Map(), left: new Map(), hasHadJob: () => hasHadJob, end });
  return { end, have: (...now: readonly string[]) => (jobs = now) };
}

it("A worker waits a minute for a first job, and ends when none comes", async () => {
  const { end } = idleWorker();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(end).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2000);
  expect(end).toHaveBeenCalledOnce();
});

it("A worker ends some seconds after the last job, its own or another's", async () => {
  const seen = idleWorker();
  seen.have("id.0.0");
  await vi.advanceTimersByTimeAsync(100_000);
  seen.have();
  const had = idleWorker({ hasHadJob: true });
  await vi.advanceTimersByTimeAsync(4000);
  for (const { end } of [seen, had]) expect(end).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2000);
  for (const { end } of [seen, had]) expect(end).toHaveBeenCalledOnce();
});

function watchedQueue(address: string) {
  let [time, workers] = [0, 0];
  const notices: string[] = [];
  const look = createWorkerWatch({
    queue: { getWorkersCount: async () => workers },
    address,
    sweep: { directory: "/sweeps/a b" },
    onNotice: (line) => notices.push(line),
    now: () => time,
  });
  return async (now: number, count: number) => {
    [time, workers] = [now, count];
    await look();
    return [...notices];
  };
}

it("That no worker is connected is said at once, later after ten seconds, and once each time", async () => {
  const look = watchedQueue("redis://host:6379");
  const notice =
    "No worker is connected; start one: npx mnist-native worker --queue redis://host:6379 --folder '/sweeps/a b'";
  expect(await look(0, 0)).toEqual([notice]);
  expect(await look(60_000, 0)).toEqual([notice]);
  expect(await look(61_000, 1)).toEqual([notice]);
  expect(await look(70_000, 0)).toEqual([notice]);
  expect(await look(71_000, 0)).toEqual([notice, notice]);
  expect(await look(99_000, 0)).toEqual([notice, notice]);
});

it("That no worker is connected is not said where one is, and not with a password", async () => {
  const look = watchedQueue("redis://:secret@host:6379");
  expect(await look(0, 2)).toEqual([]);
  expect(await look(20_000, 0)).toEqual([expect.stringContaining("--queue env --folder")]);
});
