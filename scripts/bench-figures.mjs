// npm run bench:figures -- BENCH.json [PEERS.json]
//
// Draws the figures of BENCHMARKS.md, docs/figures/bench-*.png, from what `npm run bench -- --json BENCH.json` and
// `npm run bench:peers -- --json PEERS.json` wrote, and prints the lines that embed them. It takes dist/ (npm run build).
import { readFileSync } from "node:fs";
import { drawChart, logTicks, palette } from "./bench/chart.mjs";
import { median } from "./bench/measure.mjs";
import { flopPerImage } from "./bench/training.mjs";
import { writeFigure } from "./figure-file.mjs";

const [bench, peers] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf8")));
if (bench?.squares === undefined || (peers !== undefined && peers.gemm === undefined)) {
  console.error(
    "Expected the JSON of npm run bench and of npm run bench:peers: npm run bench:figures -- BENCH.json [PEERS.json]",
  );
  process.exit(1);
}
const { threads } = bench.machine;

await drawProducts();
if (bench.widths === undefined) console.log("No figure of the widths: a --quick run does not measure them.");
else await drawWidths();

/** Rivals are compared with what ours did in the same run, theirs. */
async function drawProducts() {
  const squares = bench.squares.float32.map(({ shape, gflops }) => ({
    shape,
    size: Number.parseInt(shape, 10),
    gflops,
  }));
  const sizes = squares.map(({ size }) => size);
  const ours = (name) =>
    squares.filter(({ gflops }) => name in gflops).map(({ size, gflops }) => [size, gflops[name]]);
  const ofPeers = (name) =>
    squares.map(({ shape, size }) => [size, median(peers.gemm[name].map((trial) => trial.float32[shape]))]);
  const native = peers === undefined ? ours("native") : ofPeers("mnist-native");
  const rivals = Object.keys(peers?.gemm ?? {}).filter((name) => name !== "mnist-native");
  const looks = {
    OpenBLAS: { color: palette.vermillion, symbol: "rect" },
    BLIS: { color: palette.green, symbol: "triangle" },
  };
  const { one, all } = bench.peak.float32;
  const limit = (rate) => [sizes[0], sizes.at(-1)].map((size) => [size, rate]);
  const png = await drawChart({
    x: { label: "Rows and columns of the matrices", ticks: sizes, log: true },
    y: { label: "GFLOP/s, float32", log: false },
    lines: [
      { name: `limit, ${threads} threads`, color: palette.muted, points: limit(all) },
      { name: `native, ${threads} threads`, color: palette.blue, symbol: "circle", points: native },
      ...rivals.map((name) => ({ name, ...looks[name], points: ofPeers(name) })),
      { name: "limit, 1 thread", color: palette.muted, dash: "dashed", points: limit(one) },
      {
        name: "native, 1 thread",
        color: palette.blue,
        dash: "dashed",
        symbol: "emptyCircle",
        points: ours("1 thread"),
      },
      { name: "js", color: palette.purple, symbol: "diamond", points: ours("js") },
    ],
  });
  embed(
    "bench-products.png",
    png,
    `GFLOP/s of the product of two square matrices in float32, from ${sizes[0]} to ${sizes.at(-1)} rows: ${[
      ends(`native on ${threads} threads`, native),
      ...rivals.map((name) => ends(name, ofPeers(name))),
      ends("native on 1 thread", ours("1 thread")),
      ends("js", ours("js")),
    ].join(", ")}; the limits are ${all.toFixed(0)} and ${one.toFixed(0)}`,
  );
}

async function drawWidths() {
  const looks = [
    { color: palette.purple, symbol: "diamond" },
    { color: palette.vermillion, symbol: "triangle" },
    { color: palette.green, symbol: "rect" },
    { color: palette.blue, symbol: "circle" },
    { color: palette.ink, symbol: "emptyCircle", dash: "dashed" },
  ];
  const rows = bench.widths.filter(({ hidden }) => hidden.length === 1);
  const widths = rows.map(({ hidden }) => hidden[0]);
  const largest = rows[0].cells.at(-1).batchSize;
  const measured = rows[0].cells.map(({ batchSize }, i) => ({
    name: `${batchSize === largest ? "all" : "batch"} ${batchSize.toLocaleString("en-US")}`,
    ...looks[i],
    points: rows.map(({ hidden, cells }) => [hidden[0], cells[i].nanosecondsPerImage / 1000]),
  }));
  const nanoseconds = (width) => flopPerImage([784, width, 10], true) / bench.peak.float32.all;
  const dense = {
    name: "dense arithmetic at the limit",
    color: palette.muted,
    points: widths.map((width) => [width, nanoseconds(width) / 1000]),
  };
  const lines = [...measured, dense];
  const png = await drawChart({
    x: { label: "Units of the hidden layer", ticks: widths, log: true },
    y: {
      label: "Training time per image (µs), float32",
      ticks: logTicks(lines.flatMap(({ points }) => points.map(([, time]) => time))),
      log: true,
    },
    lines,
  });
  embed(
    "bench-widths.png",
    png,
    `Microseconds of training for an image in float32, from ${widths[0]} to ${widths.at(-1)} units in one hidden layer: ${lines
      .map(({ name, points }) => ends(name, points))
      .join(", ")}`,
  );
}

/** For example: js 3.51 to 5.83. */
function ends(name, points) {
  return `${name} ${[points[0], points.at(-1)].map(([, value]) => Number(value.toPrecision(3))).join(" to ")}`;
}

function embed(name, png, description) {
  writeFigure(name, png);
  console.log(`![${description}](docs/figures/${name})`);
}
