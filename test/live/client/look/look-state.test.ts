import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress, parseAddress } from "../../../../src/live/client/address.js";
import {
  formatLookState,
  imagesPath,
  isAskedFor,
  type LookState,
  METHODS,
  ORDERS,
  PARTS,
  parseLookState,
  VERDICTS,
} from "../../../../src/live/client/look/look-state.js";
import { stepsFrom } from "../../../../src/live/client/look/steps.js";
import { imageInWords, noneOf, rangeOf } from "../../../../src/live/client/look/words.js";
import { madeUpPage } from "./made-up-images.js";

const number = fc.nat({ max: 999_999 });
const part = fc.constantFrom(...PARTS);
const states: fc.Arbitrary<LookState> = fc.record({
  part,
  trueClass: fc.option(number, { nil: undefined }),
  verdict: fc.option(fc.constantFrom(...VERDICTS), { nil: undefined }),
  order: fc.constantFrom(...ORDERS),
  from: number,
  opened: fc.option(fc.record({ part, position: number }), { nil: undefined }),
  map: fc.option(fc.constantFrom(...METHODS), { nil: undefined }),
  follows: fc.boolean(),
});

const BEGINNING = parseLookState({});

describe("what the Look view shows", () => {
  it("is the same after a reload", () => {
    fc.assert(
      fc.property(states, (state) => {
        const hash = formatAddress({ view: "look", state: { run: "a", ...formatLookState(state) } });
        expect(parseLookState(parseAddress(hash).state)).toEqual(state);
      }),
    );
  });

  it("is as at the beginning where an address says it wrongly", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (fields) => {
        const state = parseLookState(fields);
        expect(PARTS).toContain(state.part);
        expect(state.from).toBeGreaterThanOrEqual(0);
      }),
    );
    const wrong = {
      part: "tests",
      class: "-1",
      verdict: "both",
      order: "up",
      from: "1e3",
      position: "0x1",
      map: "tsne",
    };
    expect(parseLookState(wrong)).toEqual(BEGINNING);
  });

  it("says in a link which image is opened", () => {
    const { opened } = parseLookState(parseAddress("#look?run=a&part=test&position=8").state);
    expect(opened).toEqual({ part: "test", position: 8 });
  });

  it("is asked for by a query that names all of it", () => {
    fc.assert(
      fc.property(states, (state) => {
        const query = new URL(imagesPath("a b", state), "http://127.0.0.1").searchParams;
        expect(query.get("part")).toBe(state.part);
        expect(query.get("class")).toBe(state.trueClass === undefined ? null : String(state.trueClass));
        expect(query.get("verdict")).toBe(state.verdict ?? null);
        expect(query.get("order")).toBe(state.order);
        expect(query.get("from")).toBe(String(state.from));
      }),
    );
    expect(imagesPath("a/b", BEGINNING)).toBe("api/runs/a%2Fb/images?part=test&order=number&from=0&count=60");
  });

  it("tells by class and verdict what is asked for", () => {
    const image = { trueClass: 7, predicted: 1 };
    expect(isAskedFor({ trueClass: undefined, verdict: undefined }, image)).toBe(true);
    expect(isAskedFor({ trueClass: 7, verdict: "wrong" }, image)).toBe(true);
    expect(isAskedFor({ trueClass: 7, verdict: "right" }, image)).toBe(false);
    expect(isAskedFor({ trueClass: 1, verdict: undefined }, image)).toBe(false);
  });
});

describe("the images before and after one", () => {
  const query = { part: "test", verdict: "wrong", order: "number", count: 60 } as const;
  const first = madeUpPage({ ...query, from: 0 }, 1);
  const second = madeUpPage({ ...query, from: 60 }, 1);
  const partCount = 1000;
  const from = (page: typeof first, index: number, begin: number) =>
    stepsFrom({
      opened: { part: "test", position: page.images.at(index)?.position ?? -1 },
      images: page.images,
      from: begin,
      total: page.total,
      partCount,
    });

  it("are those of the grid, over its pages", () => {
    expect(from(first, 0, 0).previous).toBeUndefined();
    expect(from(first, 0, 0).next).toEqual({
      kind: "image",
      part: "test",
      position: first.images[1]?.position,
    });
    expect(from(first, -1, 0).next).toEqual({ kind: "page", from: 60, edge: "first" });
    expect(from(second, 0, 60).previous).toEqual({ kind: "page", from: 0, edge: "last" });
    expect(from(second, -1, 60).next).toBeUndefined();
    expect(from(first, 2, 0).place).toBe(`3 of ${first.total}`);
  });

  it("are those of the next numbers where it is not in the grid", () => {
    const at = (position: number) =>
      stepsFrom({
        opened: { part: "train", position },
        images: first.images,
        from: 0,
        total: first.total,
        partCount,
      });
    expect(at(8)).toEqual({
      place: null,
      previous: { kind: "image", part: "train", position: 7 },
      next: { kind: "image", part: "train", position: 9 },
    });
    expect(at(0).previous).toBeUndefined();
    expect(at(partCount - 1).next).toBeUndefined();
  });
});

describe("words of the Look view", () => {
  it("say what there is none of", () => {
    expect(noneOf({ verdict: "wrong", part: "test" }, "7")).toBe("No mistake among the 7s.");
    expect(noneOf({ verdict: "wrong", part: "test" }, undefined)).toBe("No mistake among the test images.");
    expect(noneOf({ verdict: "right", part: "train" }, "Sneaker")).toBe(
      "Not one of the images of Sneaker is recognised.",
    );
    expect(noneOf({ verdict: undefined, part: "validation" }, undefined)).toBe(
      "There are no validation images.",
    );
  });

  it("say how many there are", () => {
    const all = { verdict: undefined };
    expect(rangeOf({ from: 0, shown: 60, total: 1312 }, all, undefined)).toBe("1 to 60 of 1,312 images");
    expect(rangeOf({ from: 60, shown: 24, total: 84 }, all, "7")).toBe("61 to 84 of 84 images of class 7");
    expect(rangeOf({ from: 0, shown: 24, total: 24 }, { verdict: "wrong" }, "7")).toBe(
      "All 24 mistakes among the 7s",
    );
    expect(rangeOf({ from: 0, shown: 1, total: 1 }, { verdict: "right" }, "Coat")).toBe(
      "1 right answer among the images of Coat",
    );
  });

  it("tell an image to those who do not see it", () => {
    const image = { position: 8, trueClass: 5, predicted: 6, confidence: 0.974 };
    const names = [..."0123456789"];
    expect(imageInWords(image, names)).toBe("Number 8: 5, read as 6, 97\u00A0% sure, wrong");
    expect(imageInWords({ ...image, predicted: 5, confidence: null }, names)).toBe(
      "Number 8: 5, read as 5, right",
    );
  });
});
