import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newestOnly } from "../../../../src/live/client/draw/newest-only.js";

/** A server whose answers come when the test says so. */
function awaitedServer() {
  const open: { subject: number; signal: AbortSignal; answer: () => void; fail: () => void }[] = [];
  const answers: number[] = [];
  const errors: number[] = [];
  const queue = newestOnly<number, number>({
    ask: (subject, signal) =>
      new Promise((resolve, reject) => {
        open.push({
          subject,
          signal,
          answer: () => resolve(subject * 10),
          fail: () => reject(new Error("no")),
        });
      }),
    onAnswer: (answer, subject) => {
      expect(answer).toBe(subject * 10);
      answers.push(subject);
    },
    onError: (_, subject) => errors.push(subject),
  });
  const settle = async (how: "answer" | "fail" = "answer") => {
    open.shift()?.[how]();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { queue, open, answers, errors, settle };
}

describe("a queue of which the newest counts", () => {
  it("asks one at a time, and of those that wait only the newest", async () => {
    const { queue, open, answers, settle } = awaitedServer();
    for (const subject of [1, 2, 3, 4]) queue.ask(subject);
    expect(open.map(({ subject }) => subject)).toEqual([1]);
    await settle();
    expect(open.map(({ subject }) => subject)).toEqual([4]);
    await settle();
    expect(answers).toEqual([1, 4]);
    expect(open).toEqual([]);
  });

  it("drops what was asked before everything was forgotten", async () => {
    const { queue, open, answers, errors, settle } = awaitedServer();
    queue.ask(1);
    queue.ask(2);
    queue.forget();
    expect(open[0]?.signal.aborted).toBe(true);
    queue.ask(3);
    await settle(); // of 1
    await settle(); // of 3
    expect(answers).toEqual([3]);
    queue.ask(4);
    queue.forget();
    await settle("fail");
    expect(errors).toEqual([]);
  });

  it("goes on after an error", async () => {
    const { queue, answers, errors, settle } = awaitedServer();
    queue.ask(1);
    queue.ask(2);
    await settle("fail");
    await settle();
    expect([errors, answers]).toEqual([[1], [2]]);
  });

  it("always answers the last state, and in the order in which it was asked", async () => {
    const step = fc.constantFrom("ask", "settle", "fail", "forget");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { queue, open, answers, errors, settle } = awaitedServer();
        let [last, forgotten] = [0, 0];
        for (const one of steps) {
          if (one === "ask") queue.ask(++last);
          if (one === "forget") {
            queue.forget();
            forgotten = last;
          }
          if (one === "settle" || one === "fail") await settle(one === "fail" ? "fail" : "answer");
          expect(open.filter(({ signal }) => !signal.aborted).length).toBeLessThanOrEqual(1);
        }
        while (open.length > 0) await settle();
        if (last > forgotten) expect([...answers, ...errors]).toContain(last);
        expect(answers).toEqual(answers.toSorted((a, b) => a - b));
      }),
    );
  });
});
