import { DOMParser, type Document, type Element } from "@xmldom/xmldom";
import { type DecodedPng, decode } from "fast-png";

/** The document, whose text must be well-formed XML, or an error. */
export function parseSvg(svg: string): Document {
  // Two things that the parser lets pass.
  const fault = /&(?!(?:amp|lt|gt|quot|#39);)|[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.exec(svg);
  if (fault !== null) {
    throw new Error(`XML cannot hold ${JSON.stringify(svg.slice(fault.index, fault.index + 20))}.`);
  }
  const onError = (level: string, message: string) => {
    // The figures put the replacement character in place of what XML cannot hold.
    if (!message.startsWith("Unicode replacement character")) {
      throw new Error(`${level}: ${message}`);
    }
  };
  return new DOMParser({ onError }).parseFromString(svg, "image/svg+xml");
}

export function root(svg: string): Element {
  const { documentElement } = parseSvg(svg);
  if (documentElement === null) throw new Error("The document is empty.");
  return documentElement;
}

export function elements(parent: Document | Element, name: string): Element[] {
  return [...parent.getElementsByTagName(name)];
}

/** The content of every text, whatever its tspans. */
export function texts(parent: Document | Element): string[] {
  return elements(parent, "text").map((element) => element.textContent ?? "");
}

export function attribute(element: Element, name: string): string {
  const value = element.getAttribute(name);
  if (value === null) {
    throw new Error(`There is no attribute ${name} in ${element.toString().slice(0, 200)}`);
  }
  return value;
}

export function numberOf(element: Element, name: string): number {
  return Number(attribute(element, name));
}

export interface ParsedTile {
  /** What the mouse sees, or `null`. */
  readonly tooltip: string | null;
  readonly text: readonly string[];
  readonly image: DecodedPng | null;
  readonly x: number;
  readonly y: number;
}

/** The tiles of a gallery, in order, with their images decoded. */
export function tilesOf(document: Document): ParsedTile[] {
  return elements(document, "g")
    .filter((group) => group.getAttribute("class") === "tile")
    .map((group) => {
      const [image] = elements(group, "image");
      const [title] = elements(group, "title");
      const [x, y] = shiftOf(group);
      const [outerX, outerY] = shiftOf(group.parentNode as Element);
      return {
        tooltip: title?.textContent ?? null,
        text: texts(group),
        image: image === undefined ? null : decodeImage(image),
        x: x + outerX,
        y: y + outerY,
      };
    });
}

function shiftOf(element: Element): [x: number, y: number] {
  const [, x = 0, y = 0] = /^translate\((\S+) (\S+)\)$/.exec(element.getAttribute("transform") ?? "") ?? [];
  return [Number(x), Number(y)];
}

export function decodeImage(image: Element): DecodedPng {
  const [, base64 = ""] = /^data:image\/png;base64,(.+)$/.exec(attribute(image, "href")) ?? [];
  return decode(Buffer.from(base64, "base64"), { checkCrc: true });
}

/** A tick of an axis: what is written at it, and where it is in pixels along the axis. */
export interface Tick {
  readonly value: number;
  readonly at: number;
}

export interface Ticks {
  readonly x: readonly Tick[];
  readonly y: readonly Tick[];
}

/**
 * The numbers along the axes of each panel of a line chart, from the top: those below it are centred, those beside it end at it. Places are in
 * the coordinates of the points.
 */
export function ticksOf(document: Document): Ticks[] {
  const numbers = elements(document, "text").flatMap((element) => {
    const place = /^translate\((\S+) (\S+)\)$/.exec(element.getAttribute("transform") ?? "");
    const value = Number((element.textContent ?? "").replaceAll(",", ""));
    const [x, y] = [Number(place?.[1]), Number(place?.[2])];
    return place === null || Number.isNaN(value)
      ? []
      : [{ value, x, y, anchor: attribute(element, "text-anchor") }];
  });
  const below = numbers.filter(({ anchor }) => anchor === "middle");
  const bottoms = [...new Set(below.map(({ y }) => y))].sort((a, b) => a - b);
  return bottoms.map((bottom, panel) => {
    const top = bottoms[panel - 1] ?? Number.NEGATIVE_INFINITY;
    const beside = numbers.filter(({ anchor, y }) => anchor === "end" && y > top && y <= bottom);
    return {
      x: below.filter(({ y }) => y === bottom).map(({ value, x }) => ({ value, at: x })),
      y: beside.map(({ value, y }) => ({ value, at: y })),
    };
  });
}

/** Reads a place in pixels off an axis, as a person with a ruler does. */
export function readOff(ticks: readonly Tick[], at: number): number {
  const first = ticks[0];
  const last = ticks.at(-1);
  if (first === undefined || last === undefined || first === last) {
    throw new Error("The axis has fewer than two ticks.");
  }
  return first.value + ((at - first.at) / (last.at - first.at)) * (last.value - first.value);
}

export interface DrawnPoint {
  readonly panel: number;
  readonly line: number;
  readonly x: number;
  readonly y: number;
  /** In pixels. */
  readonly cx: number;
  readonly cy: number;
  readonly label: string;
}

/** The points that answer to the mouse. */
export function pointsOf(document: Document): DrawnPoint[] {
  return elements(document, "circle").map((circle) => ({
    panel: numberOf(circle, "data-panel"),
    line: numberOf(circle, "data-line"),
    x: numberOf(circle, "data-x"),
    y: numberOf(circle, "data-y"),
    cx: numberOf(circle, "cx"),
    cy: numberOf(circle, "cy"),
    label: circle.textContent ?? "",
  }));
}

/** Where the markers of a line stand, in pixels: they are filled with its colour. */
export function markersOf(document: Document, colour: string): [x: number, y: number][] {
  return elements(document, "path").flatMap((path) => {
    const place = /^matrix\(3\.5,0,0,3\.5,(\S+?),(\S+?)\)$/.exec(path.getAttribute("transform") ?? "");
    return place === null || path.getAttribute("fill") !== colour
      ? []
      : [[Number(place[1]), Number(place[2])] as [number, number]];
  });
}

/** The lines in a colour: for each, its pieces between gaps, each a list of corners in pixels. */
export function linesOf(document: Document, colour: string): [x: number, y: number][][][] {
  return elements(document, "path")
    .filter((path) => path.getAttribute("stroke") === colour && path.getAttribute("fill") === "none")
    .filter((path) => path.getAttribute("stroke-linejoin") === "bevel")
    .map((path) =>
      attribute(path, "d")
        .split("M")
        .slice(1)
        .map((piece) => piece.split("L").map((corner) => corner.split(" ").map(Number) as [number, number])),
    );
}
