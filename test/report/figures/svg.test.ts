import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanText, escapeXml, fitText, svgText, textWidth } from "../../../src/report/figures/svg.js";
import { parseSvg } from "./svg-document.js";

/** Any string at all, lone surrogates and control characters included, and often those that XML minds. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((codes) => String.fromCharCode(...codes)),
  fc.string({
    unit: fc.constantFrom("<", ">", "&", '"', "'", "]", "]]>", "\u0000", "\uffff", "\ud800", "a", " "),
  }),
);

describe("escapeXml", () => {
  it("makes any text the content of an element and the value of an attribute", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeXml(text);
        const root = parseSvg(`<svg a="${escaped}" b='${escaped}'>${escaped}.</svg>`).documentElement;
        expect(root?.textContent).toBe(`${cleanText(text)}.`);
        expect(root?.getAttribute("a")).toBe(cleanText(text));
        expect(root?.getAttribute("b")).toBe(cleanText(text));
      }),
      { numRuns: 500 },
    );
  });

  it("changes nothing that needs no change", () => {
    expect(cleanText("Ünïcode 日本 😀 is kept")).toBe("Ünïcode 日本 😀 is kept");
    expect(cleanText("one\r\n\tline\u0007")).toBe("one line\ufffd");
  });
});

describe("svgText", () => {
  it("escapes its text", () => {
    const svg = svgText("a < b & c", { x: 1, y: 2, fill: "#000000", size: 12 });
    expect(parseSvg(svg).documentElement?.textContent).toBe("a < b & c");
  });
});

describe("fitText", () => {
  it("never makes text wider than asked, but for a lone ellipsis, and leaves alone what fits", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 12, max: 300 }), (text, width) => {
        const fitted = fitText(text, width, 12);
        expect(textWidth(fitted, 12)).toBeLessThanOrEqual(Math.max(width, textWidth("…", 12)));
        if (textWidth(cleanText(text), 12) <= width) {
          expect(fitted).toBe(cleanText(text));
        } else {
          expect(fitted.endsWith("…")).toBe(true);
          expect(cleanText(text).startsWith(fitted.slice(0, -1))).toBe(true);
        }
      }),
    );
  });
});

describe("the parser of these tests", () => {
  it.each(["<a><b></a>", "<a>&</a>", "<a b=c/>", '<a b="1" b="2"/>', "<a>\u0000</a>", "<a/><b/>", "text"])(
    "refuses %j",
    (text) => {
      expect(() => parseSvg(text)).toThrow();
    },
  );
});
