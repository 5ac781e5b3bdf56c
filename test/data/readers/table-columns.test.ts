import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asTableColumns, type TableColumns } from "../../../src/data/readers/table-columns.js";

describe("asTableColumns", () => {
  const columns: TableColumns = {
    features: [
      { name: "a", kind: "numeric" },
      { name: "b", kind: "category", categories: ["x", "y"] },
    ],
    target: { name: "c", task: "classify", classNames: ["p", "q"] },
  };

  it("brings back what was JSON", () => {
    const back = (value: unknown) => asTableColumns(JSON.parse(JSON.stringify(value)));
    expect(back(columns)).toEqual(columns);
    const regression = { ...columns, target: { name: "c", task: "regress" } };
    expect(back(regression)).toEqual(regression);
    expect(back({ ...columns, later: 1 })).toEqual(columns);
  });

  it.each<[what: string, value: unknown]>([
    ["nothing", undefined],
    ["a list", []],
    ["no columns", { ...columns, features: [] }],
    ["no target", { features: columns.features }],
    ["a column without a name", { ...columns, features: [{ kind: "numeric" }] }],
    ["a column of another kind", { ...columns, features: [{ name: "a", kind: "date" }] }],
    [
      "a category without categories",
      { ...columns, features: [{ name: "a", kind: "category", categories: [] }] },
    ],
    ["a category twice", { ...columns, features: [{ name: "a", kind: "category", categories: ["x", "x"] }] }],
    ["classes without names", { ...columns, target: { name: "c", task: "classify" } }],
    ["another task", { ...columns, target: { name: "c", task: "guess" } }],
  ])("takes nothing else: %s", (_, value) => {
    expect(asTableColumns(value)).toBeUndefined();
  });

  it("throws for no value at all", () => {
    fc.assert(fc.property(fc.anything(), (value) => void asTableColumns(value)));
  });
});
