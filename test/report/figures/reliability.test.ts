import { describe, expect, it } from "vitest";
import { reliabilityBins } from "../../../src/metrics/calibration.js";
import { reliabilityFigure } from "../../../src/report/figures/reliability.js";
import { attribute, elements, numberOf, parseSvg } from "./svg-document.js";

describe("reliabilityFigure", () => {
  const bins = reliabilityBins(
    [0.1, 0.15, 0.55, 0.9, 0.95, 0.99, 1],
    [false, true, true, true, true, false, true],
    {
      bins: 5,
    },
  );
  const document = parseSvg(reliabilityFigure(bins));
  const bars = elements(document, "g").filter((group) => group.getAttribute("class") === "bin");

  it("has a bar for each bin that holds a prediction", () => {
    const filled = bins.filter(({ count }) => count > 0);
    expect(bars.map((bar) => [numberOf(bar, "data-lower"), numberOf(bar, "data-upper")])).toEqual(
      filled.map(({ lower, upper }) => [lower, upper]),
    );
  });

  it("draws each bar as high as its predictions are often right", () => {
    const heights = bars.map((bar) => numberOf(elements(bar, "rect")[0] as never, "height"));
    const [half = 0, whole = 0, most = 0] = heights; // 1 of 2, 1 of 1, 3 of 4.
    expect(half / whole).toBeCloseTo(0.5);
    expect(most / whole).toBeCloseTo(0.75);
  });

  it("says in words what there is to see", () => {
    expect(elements(document, "desc")[0]?.textContent).toContain("80 to 100 %: right 75.00 % of 4");
    expect(elements(bars[0] as never, "title")[0]?.textContent).toBe(
      "0 to 20 %: 2 predictions, 12.50 % sure on average, 50.00 % right",
    );
  });

  it("says that there is nothing to draw", () => {
    const empty = parseSvg(reliabilityFigure(reliabilityBins([], [])));
    expect(elements(empty, "desc")[0]?.textContent).toBe("There is no prediction to draw.");
    expect(attribute(empty.documentElement as never, "role")).toBe("img");
  });
});
