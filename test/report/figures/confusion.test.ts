import { describe, expect, it } from "vitest";
import { ShapeError } from "../../../src/errors.js";
import { confusionMatrix } from "../../../src/metrics/confusion-matrix.js";
import { confusionFigure } from "../../../src/report/figures/confusion.js";
import { paletteOf } from "../../../src/report/figures/theme.js";
import { attribute, elements, numberOf, parseSvg, texts } from "./svg-document.js";

const { blue, vermillion } = paletteOf("light");

interface Cell {
  readonly trueClass: number;
  readonly predicted: number;
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  readonly opacity: number;
  readonly texts: readonly string[];
  readonly tooltip: string;
}

function cellsOf(document: ReturnType<typeof parseSvg>): Cell[] {
  return elements(document, "g")
    .filter((group) => group.getAttribute("class") === "cell")
    .map((group) => {
      const [rect] = elements(group, "rect");
      if (rect === undefined) {
        throw new Error("A cell has no rectangle.");
      }
      return {
        trueClass: numberOf(group, "data-true"),
        predicted: numberOf(group, "data-predicted"),
        x: numberOf(rect, "x"),
        y: numberOf(rect, "y"),
        colour: attribute(rect, "fill"),
        opacity: numberOf(rect, "fill-opacity"),
        texts: texts(group),
        tooltip: elements(group, "title")[0]?.textContent ?? "",
      };
    });
}

describe("confusionFigure", () => {
  const matrix = confusionMatrix([0, 0, 0, 0, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1, 2, 0], 3);

  it("has a cell for each count, in the row of the true and the column of the predicted class", () => {
    const cells = cellsOf(parseSvg(confusionFigure(matrix)));
    const size = 72;
    const left = (cells[0]?.x ?? Number.NaN) - size * (cells[0]?.predicted ?? Number.NaN);
    const top = (cells[0]?.y ?? Number.NaN) - size * (cells[0]?.trueClass ?? Number.NaN);
    const found = cells.map(({ x, y, ...cell }) => {
      expect([(x - left) / size, (y - top) / size]).toEqual([cell.predicted, cell.trueClass]);
      return [cell.trueClass, cell.predicted, cell.texts[0]];
    });
    expect(found).toEqual([
      [0, 0, "3"],
      [0, 1, "1"],
      [1, 1, "2"],
      [2, 0, "1"],
      [2, 2, "1"],
    ]);
  });

  it("colours what is correct and what is mistaken differently, and more strongly for a larger share", () => {
    const cells = cellsOf(parseSvg(confusionFigure(matrix)));
    for (const { trueClass, predicted, colour } of cells) {
      expect(colour).toBe(trueClass === predicted ? blue : vermillion);
    }
    const opacity = (trueClass: number, predicted: number) =>
      cells.find((cell) => cell.trueClass === trueClass && cell.predicted === predicted)?.opacity ??
      Number.NaN;
    expect(opacity(1, 1)).toBeGreaterThan(opacity(0, 0));
    expect(opacity(0, 0)).toBeGreaterThan(opacity(2, 2));
    expect(opacity(2, 0)).toBeGreaterThan(opacity(0, 1));
  });

  it("writes zeros, axis labels, class numbers and tooltips", () => {
    const document = parseSvg(confusionFigure(matrix));
    const found = texts(document);
    expect(found).toContain("True class");
    expect(found).toContain("Predicted class");
    expect(found.filter((text) => text === "0").length).toBe(4 + 2);
    expect(cellsOf(document)[1]?.tooltip).toBe("True 0, predicted 1: 1 (25.0 % of true 0)");
    expect(elements(document, "desc")[0]?.textContent).toBe(
      "True against predicted classes of 8 examples in 3 classes; 6 on the diagonal are correct. The most frequent mistake takes 0 for 1, 1 times.",
    );
  });

  it("escapes class names, and turns and shortens long ones", () => {
    const classNames = ["<script>", "b & c", "a class with a very long name"];
    const document = parseSvg(confusionFigure(matrix, { classNames }));
    const found = texts(document);
    expect(found.filter((text) => text === "<script>").length).toBe(2);
    expect(found.filter((text) => text.startsWith("a class") && text.endsWith("…")).length).toBe(2);
    expect(elements(document, "script")).toEqual([]);
    expect(cellsOf(document)[3]?.tooltip).toContain("True a class with a very long name, predicted <script>");
    const turned = elements(document, "text").filter((text) =>
      text.getAttribute("transform")?.startsWith("rotate(-90"),
    );
    expect(turned.length).toBe(3 + 1);
  });

  it("shows 62 classes with tooltips in place of numbers", () => {
    const labels = Array.from({ length: 62 * 4 }, (_, i) => i % 62);
    const predictions = labels.map((label, i) => (i % 4 === 0 ? (label + 5) % 62 : label));
    const document = parseSvg(confusionFigure(confusionMatrix(labels, predictions, 62)));
    const cells = cellsOf(document);
    expect(cells.every((cell) => cell.texts.length === 0)).toBe(true);
    const sum = cells.reduce((total, { tooltip }) => total + Number(/: (\d+) /.exec(tooltip)?.[1]), 0);
    expect(sum).toBe(labels.length);
    expect(texts(document).filter((text) => text === "61").length).toBe(2);
  });

  it.each([1, 2])("draws %i classes without a mistake", (classes) => {
    const labels = [...Array(classes).keys()];
    const document = parseSvg(confusionFigure(confusionMatrix(labels, labels, classes)));
    expect(cellsOf(document).length).toBe(classes);
    expect(elements(document, "desc")[0]?.textContent).toContain("There is no mistake.");
  });

  it("draws a matrix without an example", () => {
    const document = parseSvg(confusionFigure(confusionMatrix([], [], 4)));
    expect(cellsOf(document)).toEqual([]);
    expect(texts(document).filter((text) => text === "0").length).toBe(16 + 2);
  });

  it("refuses another number of class names", () => {
    expect(() => confusionFigure(matrix, { classNames: ["a"] })).toThrow(ShapeError);
  });
});
