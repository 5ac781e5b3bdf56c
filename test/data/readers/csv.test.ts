import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LoadCsvOptions, loadCsv } from "../../../src/data/readers/csv.js";
import {
  DataFormatError,
  FileAccessError,
  InvalidArgumentError,
  LabelRangeError,
  type MnistNativeError,
} from "../../../src/errors.js";
import { flat } from "../../support/flat.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const temporary = temporaryFolder();

function load(text: string, options: Partial<LoadCsvOptions> = {}) {
  const file = join(mkdtempSync(join(temporary, "csv-")), "data.csv");
  writeFileSync(file, text);
  return loadCsv({ file, ...options });
}

const expected = {
  images: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 255),
  labels: Uint8Array.of(0, 2),
  imageShape: [2, 2],
  classes: 3,
};

describe("loadCsv takes", () => {
  it.each<[what: string, text: string, options?: Partial<LoadCsvOptions>]>([
    ["lines of label and pixels", "0,1,2,3,4\n2,5,6,7,255\n"],
    ["a file without a final line break", "0,1,2,3,4\n2,5,6,7,255"],
    ["Windows' line breaks and byte order mark", "\ufeff0,1,2,3,4\r\n2,5,6,7,255\r\n"],
    ["empty lines", "\n0,1,2,3,4\n\n2,5,6,7,255\n\n"],
    ["spaces, quotes and decimal points", '0, 1 ,"2",3.0,4\n"2",5,6,7,255\n'],
    ["a header with a label in the first column", "label,1x1,1x2,2x1,2x2\n0,1,2,3,4\n2,5,6,7,255\n"],
    ["a header with a label elsewhere", "a,b, Label ,c,d\n1,2,0,3,4\n5,6,2,7,255\n"],
    ["a header that names the classes", "a,b,c,d,class\n1,2,3,4,0\n5,6,7,255,2\n"],
    ["a header of other names", "digit,p,q,r,s\n0,1,2,3,4\n2,5,6,7,255\n"],
    ["a header of numbers, when it is told", "9,9,9,9,9\n0,1,2,3,4\n2,5,6,7,255\n", { header: true }],
    ["a column by number", "1,2,0,3,4\n5,6,2,7,255\n", { labelColumn: 2 }],
    ["a column by number from the end", "1,2,3,4,0\n5,6,7,255,2\n", { labelColumn: -1 }],
    ["a column by number as text", "1,2,3,0,4\n5,6,7,2,255\n", { labelColumn: "-2" }],
    ["a name that is a number", "0,1,2,3,9\n1,2,3,4,0\n5,6,7,255,2\n", { labelColumn: "9", header: true }],
    ["a column by name", "a,b,y,c,d\n1,2,0,3,4\n5,6,2,7,255\n", { labelColumn: "y" }],
  ])("%s", async (_, text, options) => {
    expect(flat(await load(text, options))).toMatchObject(expected);
  });

  it("images of a given shape, and classes with names", async () => {
    const classNames = ["a", "b", "c", "d"];
    const dataset = await load("0,1,2\n2,3,4\n", { imageShape: [1, 2], classNames });
    expect(flat(dataset)).toMatchObject({ imageShape: [1, 2], classes: 4, classNames });
  });

  it("what was written, whatever it is", async () => {
    const row = fc.tuple(fc.nat(255), fc.uint8Array({ minLength: 4, maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1 }), fc.boolean(), async (rows, header) => {
        const lines = rows.map(([label, pixels]) => [label, ...pixels].join(","));
        const dataset = await load([...(header ? ["label,a,b,c,d"] : []), ...lines].join("\n"));
        expect([...dataset.targets.labels]).toEqual(rows.map(([label]) => label));
        expect([...dataset.features.data]).toEqual(rows.flatMap(([, pixels]) => [...pixels]));
      }),
    );
  });
});

describe("loadCsv refuses", () => {
  type ErrorClass = new (message: string) => MnistNativeError;
  it.each<
    [what: string, text: string, errorClass: ErrorClass, fault: RegExp, options?: Partial<LoadCsvOptions>]
  >([
    ["an empty file", "", DataFormatError, /data.csv holds no images/],
    ["a header alone", "label,a\n", DataFormatError, /data.csv holds no images/],
    ["one column", "1\n2\n", DataFormatError, /lines of one column/],
    ["a short line", "0,1\n\n0\n", DataFormatError, /line 3 has 1 columns where 2 were expected/],
    ["a long line", "label,a\n0,1\n0,1,2\n", DataFormatError, /line 3 has 3 columns/],
    ["a pixel above 255", "0,1\n0,256\n", DataFormatError, /line 2, column 1, but it is "256"/],
    ["a negative pixel", "label,a\n0,-1\n", DataFormatError, /line 2, column a, but it is "-1"/],
    ["a fraction", "0,0.5\n", DataFormatError, /whole number from 0 to 255 as a pixel.*"0.5"/],
    ["a missing pixel", "0,1\n0,\n", DataFormatError, /line 2, column 1, but it is ""/],
    ["a text for a pixel", "0,1\n0,black\n", DataFormatError, /but it is "black"/],
    ["a text for a label", "0,1\ncat,1\n", LabelRangeError, /label in .*line 2, but it is "cat"/],
    ["a label above 255", "256,1\n", LabelRangeError, /but it is "256"/],
    ["a label above the classes", "3,1\n", LabelRangeError, /0 to 2/, { classes: 3 }],
    ["rows that are no square", "0,1,2,3\n", InvalidArgumentError, /3 pixels, and these fill no square/],
    ["another shape", "0,1,2,3,4\n", InvalidArgumentError, /4 pixels, and 2 x 3/, { imageShape: [2, 3] }],
    [
      "a missing column",
      "label,a\n0,1\n",
      InvalidArgumentError,
      /no column b.*label, a/,
      { labelColumn: "b" },
    ],
    ["a name without a header", "0,1\n", InvalidArgumentError, /no column b.*0 to 1/, { labelColumn: "b" }],
    ["a column number too high", "0,1\n", InvalidArgumentError, /no column 2.*0 to 1/, { labelColumn: 2 }],
    ["a column before the first", "0,1\n", InvalidArgumentError, /-2 to -1/, { labelColumn: "-3" }],
    ["a hexadecimal pixel", "0,1\n0,0x1\n", DataFormatError, /but it is "0x1"/],
    ["a binary pixel", "0,1\n0,0b11\n", DataFormatError, /but it is "0b11"/],
    ["a pixel with an exponent", "0,1\n0,1e1\n", DataFormatError, /but it is "1e1"/],
    ["a hexadecimal label", "0,1\n0x1,1\n", LabelRangeError, /but it is "0x1"/],
    [
      "a line of millions of columns",
      `0${",".repeat(5_000_000)}\n`,
      DataFormatError,
      /a line of more than 4194304 characters/,
    ],
    [
      "a quote whose rest is millions long",
      `0,1\n0,"${"x\n".repeat(2_500_000)}`,
      DataFormatError,
      /Max Record Size/,
    ],
    [
      "names that would clear the screen",
      "label,a\x1b[2J\n0,-1\n",
      DataFormatError,
      /column a\\x1b\[2J, but it is/,
    ],
    ["a quote that does not end", '0,1\n0,"1\n', DataFormatError, /is not comma-separated values/],
  ])("%s", async (_, text, errorClass, fault, options) => {
    const error = await load(text, options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(errorClass);
    expect(String(error)).toMatch(fault);
  });

  it("a missing file", async () => {
    await expect(loadCsv({ file: join(temporary, "missing.csv") })).rejects.toThrow(FileAccessError);
  });

  it("a folder", async () => {
    await expect(loadCsv({ file: temporary })).rejects.toThrow(/cannot be read: it is a folder/);
  });
});
