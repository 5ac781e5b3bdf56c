import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeTable } from "../../../src/data/readers/encode-table.js";
import { type LoadTableOptions, loadTable } from "../../../src/data/readers/table.js";
import { DataFormatError, FileAccessError, InvalidArgumentError } from "../../../src/errors.js";
import { encode, load, temporary, write } from "../../support/tables.js";

describe("loadTable and encodeTable", () => {
  it("take numbers as they are, a number for each category, and names of classes in sorted order", async () => {
    const { rows, names, targets, columns } = await encode(
      "size,colour,y,weight\n1.5,red,pear,-1e-3\n+2, green ,apple,.5\n3.,red,apple,1E2\n",
    );
    expect(names).toEqual(["size", "colour=green", "colour=red", "weight"]);
    expect(rows).toEqual([
      [1.5, 0, 1, -0.001],
      [2, 1, 0, 0.5],
      [3, 0, 1, 100],
    ]);
    expect(targets).toEqual({
      kind: "classes",
      labels: Uint8Array.of(1, 0, 0),
      classes: 2,
      classNames: ["apple", "pear"],
    });
    expect(columns).toEqual({
      features: [
        { name: "size", kind: "numeric" },
        { name: "colour", kind: "category", categories: ["green", "red"] },
        { name: "weight", kind: "numeric" },
      ],
      target: { name: "y", task: "classify", classNames: ["apple", "pear"] },
    });
  });

  it("take values to be learned", async () => {
    const { targets, columns, names } = await encode("a,price\n1,2.5\n2,-3\n", {
      targetColumn: "price",
      task: "regress",
    });
    expect(targets).toEqual({ kind: "values", data: Float64Array.of(2.5, -3), width: 1, names: ["price"] });
    expect(columns.target).toEqual({ name: "price", task: "regress" });
    expect(names).toEqual(["a"]);
  });

  it.each<[what: string, text: string]>([
    ["semicolons", "a;b;y\n1;2;p\n3;4;q\n"],
    ["tabs", "a\tb\ty\n1\t2\tp\n3\t4\tq\n"],
    [
      "Windows' line breaks, a byte order mark and empty lines",
      "\ufeff\r\na,b,y\r\n\r\n1,2,p\r\n3,4,q\r\n\r\n",
    ],
    ["quotes and spaces", '"a"," b ",y\n"1", 2 ,"p"\n3,4,q'],
    ["the target in the middle", "a,y,b\n1,p,2\n3,q,4\n"],
  ])("take %s", async (_, text) => {
    const { rows, names, targets } = await encode(text);
    expect(rows).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(names).toEqual(["a", "b"]);
    expect(targets).toMatchObject({ labels: Uint8Array.of(0, 1), classNames: ["p", "q"] });
  });

  it("take commas and line breaks within quotes as part of a text", async () => {
    const { names } = await encode('"a, b",y\n"x, 1",0\n"y\nz",1\n');
    expect(names).toEqual(["a, b=x, 1", "a, b=y\nz"]);
  });

  it("sort classes that are numbers by their value", async () => {
    const { targets } = await encode("a,y\n1,10\n2,9\n3,-1\n4,10\n");
    expect(targets).toMatchObject({ classNames: ["-1", "9", "10"], labels: Uint8Array.of(2, 1, 0, 2) });
    const mixed = await encode("a,y\n1,10\n2,9\n3,1a\n");
    expect(mixed.targets).toMatchObject({ classNames: ["10", "1a", "9"] });
  });

  it("take more classes than a byte can name", async () => {
    const lines = Array.from({ length: 300 }, (_, i) => `${i},${299 - i}\n`);
    const { targets } = await encode(`a,y\n${lines.join("")}`);
    expect(targets).toMatchObject({
      classes: 300,
      labels: Int32Array.from({ length: 300 }, (_, i) => 299 - i),
    });
  });

  it("bring back any numbers and texts that a file can hold", async () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0); // -0 is written as 0.
    const text = fc.stringMatching(/^[a-z][a-z ,;"]{0,8}[a-z]$/);
    const row = fc.tuple(finite, text, fc.integer({ min: 0, max: 2 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 2, maxLength: 12 }),
        fc.constantFrom(",", ";", "\t"),
        async (rows, separator) => {
          const quoted = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
          const all = [...rows, [0, "zz", 3] as const, [0, "zz", 4] as const];
          const lines = [["n", "t", "y"], ...all].map((fields) => fields.map(quoted).join(separator));
          const { rows: encoded, names = [], targets } = await encode(lines.join("\n"));
          const back = encoded.map(([number, ...ones]) => [
            number,
            (names[1 + ones.indexOf(1)] ?? "").slice(2),
          ]);
          expect(back).toEqual(all.map(([number, word]) => [number, word]));
          expect(encoded.every(([, ...ones]) => ones.filter((one) => one === 1).length === 1)).toBe(true);
          expect(targets?.kind).toBe("classes");
        },
      ),
      { numRuns: 40 },
    );
  });

  it("say that a column of numbers has a text, and that columns are constant", async () => {
    const said: string[] = [];
    const onNotice = (sentence: string) => void said.push(sentence);
    const file = write("a,b,c,d,y\n1,7,x,1,p\n2,7,x,2,q\nold,7,x,3,p\n");
    const table = await loadTable(file, { targetColumn: "y", task: "classify", onNotice });
    expect(said).toEqual([
      `Column a of ${file} is read as one of categories and not of numbers, because in line 4 it has "old".`,
    ]);
    const { columns } = encodeTable(table, { onNotice });
    expect(said[1]).toBe(
      `Columns b, c of ${file} are the same in all training rows, so that a network learns nothing from them.`,
    );
    expect(columns.features).toHaveLength(4);
    const numbers = await load("a,b,y\n1,1,p\n1,2,q\n2,3,p\n");
    encodeTable(numbers, { onNotice });
    expect(said).toHaveLength(2); // Column a is not constant.
    encodeTable(numbers, { trainRows: Int32Array.of(0, 1), onNotice });
    expect(said[2]).toMatch(/^Column a of .* is the same in all training rows, .* from it\.$/);
  });
});

describe("loadTable refuses", () => {
  it("the first value that is missing, in any column, and names line and column", async () => {
    const cases = fc.record({
      line: fc.integer({ min: 0, max: 5 }),
      column: fc.constantFrom(0, 1, 2),
      missing: fc.constantFrom("", "  ", "NA", "NaN", "nan", "?", '"?"', '""'),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ line, column, missing }) => {
        const cells = Array.from({ length: 6 }, (_, i) => [`${i}`, i % 2 ? "x" : "z", i % 2 ? "p" : "q"]);
        (cells[line] as string[])[column] = missing;
        const text = `num,text,y\n${cells.map((fields) => fields.join(",")).join("\n")}\n`;
        const error = await load(text).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(DataFormatError);
        const where = `line ${line + 2}, column ${["num", "text", "y"][column]}, where `;
        expect(String(error)).toMatch(`A value is missing in `);
        expect(String(error)).toContain(where);
      }),
      { numRuns: 40 },
    );
  });

  type ErrorClass = new (message: string) => Error;
  const regress: LoadTableOptions = { task: "regress" };
  it.each<[what: string, text: string, errorClass: ErrorClass, fault: string, options?: LoadTableOptions]>([
    [
      "no target column by name",
      "a,y\n1,p\n",
      InvalidArgumentError,
      "Expected the column that is to be learned, by targetColumn",
      { targetColumn: undefined },
    ],
    [
      "no task",
      "a,y\n1,p\n",
      InvalidArgumentError,
      "Expected classify or regress for task (on the command line --task) but received none",
      { task: undefined },
    ],
    [
      "another task",
      "a,y\n1,p\n",
      InvalidArgumentError,
      "but received guess",
      { task: "guess" as "classify" },
    ],
    [
      "a target that is not there",
      "a,price\n1,2\n",
      InvalidArgumentError,
      "has no column prise; did you mean price? Name one by targetColumn (on the command line --target-column): a, price.",
      { targetColumn: "prise" },
    ],
    [
      "a file without names",
      "1,2\n3,4\n",
      InvalidArgumentError,
      "its first line, which has to name the columns, holds numbers",
    ],
    [
      "a column without a name",
      ",a,y\n0,1,p\n",
      DataFormatError,
      "has no name for column 1 in its first line; name it, or leave it out if it only numbers the rows.",
    ],
    [
      "two columns of a name",
      "a,a,y\n0,1,p\n",
      DataFormatError,
      "has several columns named a; give each a name of its own.",
    ],
    ["a single column", "y\np\nq\n", DataFormatError, "has lines of one column"],
    ["no rows", "a,y\n", DataFormatError, "holds no table"],
    ["nothing", "", DataFormatError, "holds no table"],
    [
      "a line of another length",
      "a,y\n1,p\n1,2,q\n",
      DataFormatError,
      "line 3 has 3 columns where 2 were expected",
    ],
    [
      "a target of texts as a value",
      "a,y\n1,2\n2,high\n",
      DataFormatError,
      'Expected a finite number in FILE, line 3, column y, but it is "high".',
      regress,
    ],
    [
      "a number that is too large",
      "a,y\n1,2\n1e999,3\n",
      DataFormatError,
      'line 3, column a, but it is "1e999"',
      regress,
    ],
    [
      "a single class",
      "a,y\n1,p\n2,p\n",
      DataFormatError,
      'All 2 rows of FILE have "p" in column y, and a network tells classes apart; name another column',
    ],
    [
      "a long text",
      `a,y\n${"x".repeat(201)},p\nz,q\n`,
      DataFormatError,
      "at most 200 characters in FILE, line 2, column a, but it has 201",
    ],
    [
      "another encoding",
      "a,y\n\ufffd,p\nz,q\n",
      DataFormatError,
      "line 2, column a has a character that is not UTF-8",
    ],
    [
      "texts that are all different",
      `a,y\n${Array.from({ length: 1001 }, (_, i) => `t${i},${i % 2}\n`).join("")}`,
      DataFormatError,
      'at most 1000 different texts, in column a of FILE, but line 1002 has one more, "t1000"; leave the column out.',
    ],
    ["quotes that do not match", 'a,y\n"1,p\n', DataFormatError, "is not comma-separated values"],
    [
      "a line that never ends",
      Buffer.alloc((1 << 22) + 10, ",").toString(),
      DataFormatError,
      "where a row of a table was expected",
    ],
  ])("%s", async (_, text, errorClass, fault, options) => {
    const file = write(text);
    const all = { targetColumn: "y", task: "classify", onNotice: () => {}, ...options } as const;
    const error = await loadTable(file, all).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(errorClass);
    expect(String(error)).toContain(fault.replaceAll("FILE", file));
  });

  it("a file that is not there", async () => {
    await expect(
      loadTable(join(temporary, "none.csv"), { targetColumn: "y", task: "classify" }),
    ).rejects.toThrow(FileAccessError);
  });
});
