// What is in the queue of a Slurm for tests, and how a requeued task need not be waited for.
import { setTimeout as wait } from "node:timers/promises";

/** A task each: its `name` as scontrol takes it, `job`, `index`, `state` and `reason`. */
export async function readQueue(slurm) {
  const text = await slurm.command("squeue", "--noheader", "--array", "--format=%F|%K|%T|%r");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [job, index, state, reason] = line.trim().split("|");
      return { job, name: `${job}_${index}`, index: Number(index), state, reason };
    });
}

/**
 * Waits for the end of a command, and makes requeued tasks start soon, which Slurm keeps for two minutes. Not at once: a task that starts in
 * the second in which it was killed is taken for the killed one.
 *
 * @template T
 * @param {Promise<T>} ended
 * @returns {Promise<T>}
 */
export async function hurryRequeued(slurm, ended) {
  let isOver = false;
  const end = ended.finally(() => {
    isOver = true;
  });
  const requeuedAt = new Map();
  while (!isOver) {
    const waiting = (await readQueue(slurm)).filter(({ reason }) => reason === "BeginTime");
    for (const name of requeuedAt.keys())
      if (!waiting.some((task) => task.name === name)) requeuedAt.delete(name);
    for (const { name } of waiting) {
      if (!requeuedAt.has(name)) requeuedAt.set(name, performance.now());
      if (performance.now() - requeuedAt.get(name) > 5000)
        await slurm.command("scontrol", "update", `JobId=${name}`, "StartTime=now");
    }
    await wait(200);
  }
  return end;
}
