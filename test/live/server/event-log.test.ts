import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveEvent } from "../../../src/live/protocol.js";
import { createEventLog } from "../../../src/live/server/event-log.js";

const gone = (id: string): LiveEvent => ({ type: "gone", id });
const forever = new AbortController().signal;

/** Whether a promise is settled once everything that is due has been done. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe("an event log", () => {
  it("has for every reader, wherever it stands, all that came after, or says that it has not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 50 }), (most, count) => {
        const log = createEventLog({ most });
        const before = log.lastId;
        const ids = Array.from({ length: count }, (_, i) => log.append(gone(String(i))));
        expect(ids).toEqual(Array.from({ length: count }, (_, i) => before + 1 + i));
        expect(log.lastId).toBe(before + count);
        for (let known = -2; known <= count + 2; known++) {
          const after = log.after(before + known);
          const isKept = known >= Math.max(0, count - most) && known <= count;
          if (!isKept) expect(after).toBeNull();
          else {
            expect(after?.map(({ id }) => id)).toEqual(ids.slice(known));
            expect(after?.map(({ event }) => event)).toEqual(
              Array.from({ length: count - known }, (_, i) => gone(String(known + i))),
            );
          }
        }
      }),
    );
  });

  it("loses and doubles nothing for a reader that takes a few at a time while others come", () => {
    const steps = fc.array(fc.record({ appended: fc.nat(9), taken: fc.integer({ min: 1, max: 9 }) }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), steps, (most, turns) => {
        const log = createEventLog({ most });
        let place = log.lastId;
        let appended = 0;
        const seen: string[] = [];
        let missed = 0;
        for (const turn of turns) {
          for (let i = 0; i < turn.appended; i++) log.append(gone(String(appended++)));
          const events = log.after(place, turn.taken);
          if (events === null) {
            // It was overtaken, and only then.
            expect(log.lastId - place).toBeGreaterThan(most);
            missed += log.lastId - place;
            place = log.lastId;
            continue;
          }
          expect(events.length).toBe(Math.min(turn.taken, log.lastId - place));
          seen.push(...events.map(({ event }) => (event.type === "gone" ? event.id : "")));
          place += events.length;
        }
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen.map(Number)).toEqual(seen.map(Number).sort((a, b) => a - b));
        expect(seen.length + missed + (log.lastId - place)).toBe(appended);
      }),
    );
  });

  it("keeps no more than it was asked to", () => {
    const log = createEventLog({ most: 3 });
    for (let i = 0; i < 1000; i++) log.append(gone(String(i)));
    expect(log.after(log.lastId - 3)).toHaveLength(3);
    expect(log.after(log.lastId - 4)).toBeNull();
  });

  it("does not know the numbers of another log", () => {
    for (let i = 0; i < 100; i++) {
      const old = createEventLog();
      const id = old.append(gone("a"));
      const restarted = createEventLog();
      restarted.append(gone("b"));
      restarted.append(gone("c"));
      expect(restarted.after(id)).toBeNull();
      expect(restarted.after(old.lastId - 1)).toBeNull();
    }
  });

  it("does not know what is no number of an event", () => {
    const log = createEventLog();
    log.append(gone("a"));
    for (const id of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, log.lastId - 0.5]) {
      expect(log.after(id)).toBeNull();
    }
  });

  it("has numbers that JavaScript counts exactly, and that a server cannot use up", () => {
    for (let i = 0; i < 1000; i++)
      expect(createEventLog().lastId + 2 ** 21).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });

  it("wakes whoever waits with the next event, all of them", async () => {
    const log = createEventLog();
    const waits = [1, 2, 3].map(() => log.whenAfter(log.lastId, forever));
    expect(log.readers).toBe(3);
    for (const wait of waits) expect(await isSettled(wait)).toBe(false);
    log.append(gone("a"));
    await Promise.all(waits);
    expect(log.readers).toBe(0);
  });

  it("lets nobody wait for what is there already, or can never come", async () => {
    const log = createEventLog();
    const before = log.lastId;
    log.append(gone("a"));
    await log.whenAfter(before, forever);
    await log.whenAfter(before - 1, forever);
    await log.whenAfter(log.lastId + 1, forever);
    expect(log.readers).toBe(0);
  });

  it("lets go of whoever does not want to wait any more", async () => {
    const log = createEventLog();
    const leaving = new AbortController();
    const wait = log.whenAfter(log.lastId, leaving.signal);
    leaving.abort();
    await wait;
    expect(log.readers).toBe(0);
    await log.whenAfter(log.lastId, leaving.signal);
    expect(log.readers).toBe(0);
  });

  it("says what is wrong with how it is made", () => {
    expect(() => createEventLog({ most: 0 })).toThrow(
      "Expected a whole number of at least 1 for most but received 0.",
    );
  });
});
