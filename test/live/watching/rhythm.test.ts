import { describe, expect, it } from "vitest";
import { createRhythm } from "../../../src/live/watching/rhythm.js";

describe("a rhythm", () => {
  const rhythm = () => createRhythm({ shortestMilliseconds: 100, share: 0.01 });

  it("waits so long that what it times takes no more than its share", () => {
    const { isDue, done } = rhythm();
    expect(isDue(0)).toBe(true);
    done(0, 3);
    expect(isDue(302)).toBe(false);
    expect(isDue(303)).toBe(true);
  });

  it("waits no longer for one that was held up", () => {
    const { isDue, done } = rhythm();
    done(0, 0.5);
    done(200, 250);
    expect(isDue(349)).toBe(false);
    expect(isDue(350)).toBe(true);
  });

  it("waits longer where they have become slower", () => {
    const { isDue, done } = rhythm();
    done(0, 0.5);
    for (let time = 1000; time < 6000; time += 1000) done(time, time + 10);
    expect(isDue(6009)).toBe(false);
    expect(isDue(6010)).toBe(true);
  });
});
