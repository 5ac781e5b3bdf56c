import { DOMParser } from "@xmldom/xmldom";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { html, trusted } from "../../../src/report/page/html.js";

describe("html", () => {
  it("keeps every text as it is, in an element and in an attribute", () => {
    const character = fc.oneof(
      fc.constantFrom(..."<>&\"'=`/ \u00A0;#"),
      fc.constantFrom("<script>", "&lt;", "-->", "]]>", "</title>", "é", "字", "😀"),
    );
    fc.assert(
      fc.property(fc.array(character), (characters) => {
        const text = characters.join("");
        const { markup } = html`<p title="${text}">${text}</p>`;
        const paragraph = new DOMParser().parseFromString(markup, "text/html").documentElement;
        expect(paragraph?.textContent).toBe(text);
        expect(paragraph?.getAttribute("title")).toBe(text);
      }),
    );
  });

  it("replaces what HTML cannot hold", () => {
    expect(html`a${"\u0000\u001B\uD800\u0085"}b`.markup).toBe("a\uFFFD\uFFFD\uFFFD\uFFFDb");
  });

  it("takes markup as it is, joins lists, and leaves out null", () => {
    const items = ["a", "<b>"].map((text) => html`<li>${text}</li>`);
    expect(html`<ul>${items}${null}${7}</ul>${trusted("<hr>")}`.markup).toBe(
      "<ul><li>a</li><li>&lt;b&gt;</li>7</ul><hr>",
    );
  });
});
