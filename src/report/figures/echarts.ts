import { join } from "node:path";
import { MissingDependencyError } from "../../errors.js";
import { BUNDLE_ADVICE, packageRoot, requireFile } from "../../system/package-root.js";
import { textWidth } from "./svg.js";

/** As much of Apache ECharts as the line charts use. Its own declarations need the DOM's, which this package does without. */
interface ECharts {
  init(element: null, theme: null, options: InitOptions): EChartsInstance;
  setPlatformAPI(api: { readonly measureText: (text: string, font?: string) => { width: number } }): void;
}

interface InitOptions {
  readonly renderer: "svg";
  readonly ssr: true;
  readonly width: number;
  readonly height: number;
}

interface EChartsInstance {
  setOption(option: Readonly<Record<string, unknown>>): void;
  /** Pixels of a point given in the values of a grid's axes. */
  convertToPixel(finder: { readonly gridIndex: number }, point: readonly [number, number]): [number, number];
  renderToSVGString(): string;
  dispose(): void;
}

/**
 * Opens a chart without a browser, of the given size in pixels. The caller disposes of it.
 *
 * ECharts is loaded by the first chart, from its bundle of common charts, which the build copies: nobody who only trains installs the
 * other 60 MB, and one file is there in a quarter of the time that the hundreds of modules behind `echarts/core` take.
 */
export function openChart(width: number, height: number): EChartsInstance {
  const echarts = loadEcharts();
  // Without a browser it would guess, and set what stands beside a wide name upon it.
  echarts.setPlatformAPI({
    measureText: (text, font = "") => ({
      width: textWidth(text, Number.parseFloat(/[\d.]+px/.exec(font)?.[0] ?? "12")),
    }),
  });
  return echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
}

function loadEcharts(): ECharts {
  const root = packageRoot();
  if (root === null) {
    throw new MissingDependencyError(
      `Charts are drawn by a file of mnist-native that this program, a bundle, does not find; ${BUNDLE_ADVICE}.`,
    );
  }
  return requireFile(join(root, "dist", "third-party", "echarts", "echarts.cjs")) as ECharts;
}
