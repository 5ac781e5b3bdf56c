import { describe, expect, it } from "vitest";
import {
  type CoordinateAxis,
  type CoordinateLine,
  parallelCoordinatesFigure,
} from "../../../src/report/figures/parallel-coordinates.js";
import { attribute, elements, parseSvg, texts } from "./svg-document.js";

const AXES: readonly CoordinateAxis[] = [
  { name: "learningRate", scale: "log" },
  { name: "layers.0.units", scale: "linear" },
  { name: "activation", scale: "categories" },
  { name: "validation loss", scale: "linear", top: "least" },
];
const LINES: readonly CoordinateLine[] = [
  { name: "Trial 3", values: [0.1, 100, "relu", 0.2] },
  { name: "Trial 1", values: [0.001, 0, "tanh", 0.6] },
  { name: "Trial 2", values: [0.01, 50, "relu", 1] },
];

/** Lines by their place in the list, with the points that they go through. */
function linesOf(svg: string) {
  const paths = elements(parseSvg(svg), "path").filter((path) => path.getAttribute("class") === "trial");
  return paths.map((path) => ({
    place: Number(attribute(path, "data-line")),
    values: JSON.parse(attribute(path, "data-values")),
    points: attribute(path, "d")
      .slice(1)
      .split("L")
      .map((point) => point.split(" ").map(Number) as [x: number, y: number]),
    stroke: attribute(path, "stroke"),
    opacity: Number(path.getAttribute("stroke-opacity") ?? 1),
    label: path.textContent,
  }));
}

describe("parallelCoordinatesFigure", () => {
  const svg = parallelCoordinatesFigure(AXES, LINES);
  const byPlace = linesOf(svg).toSorted((a, b) => a.place - b.place);

  it("leads each line through its values", () => {
    expect(byPlace.map(({ values }) => values)).toEqual(LINES.map(({ values }) => values));
    const y = (line: number, axis: number) => byPlace[line]?.points[axis]?.[1] ?? Number.NaN;
    // A logarithmic axis: 0.01 is in the middle between 0.001 and 0.1; an even one: 50 between 0 and 100.
    expect(y(2, 0)).toBeCloseTo((y(0, 0) + y(1, 0)) / 2, 1);
    expect(y(2, 1)).toBeCloseTo((y(0, 1) + y(1, 1)) / 2, 1);
    expect(y(0, 0)).toBeLessThan(y(1, 0)); // The largest at the top,
    expect(y(0, 3)).toBeLessThan(y(2, 3)); // but where the least is best.
    expect(y(0, 2)).toBe(y(2, 2));
    expect(y(0, 2)).not.toBe(y(1, 2));
    const x = byPlace.map(({ points }) => points.map(([x]) => x));
    expect(new Set(x.map(String)).size).toBe(1);
    expect(x[0]).toEqual(x[0]?.toSorted((a, b) => a - b));
  });

  it("names axes, ticks and values", () => {
    const words = texts(parseSvg(svg));
    for (const word of ["learningRate", "activation", "relu", "tanh", "0.001", "0.1", "100"]) {
      expect(words).toContain(word);
    }
    expect(byPlace[1]?.label).toBe(
      "Trial 1: learningRate 0.001, layers.0.units 0, activation tanh, validation loss 0.6",
    );
  });

  it("draws the best on top in a colour of its own, and the others the paler, the worse", () => {
    const drawn = linesOf(svg);
    expect(drawn.map(({ place }) => place)).toEqual([2, 1, 0]);
    expect(drawn[2]?.stroke).not.toBe(drawn[1]?.stroke);
    expect(drawn[0]?.stroke).toBe(drawn[1]?.stroke);
    expect(drawn[0]?.opacity).toBeLessThan(drawn[1]?.opacity ?? 0);
  });

  it("leaves out and counts what has no place on an axis", () => {
    const zero = { name: "Trial 9", values: [0, 10, "relu", 0.5] };
    const odd = { name: "Trial 8", values: [0.1, 10, "relu", Number.NaN] };
    const figure = parallelCoordinatesFigure(AXES, [...LINES, zero, odd]);
    expect(linesOf(figure)).toHaveLength(3);
    expect(texts(parseSvg(figure))).toContain(
      "2 of 5 trials are left out: a value has no place on its axis.",
    );
  });

  it("says so where there is nothing to draw", () => {
    for (const figure of [parallelCoordinatesFigure(AXES, []), parallelCoordinatesFigure([], LINES)]) {
      expect(texts(parseSvg(figure))).toContain("There is no trial to draw yet.");
    }
  });

  it("has a place for one axis, for one line, and for values that are all the same", () => {
    const one = parallelCoordinatesFigure([{ name: "rate", scale: "log" }], [{ name: "a", values: [0.1] }]);
    expect(linesOf(one)[0]?.points.flat().every(Number.isFinite)).toBe(true);
    const same = LINES.map((line) => ({ ...line, values: [0.1, 5, "relu", 0.5] }));
    expect(
      new Set(linesOf(parallelCoordinatesFigure(AXES, same)).map(({ points }) => String(points))).size,
    ).toBe(1);
  });

  it("escapes names, and thins out those of many categories", () => {
    const name = `<img src=x onerror="alert(1)">&`;
    const lines = Array.from({ length: 100 }, (_, i) => ({ name, values: [`${name}${i}`, i] }));
    const figure = parallelCoordinatesFigure(
      [
        { name, scale: "categories" },
        { name: "loss", scale: "linear" },
      ],
      lines,
      { title: name },
    );
    expect(elements(parseSvg(figure), "img")).toEqual([]);
    expect(linesOf(figure)).toHaveLength(100);
    expect(texts(parseSvg(figure)).length).toBeLessThan(40);
  });

  it("knows its options", () => {
    expect(() => parallelCoordinatesFigure(AXES, LINES, { tiltle: "x" } as never)).toThrow(/tiltle/);
  });
});
