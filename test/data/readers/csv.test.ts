import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LoadCsvOptions, loadCsv } from "../../../src/data/readers/csv.js";
import { datasetFromArrays } from "../../../src/data/readers/from-arrays.js";
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

function load(text: string | Buffer, options: Partial<LoadCsvOptions> = {}) {
  const file = join(mkdtempSync(join(temporary, "csv-")), "data.csv");
  writeFileSync(file, text);
  return loadCsv({ file, onNotice: () => {}, ...options });
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
    ["semicolons", "label;a;b;c;d\n0;1;2;3;4\n2;5;6;7;255\n"],
    ["semicolons around names with commas", '"label";"a,1";"b,1,2";"c,,,,";d\n0;1;2;3;4\n2;5;6;7;255\n'],
    ["tabs, after an empty line", "\r\n0\t1\t2\t3\t4\r\n2\t5\t6\t7\t255\r\n"],
    ["names of pixels in the header that are numbers", "digit,0,1,2,3\n0,1,2,3,4\n2,5,6,7,255\n"],
    ["a column by name", "a,b,y,c,d\n1,2,0,3,4\n5,6,2,7,255\n", { labelColumn: "y" }],
  ])("%s", async (_, text, options) => {
    expect(flat(await load(text, options))).toMatchObject(expected);
  });

  it("images of a given shape, and classes with names", async () => {
    const classNames = ["a", "b", "c", "d"];
    const dataset = await load("0,1,2\n2,3,4\n", { imageShape: [1, 2], classNames });
    expect(flat(dataset)).toMatchObject({ imageShape: [1, 2], classes: 4, classNames });
  });

  it.each<[what: string, text: string, options?: Partial<LoadCsvOptions>]>([
    ["under a name", "a,b,c,d,label\n1,2,3,0,cat\n5,6,7,8,ape\n9,10,11,12,cat\n"],
    ["in the only column of texts", "p0,p1,p2,p3,animal\n1,2,3,0,cat\n5,6,7,8,ape\n9,10,11,12,cat\n"],
    ["without a header", "cat,1,2,3,0\nape,5,6,7,8\n cat ,9,10,11,12\n"],
    ["in quotes, between tabs", '1\t2\t"cat"\t3\t0\n5\t6\t"ape"\t7\t8\n9\t10\tcat\t11\t12\n'],
  ])("labels that are texts, %s, as names of classes in sorted order", async (_, text, options) => {
    expect(flat(await load(text, options))).toMatchObject({
      images: Uint8Array.of(1, 2, 3, 0, 5, 6, 7, 8, 9, 10, 11, 12),
      labels: Uint8Array.of(1, 0, 1),
      classes: 2,
      classNames: ["ape", "cat"],
    });
  });

  it("labels that are texts in the order of given names", async () => {
    const classNames = ["dog", "cat", "ape"];
    const dataset = await load("cat,1\nape,5\n", { classNames });
    expect(flat(dataset)).toMatchObject({ labels: Uint8Array.of(1, 2), classes: 3, classNames });
  });

  it("labels of any letters, in UTF-8 and as a spreadsheet's UTF-16", async () => {
    const text = "café,1\n日本,5\n";
    for (const bytes of [text, Buffer.from(`\ufeff${text}`, "utf16le")]) {
      expect((await load(bytes)).targets.classNames).toEqual(["café", "日本"]);
    }
  });

  it("labels that leave classes out, and says so", async () => {
    const notices: string[] = [];
    const options = { onNotice: (sentence: string) => notices.push(sentence) };
    const text = "0,1\n5,1\n10,1\n";
    expect((await load(text, options)).targets.classes).toBe(11);
    expect(notices).toEqual([
      expect.stringMatching(
        /^The labels in .*data\.csv go up to 10 and so make 11 classes, but classes 1-4, 6-9 have no examples; number /,
      ),
    ]);
    await load("1,1\n2,1\n", options);
    expect(notices.pop()).toContain("but class 0 has no examples");
    await load(text, { ...options, classes: 11 }); // Asked for.
    await load("0,1\n1,1\n", options);
    expect(notices).toHaveLength(1);
  });

  it("such labels from a program, too, as a warning of the process", async () => {
    const warned = once(process, "warning");
    datasetFromArrays({ images: new Uint8Array(2), labels: [0, 2], imageShape: [1, 1] });
    const [warning] = await warned;
    expect(warning).toMatchObject({ name: "MnistNativeWarning", code: "EMPTY_CLASSES" });
    expect(warning.message).toContain("class 1 has no examples");
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
    [
      what: string,
      text: string | Buffer,
      errorClass: ErrorClass,
      fault: RegExp,
      options?: Partial<LoadCsvOptions>,
    ]
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
    [
      "rows that are no square",
      "0,1,2,3\n",
      InvalidArgumentError,
      /3 pixels, and these fill no square; .* imageShape .* --image-shape/,
    ],
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
    [
      "a header whose first column is like the second",
      "p0,p1,digit\n0,1,2\n",
      InvalidArgumentError,
      /no column named label or class, and its first, p0, seems to hold pixels like p1; name the column of the labels by labelColumn \(on the command line --label-column\): one of p0, p1, digit\.$/,
    ],
    [
      "a missing column of many",
      `${Array.from({ length: 20 }, (_, i) => `p${i}`).join()}\n`.repeat(2),
      InvalidArgumentError,
      /labels; name one by labelColumn \(on .* --label-column\): one of p0, p1, p2, p3, p4, p5, …, p18, p19\.$/,
      { labelColumn: "x", header: true },
    ],
    [
      "a number among texts",
      "cat,1\nape,1\n7,1\n",
      LabelRangeError,
      /Expected a text, because the labels before it are texts, as the label in .* line 3, but it is the number 7; if /,
    ],
    [
      "an empty label among texts",
      "cat,1\nape,1\n,1\n",
      LabelRangeError,
      /Expected a text of 1 to 200 characters as the label in .*line 3, but it is ""/,
    ],
    [
      "a label in Latin-1",
      Buffer.from("ape,1\ncafé,1\n", "latin1"),
      DataFormatError,
      /data\.csv, line 2 has a character that is not UTF-8, the � in "caf�"; save the file as UTF-8\.$/,
    ],
    [
      "such a label where there are given names",
      Buffer.from("café,1\n", "latin1"),
      DataFormatError,
      /line 1 has a character that is not UTF-8/,
      { classNames: ["café"] },
    ],
    [
      "names of columns in Latin-1",
      Buffer.from("größe,p\n0,1\n", "latin1"),
      DataFormatError,
      /line 1 has a character that is not UTF-8, the � in "gr��e"/,
      { labelColumn: 0 },
    ],
    [
      "a text that is no name of a class",
      "ape,1\ncow,1\n",
      LabelRangeError,
      /Expected one of ape, cat as the label in .*line 2, but it is "cow"/,
      { classNames: ["ape", "cat"] },
    ],
    [
      "texts for more than 256 classes",
      Array.from({ length: 257 }, (_, i) => `n${i},1\n`).join(""),
      LabelRangeError,
      /one of the 256 texts before it as the label in .*line 257, .* name it by labelColumn/,
    ],
    ["a text of absurd length", `${"x".repeat(201)},1\n`, LabelRangeError, /a text of 1 to 200 characters/],
    [
      "a text for a pixel, which may be a label",
      "0,1\n0,x\n",
      DataFormatError,
      /; if that column has the labels/,
    ],
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
