import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress, parseAddress, VIEWS } from "../../../src/live/client/address.js";

const state = fc.dictionary(
  fc.string({ minLength: 1 }).filter((key) => key !== "__proto__"),
  fc.string({ minLength: 1 }),
);

describe("the page's address", () => {
  it("says again what it was made of", () => {
    fc.assert(
      fc.property(fc.constantFrom(...VIEWS), state, (view, kept) => {
        expect(parseAddress(formatAddress({ view, state: kept }))).toEqual({ view, state: kept });
      }),
    );
  });

  it("leaves out what is empty", () => {
    expect(formatAddress({ view: "look", state: { run: "a", class: "" } })).toBe("#look?run=a");
    expect(formatAddress({ view: "draw", state: {} })).toBe("#draw");
  });

  it("takes anything else for the first view", () => {
    fc.assert(
      fc.property(fc.string(), (hash) => {
        expect(VIEWS).toContain(parseAddress(hash).view);
      }),
    );
    expect(parseAddress("#no-such-view?run=a")).toEqual({ view: "train", state: { run: "a" } });
  });
});
