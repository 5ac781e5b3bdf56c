import { describe, expect, it } from "vitest";
import {
  catalogEntry,
  DATASET_NAMES,
  entriesOfArchive,
  largestCopy,
} from "../../../src/data/catalog/catalog.js";
import { InvalidArgumentError } from "../../../src/errors.js";

describe.each(DATASET_NAMES)("the catalogue's entry %s", (name) => {
  const entry = catalogEntry(name);

  it("is complete and well-formed", () => {
    expect(entry.name).toBe(name);
    expect(new Set(entry.classNames).size).toBe(entry.classNames.length);
    expect(new Set(Object.values(entry.files).map((file) => file.name)).size).toBe(4);
    for (const mirror of entry.mirrors) {
      expect(mirror).toMatch(/^https?:\/\/.*\/$/);
    }
  });

  it("has a sum for every byte that is downloaded", () => {
    const sums = Object.values(entry.files).map(({ sha256, published }) => sha256 ?? published?.digest);
    const all = entry.archive === undefined ? sums : [entry.archive.published.digest];
    for (const sum of all) {
      expect(sum).toMatch(/^([0-9a-f]{64}|[0-9a-f]{32})$/);
    }
  });
});

it.each([
  ["mnist", "trainImages", 9_912_422, 47_040_016],
  ["mnist", "testLabels", 4_542, 10_008],
  ["qmnist", "trainLabels", 463_024, 1_920_012],
  ["qmnist", "testImages", 9_742_279, 47_040_016],
] as const)("bounds what a mirror may send: %s, %s", (name, place, published, decompressed) => {
  const largest = largestCopy(catalogEntry(name), place);
  expect(largest).toBeGreaterThan(Math.max(published, decompressed));
  expect(largest).toBeLessThan(1.1 * decompressed + 100_000);
});

it("tells 10, 26 and 47 classes apart", () => {
  const classes = DATASET_NAMES.map((name) => catalogEntry(name).classNames.length);
  expect(classes).toEqual([10, 10, 10, 10, 26, 47, 10]);
});

it("names the data sets that there are when there is none of a name", () => {
  expect(() => catalogEntry("toString")).toThrow(InvalidArgumentError);
  expect(() => catalogEntry("MNIST")).toThrow(/one of mnist, fashion-mnist, .*, but received MNIST/);
});

it("knows which data sets share an archive", () => {
  const names = (name: string) => entriesOfArchive(catalogEntry(name)).map((entry) => entry.name);
  expect(names("emnist-letters").sort()).toEqual(["emnist-balanced", "emnist-digits", "emnist-letters"]);
  expect(names("mnist")).toEqual(["mnist"]);
});
