import { createRequire } from "node:module";
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

const require = createRequire(import.meta.url);
/** This file is three folders below the root of the package, compiled or not. */
const BUNDLE = "../../../dist/third-party/echarts/echarts.cjs";

/**
 * Opens a chart without a browser, of the given size in pixels. The caller disposes of it.
 *
 * ECharts is loaded by the first chart, from its bundle of common charts, which the build copies: nobody who only trains installs the
 * other 60 MB, and one file is there in a quarter of the time that the hundreds of modules behind `echarts/core` take.
 */
export function openChart(width: number, height: number): EChartsInstance {
  const echarts = require(BUNDLE) as ECharts;
  // Without a browser it would guess, and set what stands beside a wide name upon it.
  echarts.setPlatformAPI({
    measureText: (text, font = "") => ({
      width: textWidth(text, Number.parseFloat(/[\d.]+px/.exec(font)?.[0] ?? "12")),
    }),
  });
  return echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
}
