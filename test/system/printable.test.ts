import { expect, it } from "vitest";
import { printable } from "../../src/system/printable.js";

it("keeps text and shows what a terminal would act on", () => {
  expect(printable('grüße, 数 🙂 "a"')).toBe('grüße, 数 🙂 "a"');
  expect(printable("a\x1b[2J\r\nb\x07\x7f\x9b\u2028")).toBe("a\\x1b[2J\\x0d\\x0ab\\x07\\x7f\\x9b\\u2028");
});
