import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { literal, literalList } from "../../src/interchange/source-text.js";
import { pythonWith, runPython } from "../support/python.js";

/** Also halves of surrogate pairs, ends of lines, quotes and marks of direction. */
const ANY_TEXT = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }),
  fc.string({ unit: fc.constantFrom('"', "'", "\\", "\n", "\r", "\u2028", "`", "${", "<", "\0", "\u202e") }),
);

/** A text without halves of surrogate pairs. */
const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, "\ufffd");

describe("a text as a literal", () => {
  it("is the text in JavaScript, in one line that ends no script", () => {
    fc.assert(
      fc.property(ANY_TEXT, (text) => {
        const source = literal(text, "javascript");
        expect(runInNewContext(source)).toBe(wellFormed(text));
        expect(source).not.toMatch(/[\p{C}\p{Zl}\p{Zp}<]/u);
      }),
    );
  });

  const python = pythonWith("ast");
  it.skipIf(python === undefined)("is the text in Python, in one line", () => {
    const texts = fc.sample(ANY_TEXT, 500);
    const sources = texts.map((text) => literal(text, "python"));
    expect(sources.join("")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    const program =
      "import ast, json, sys; print(json.dumps([ast.literal_eval(s) for s in json.load(sys.stdin)]))";
    const found = runPython(python as string, program, [], JSON.stringify(sources));
    expect(JSON.parse(found)).toEqual(texts.map(wellFormed));
  });

  it("stays readable where it is harmless", () => {
    expect(literal("Ä 靴 <5 🙂", "python")).toBe('"Ä 靴 <5 🙂"');
    expect(literal("Ä 靴 <5 🙂", "javascript")).toBe('"Ä 靴 \\u003c5 🙂"');
    expect(literal("\u{e0041}", "python")).toBe('"\\U000e0041"');
    expect(literal("\u{e0041}", "javascript")).toBe('"\\u{e0041}"');
  });

  it("is one of a list, in a line or a line each", () => {
    expect(literalList("A = ", ["b", "c"], { language: "python", width: 80 })).toBe('A = ["b", "c"]');
    expect(literalList("A = ", ["b", "c"], { language: "python", width: 10 })).toBe(
      'A = [\n    "b",\n    "c",\n]',
    );
  });
});
