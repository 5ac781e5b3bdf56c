import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findCircle, findClimbs, type ImportGraph, readImports } from "./support/import-graph.js";

/** As docs/architecture.md draws it, the highest floor first. */
const FLOORS = [
  ["index"],
  ["cli"],
  ["live"],
  ["report"],
  ["estimators", "sweeps"],
  ["interchange"],
  ["runs"],
  ["chapter"],
  ["training"],
  ["data"],
  ["nn"],
  ["optim"],
  ["formats", "metrics"],
  ["tensor"],
  ["backend"],
  ["communicator"],
  ["random", "system"],
  ["errors"],
];

const graph = readImports(fileURLToPath(new URL("../src", import.meta.url)));

describe("the imports of src", () => {
  it("are read", () => {
    expect(graph.size).toBeGreaterThan(100);
    expect(graph.get("nn/mlp")).toContain("nn/dense");
    expect(graph.get("cli/command-line")).toContain("cli/commands/train"); // At use.
  });

  it("have no circle", () => {
    expect(findCircle(graph)).toBeUndefined();
  });

  it("go downward only", () => {
    expect(findClimbs(graph, FLOORS)).toEqual([]);
  });
});

describe("what checks them", () => {
  const made = (edges: Record<string, readonly string[]>): ImportGraph => new Map(Object.entries(edges));

  it("finds a circle", () => {
    expect(findCircle(made({ "a/x": ["b/y"], "b/y": ["c/z"], "c/z": [] }))).toBeUndefined();
    const circle = made({ "a/x": ["b/y"], "b/y": ["c/z"], "c/z": ["b/y"] });
    expect(findCircle(circle)).toEqual(["b/y", "c/z", "b/y"]);
  });

  it("finds an import upwards, to a neighbour, and a folder that is on no floor", () => {
    const floors = [["top"], ["left", "right"]];
    expect(findClimbs(made({ "top/a": ["left/b", "top/c"], "left/b": [] }), floors)).toEqual([]);
    const wrong = made({ "left/b": ["top/a", "right/c"], "other/d": [] });
    expect(findClimbs(wrong, floors)).toEqual([
      "left/b imports top/a",
      "left/b imports right/c",
      "other/d is on no floor",
    ]);
  });
});
