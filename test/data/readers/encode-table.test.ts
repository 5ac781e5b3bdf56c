import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeTable, type SplitTableOptions, splitTable } from "../../../src/data/readers/encode-table.js";
import { loadTable } from "../../../src/data/readers/table.js";
import { exampleCount } from "../../../src/data/stream.js";
import { DataFormatError } from "../../../src/errors.js";
import { encode, load, write } from "../../support/tables.js";

describe("a table for a network that was trained on another", () => {
  const training = "a,colour,y\n1,red,p\n2,green,q\n3,red,p\n";
  const known = async () => (await encode(training)).columns;

  it("is read by names, whatever the order of its columns, and what else it has is ignored", async () => {
    const columns = await known();
    const text = "id,,id,y,colour,a\n7,,x,q,green,5\n8,?,,p,red,-1\n";
    const { rows, names, targets, columns: same } = await encode(text, { columns });
    expect(rows).toEqual([
      [5, 1, 0],
      [-1, 0, 1],
    ]);
    expect(names).toEqual(["a", "colour=green", "colour=red"]);
    expect(targets).toMatchObject({ labels: Uint8Array.of(1, 0), classNames: ["p", "q"] });
    expect(same).toEqual(columns);
  });

  it("gives the same numbers for any order of columns and rows", async () => {
    const columns = await known();
    const names = ["a", "colour", "y"];
    const cells = [
      ["1", "red", "p"],
      ["-2.5", "green", "q"],
      ["1e3", "red", "q"],
    ];
    const expected = (await encode([names, ...cells].map(String).join("\n"), { columns })).rows;
    const orders = fc.record({
      columns: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      rows: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const lines = [names, ...order.rows.map((i) => cells[i] ?? [])];
        const text = lines.map((fields) => order.columns.map((j) => fields[j]).join(",")).join("\n");
        const { rows } = await encode(text, { columns });
        expect(rows).toEqual(order.rows.map((i) => expected[i]));
      }),
      { numRuns: 30 },
    );
  });

  it("needs no target to be predicted, and cannot be split then", async () => {
    const columns = await known();
    const { rows, targets, table } = await encode("colour,a\nred,5\n", { columns });
    expect([rows, targets]).toEqual([[[5, 0, 1]], undefined]);
    expect(() => splitTable(table)).toThrow(
      `${table.file} has no column y, the target, so that its rows can only be predicted.`,
    );
  });

  it("takes a column of texts that are numbers as categories", async () => {
    const { columns } = await encode("code,y\n1,p\n2b,q\n");
    expect((await encode("code,y\n1,p\n", { columns })).rows).toEqual([[1, 0]]);
  });

  it.each<[what: string, text: string, fault: string]>([
    [
      "without a column that is needed",
      "a,y\n1,p\n",
      "FILE has no column colour, which the network was trained on; its columns are a, y.",
    ],
    ["with a needed column twice", "a,colour,a\n1,red,2\n", "FILE has several columns named a"],
    [
      "with another category",
      "a,colour\n1,red\n2,blue\n",
      'Expected one of green, red, the categories of the training rows, in FILE, line 3, column colour, but it is "blue"; leave out the row or the column.',
    ],
    [
      "with a text for a number",
      "a,colour\nx,red\n",
      'Expected a finite number in FILE, line 2, column a, but it is "x".',
    ],
    [
      "with another class",
      "a,colour,y\n1,red,r\n",
      'Expected one of the classes p, q in FILE, line 2, column y, but it is "r".',
    ],
    [
      "with a value that is missing",
      "a,colour\n1,red\n2,NA\n",
      'A value is missing in FILE, line 3, column colour, where it is "NA"',
    ],
  ])("is refused %s", async (_, text, fault) => {
    const file = write(text);
    const columns = await known();
    const error = await loadTable(file, { columns })
      .then((table) => encodeTable(table))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataFormatError);
    expect(String(error)).toContain(fault.replaceAll("FILE", file));
  });

  it("has no other target", async () => {
    const columns = await known();
    await expect(load(training, { columns, targetColumn: "a" })).rejects.toThrow(
      "Expected no other targetColumn and task than y and classify, which the network was trained for, but received a and classify.",
    );
    await expect(load(training, { columns, targetColumn: "y" })).resolves.toHaveProperty("known", columns);
  });
});

describe("splitTable", () => {
  const lines = Array.from({ length: 140 }, (_, i) => `${i},${["x", "z"][i % 2]},${["p", "q"][i % 2]}\n`);
  const text = `n,t,y\n${lines.join("")}`;

  it("splits by class in equal shares, and values at random", async () => {
    const classes = splitTable(await load(text), { seed: 4 }).parts;
    expect([classes.train, classes.validation, classes.test].map(exampleCount)).toEqual([110, 10, 20]);
    expect(classes.test.rows.filter((row) => row % 2 === 0)).toHaveLength(10);
    const options = { targetColumn: "n", task: "regress" } as const;
    const values = splitTable(await load(text, options), { seed: 4 }).parts;
    expect([values.train, values.validation, values.test].map(exampleCount)).toEqual([110, 10, 20]);
    expect(values.test.features).toBe(values.train.features);
    await expect(load(text).then((table) => splitTable(table, { split: "official" }))).rejects.toThrow(
      /no test set of their own/,
    );
  });

  it("learns categories on the training rows alone", async () => {
    const { parts, columns } = splitTable(await load(text));
    const [row = 0] = parts.validation.rows;
    const [learned = 0] = parts.train.rows;
    const rare = (at: number) => text.replace(`\n${at},${["x", "z"][at % 2]},`, `\n${at},rare,`);
    await expect(load(rare(row)).then((table) => splitTable(table))).rejects.toThrow(
      `line ${row + 2}, column t, but it is "rare"; leave out the row or the column.`,
    );
    const again = splitTable(await load(rare(learned)));
    expect(again.columns.features[1]).toEqual({
      name: "t",
      kind: "category",
      categories: ["rare", "x", "z"],
    });
    expect(columns.features[1]).toEqual({ name: "t", kind: "category", categories: ["x", "z"] });
  });

  it("warns the process where nobody listens", async () => {
    const table = await load("a,b,y\n1,1,p\n1,2,q\n");
    const warned = new Promise<Error>((resolve) => void process.once("warning", resolve));
    encodeTable(table);
    expect((await warned).message).toMatch(/^Column a of .* is the same in all training rows/);
  });

  it("refuses an option that it does not have", async () => {
    const table = await load(text);
    expect(() => splitTable(table, { sead: 1 } as SplitTableOptions)).toThrow("did you mean seed?");
  });
});
