import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./charts.css";
import { useIsSeen } from "../parts/use-is-seen.js";
import { useMedia, useTheme } from "../parts/use-media.js";
import { ChartTable } from "./chart-table.js";
import { beyondInWords, type Chart, type Curve, describeCurves, formatEpoch } from "./curve.js";
import { alignedData, HEIGHT, inDrawingOrder, type Pointed, plotOptions } from "./plot.js";

/** A chart with its legend, which tells values where the pointer is, and a table of them on demand. */
export function LineChart({ chart, isLog = false }: { readonly chart: Chart; readonly isLog?: boolean }) {
  const titleId = useId();
  const summaryId = useId();
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [pointed, setPointed] = useState<Pointed>();
  const { curves, format } = chart;
  // What is not seen is drawn after whole epochs alone, but on paper, where all is seen.
  const isSeen = useIsSeen(frame);
  const isPrinted = useMedia("print");
  const plotted = useRef(curves);
  if (isSeen || isPrinted || stageOf(curves) !== stageOf(plotted.current)) plotted.current = curves;
  const drawn = useMemo(() => inDrawingOrder(plotted.current), [plotted.current]);
  const data = useMemo(() => alignedData(drawn, isLog), [drawn, isLog]);
  const latest = useRef({ chart, drawn, data });
  latest.current = { chart, drawn, data };
  // Another number of lines, or lines that look different, are another plot; more points are not.
  const shape = JSON.stringify([
    isLog,
    drawn.map(({ name, colour, dash, isFaint }) => [name, colour, dash, isFaint]),
  ]);

  // The shape stands for all that the plot is made from.
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const made = new uPlot(
      plotOptions({
        ...latest.current.chart,
        curves: latest.current.drawn,
        latest,
        isLog,
        width: element.clientWidth,
        onPoint: setPointed,
      }),
      latest.current.data,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => {
      const width = element.clientWidth;
      if (width > 0 && width !== made.width) made.setSize({ width, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
      setPointed(undefined);
    };
  }, [shape]);

  useEffect(() => {
    if (plot.current?.data !== data) plot.current?.setData(data);
  }, [data]);

  const beyond = isLog ? "" : beyondInWords(chart);
  const theme = useTheme();
  // The colours are read anew when the theme has changed.
  useEffect(() => plot.current?.redraw(false), [theme]);

  return (
    <figure class="chart">
      <figcaption>
        <div class="chart-head">
          <h3 id={titleId}>{chart.title}</h3>
          <span class="muted">{pointed === undefined ? "latest" : `at epoch ${formatEpoch(pointed.x)}`}</span>
        </div>
        <p class="muted chart-meaning">{chart.meaning}</p>
      </figcaption>
      <Legend curves={curves} format={format} pointed={pointed} />
      <div
        ref={frame}
        class="chart-plot"
        role="img"
        aria-labelledby={titleId}
        aria-describedby={summaryId}
        style={{ minHeight: HEIGHT }}
      />
      <p id={summaryId} class="visually-hidden">
        {describeCurves(chart)}
      </p>
      {beyond !== "" && <p class="muted chart-meaning">{beyond}</p>}
      <ChartTable chart={chart} />
    </figure>
  );
}

/** Changes with the lines that there are, and with every epoch. */
function stageOf(curves: readonly Curve[]): string {
  return JSON.stringify(curves.map(({ name, x }) => [name, Math.floor(x.at(-1) ?? 0)]));
}

function Legend({
  curves,
  format,
  pointed,
}: {
  readonly curves: readonly Curve[];
  readonly format: Chart["format"];
  readonly pointed: Pointed | undefined;
}) {
  return (
    <ul class="chart-legend" aria-label="Lines">
      {curves.map(({ name, colour, dash, isFaint, y }) => (
        <li key={name}>
          <svg class="chart-key" viewBox="0 0 28 12" aria-hidden="true">
            <line
              x1="1"
              y1="6"
              x2="27"
              y2="6"
              stroke={`var(--${colour})`}
              stroke-width={isFaint ? 1.5 : 2.5}
              stroke-dasharray={dash?.join(" ")}
            />
          </svg>
          <span>{name}</span>
          <span class="chart-value">
            {format(
              pointed === undefined
                ? (y.findLast((value) => value !== null) ?? null)
                : (pointed.values.get(name) ?? null),
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
