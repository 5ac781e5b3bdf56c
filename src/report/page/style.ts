/** The style sheet of the page. Colours are those of the figures (figures/theme.ts), so that both lie on the same paper. */
export const STYLE = `
:root {
  --paper: #ffffff; --raised: #f6f7f8; --ink: #1c1d20; --muted: #5c6068; --rule: #d5d8dd;
  --blue: #0072b2; --blue-rgb: 0 114 178; --vermillion-rgb: 213 94 0; --shade: rgb(0 0 0 / 0.22); --notice: #fff6e8; --notice-rule: #d55e00;
  color-scheme: light;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #16181c; --raised: #1f2227; --ink: #e8e9eb; --muted: #a4a9b2; --rule: #3a3e46;
    --blue: #56b4e9; --blue-rgb: 86 180 233; --vermillion-rgb: 230 159 0; --shade: rgb(255 255 255 / 0.3); --notice: #2a2418; --notice-rule: #e69f00;
    color-scheme: dark;
  }
  .digit, .unit img { filter: brightness(0.9); }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", "DejaVu Sans", sans-serif;
}
header, nav, main, footer { max-width: 70rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
a { color: var(--blue); text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
h1, h2, h3 { line-height: 1.2; font-weight: 650; text-wrap: balance; overflow-wrap: break-word; }
h1 { font-size: clamp(1.75rem, 1.2rem + 2.4vw, 2.5rem); margin: 0.15em 0 0.2em; letter-spacing: -0.015em; }
h1.long { font-size: 1.375rem; letter-spacing: 0; }
h2 { font-size: 1.375rem; margin: 0; letter-spacing: -0.01em; }
h3 { font-size: 1rem; margin: 0 0 0.5rem; }
p { margin: 0; }
/* Names of folders are read from the left, whatever letters they begin with. */
bdi { direction: ltr; unicode-bidi: isolate; }
code { font: 0.875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
small, .muted { color: var(--muted); }
.muted, figcaption { font-size: 0.9375rem; }

header { padding-top: clamp(1.5rem, 5vw, 3rem); }
.overline { color: var(--muted); font-size: 0.875rem; }
.gist { color: var(--muted); overflow-wrap: break-word; }
.notice {
  margin-top: 1rem; padding: 0.7rem 1rem; background: var(--notice); border-left: 3px solid var(--notice-rule);
  border-radius: 0 4px 4px 0; overflow-wrap: break-word;
}
.headline { display: grid; gap: 1.75rem 3rem; align-items: end; margin-top: 2rem; }
@media (min-width: 52rem) { .headline { grid-template-columns: auto 1fr; } .headline .stats { grid-template-columns: repeat(3, 1fr); } }
.score b { display: block; font-size: clamp(3rem, 2.2rem + 4vw, 4.5rem); line-height: 1; font-weight: 650; letter-spacing: -0.03em; font-variant-numeric: tabular-nums; }
.score span { display: block; margin-top: 0.5rem; }
.stats { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 1rem 1.25rem; margin: 0; }
.stats div { border-top: 1px solid var(--rule); padding-top: 0.6rem; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.stats dt { color: var(--muted); font-size: 0.875rem; }
.stats dd { margin: 0; font-size: 1.375rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }

nav { margin-top: 2rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; margin: 0; padding: 0.75rem 0; border-block: 1px solid var(--rule); font-size: 0.9375rem; }
nav a { text-decoration: none; display: inline-block; padding: 0.15rem 0; }
nav a:hover { text-decoration: underline; }
section { padding-top: 2.75rem; }
section > p { max-width: 44rem; margin-top: 0.35rem; }
.body { margin-top: 1.25rem; }
.body > * + *, .stats + p { margin-top: 1.25rem; }
.pair { display: grid; gap: 2rem 2.5rem; align-items: start; }
.pair > * { min-width: 0; }
@media (min-width: 56rem) { .pair { grid-template-columns: 1fr 1fr; } }
footer { margin-top: 3rem; padding-block: 1.25rem 2.5rem; color: var(--muted); font-size: 0.875rem; }

figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; overflow-wrap: break-word; }
figure > .mnist-figure { display: block; width: 100%; height: auto; max-width: 34rem; margin-top: 0.4rem; }
.readout { min-height: 1.55em; color: var(--muted); font-size: 0.9375rem; font-variant-numeric: tabular-nums; }
.point.on { fill: var(--ink); stroke: var(--paper); stroke-width: 2px; }
.scrub { display: grid; grid-template-columns: max-content minmax(8rem, 24rem); align-items: center; gap: 0.75rem; margin-top: 1rem; font-size: 0.9375rem; }
.scrub[hidden] { display: none; }
.scrub input { width: 100%; accent-color: var(--blue); margin: 0; }

/* A shadow at the edge behind which there is more; at the end, paper that scrolls along covers it. */
.scroll {
  overflow-x: auto;
  background:
    linear-gradient(to right, var(--paper) 40%, transparent) 0 0 / 2.5rem 100% no-repeat local,
    linear-gradient(to left, var(--paper) 40%, transparent) 100% 0 / 2.5rem 100% no-repeat local,
    linear-gradient(to right, var(--shade), transparent) 0 0 / 0.9rem 100% no-repeat scroll,
    linear-gradient(to left, var(--shade), transparent) 100% 0 / 0.9rem 100% no-repeat scroll;
}
.tall { overflow: auto; max-height: 36rem; }
.tall thead th { position: sticky; top: 0; background: var(--paper); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9375rem; }
/* Lines of collapsed borders do not go along with a column that stays in view. */
.numbers { width: 100%; border-collapse: separate; border-spacing: 0; }
.numbers th, .numbers td { padding: 0.34rem 0 0.34rem 1rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
.numbers th:first-child { text-align: left; padding-left: 0; font-weight: 500; white-space: normal; }
/* Names wrap between words, and inside only what is wider than this: a table would grow with them. */
.name { display: inline-block; max-width: 18rem; overflow-wrap: break-word; }
.numbers thead > tr > * { color: var(--muted); font-weight: 500; font-size: 0.875rem; vertical-align: bottom; border-bottom: 1px solid var(--muted); white-space: normal; }
.numbers tbody:not(:last-child) tr:last-child > * { border-bottom-color: var(--muted); }
.numbers .best { font-weight: 700; }
.facts th, .facts td { padding: 0.34rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; font-weight: 400; overflow-wrap: break-word; }
.facts { width: 100%; table-layout: fixed; }
.facts th { color: var(--muted); width: 42%; padding-right: 1rem; }
/* All of a long name stands at the top of the page. */
.compared thead .name { display: -webkit-inline-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden; }
.sweep td .name, .importance td { font-variant-numeric: tabular-nums; }
.sweep td .name { max-width: 14rem; white-space: normal; }
.sweep .long { min-width: 11rem; }
.numbers .word { text-align: left; }
.numbers .reason { text-align: left; white-space: normal; min-width: 14rem; overflow-wrap: anywhere; color: var(--muted); }
.numbers .bar { width: 34%; min-width: 6rem; }
.bar span { display: block; height: 0.7rem; border-radius: 2px; background: linear-gradient(var(--blue), var(--blue)) 0 0 / var(--share) 100% no-repeat, var(--raised); -webkit-print-color-adjust: exact; print-color-adjust: exact; }
.unseen { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap; }
.wide .mnist-figure { display: block; width: 100%; height: auto; max-width: none; min-width: var(--least); }
.sideways { display: none; }
.wide .scroll { margin-top: 0.4rem; }
/* The shadow of what scrolls lies behind it. */
.wide .mnist-figure > rect { fill: none; }
.mnist-figure .trial:hover { stroke: var(--ink); stroke-width: 4px; stroke-opacity: 1; }
details { margin-top: 1.25rem; }
details summary { cursor: pointer; color: var(--blue); font-size: 0.9375rem; width: fit-content; }
details[open] summary { margin-bottom: 0.75rem; }
pre span { display: inline-block; max-width: 100%; vertical-align: top; }
pre { margin: 0; padding: 0.9rem 1.1rem; background: var(--raised); border: 1px solid var(--rule); border-radius: 6px; white-space: pre-wrap; overflow-wrap: break-word; }

.matrix-side { display: grid; gap: 1.5rem 2.5rem; align-items: start; }
.matrix-side > * { min-width: 0; }
@media (min-width: 62rem) { .matrix-side.narrow { grid-template-columns: max-content minmax(0, 1fr); } }
.matrix { --cell: clamp(1.7rem, calc((100vw - 5.5rem) / var(--classes)), 2.75rem); margin: 0; }
.matrix th { font-weight: 500; font-size: 0.875rem; padding: 0 0.4rem; }
.matrix th[scope="row"] { text-align: right; max-width: 8.5rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; position: sticky; left: 0; background: var(--paper); }
.matrix thead th[scope="col"] { padding: 0.3rem 0; text-align: center; }
.matrix thead th.turned { vertical-align: bottom; }
.turned span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 8.5rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; display: inline-block; line-height: 1.1; }
.matrix thead td { height: auto; border: 0; }
.key { margin-top: 0.75rem; }
.matrix th.axis[scope="col"] { text-align: right; padding-right: 0.4rem; }
.matrix .axis { color: var(--muted); font-weight: 400; text-align: left; padding-bottom: 0.2rem; }
.matrix td { width: var(--cell); min-width: var(--cell); height: var(--cell); padding: 0; text-align: center; border: 1px solid var(--rule); color: var(--muted); font-size: clamp(0.6875rem, 0.5rem + 0.6vw, 0.875rem); }
.matrix .right, .matrix .wrong { color: var(--ink); -webkit-print-color-adjust: exact; print-color-adjust: exact; }
.matrix .right { background: rgb(var(--blue-rgb) / var(--share)); }
.matrix .wrong { background: rgb(var(--vermillion-rgb) / var(--share)); }
.matrix button { all: unset; box-sizing: border-box; width: 100%; height: 100%; min-height: var(--cell); display: grid; place-items: center; cursor: pointer; }
.matrix button:hover { box-shadow: inset 0 0 0 2px rgb(var(--blue-rgb) / 0.6); }
.matrix button:focus-visible { outline: 2px solid var(--blue); outline-offset: -1px; }
.matrix button[aria-current] { box-shadow: inset 0 0 0 2px var(--ink); }
.swatch { display: inline-block; width: 0.9em; height: 0.9em; border-radius: 2px; vertical-align: -0.08em; margin-right: 0.4em; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
.behind { min-width: 0; max-height: 38rem; overflow-y: auto; scroll-margin-top: 1rem; }
.behind [hidden] { display: none; }
.behind h3 { overflow-wrap: break-word; }
pre + h3 { margin-top: 1.25rem; }

.digits { display: flex; flex-wrap: wrap; gap: 0.9rem 0.75rem; list-style: none; margin: 0; padding: 0; font-size: 0.8125rem; line-height: 1.35; font-variant-numeric: tabular-nums; }
.behind .digits { margin-top: 0.9rem; }
.digits li { min-width: 3.5rem; }
.gallery { --zoom: 1.5; --tile: max(5.4rem, var(--word)); display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--tile), 1fr)); }
.digits b { display: block; font-weight: 600; overflow-wrap: break-word; }
.digits small { display: block; font-size: 0.75rem; }
.digit { display: block; image-rendering: pixelated; border: 1px solid var(--rule); box-sizing: content-box; max-width: calc(100% - 2px); margin-bottom: 0.3rem; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
.units { --tile: 5.4rem; display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--tile), 1fr)); gap: 0.75rem; list-style: none; margin: 0; padding: 0; }
.unit { font-size: 0.75rem; color: var(--muted); font-variant-numeric: tabular-nums; }
.unit img { display: block; width: calc(var(--tile) - 2px); height: auto; image-rendering: pixelated; border: 1px solid var(--rule); margin-bottom: 0.15rem; }
.scale { display: grid; grid-template-columns: auto minmax(4rem, 12rem) auto; gap: 0.6rem; align-items: center; width: fit-content; font-size: 0.875rem; color: var(--muted); font-variant-numeric: tabular-nums; }
.scale span { white-space: nowrap; }
.scale img { width: 100%; height: 0.7rem; border: 1px solid var(--rule); display: block; }

@media (max-width: 40rem) {
  .numbers { font-size: 0.875rem; }
  .numbers th, .numbers td { padding-left: 0.6rem; }
  .sweep td .name { max-width: 9rem; }
  .numbers .bar { min-width: 3.5rem; }
  .numbers thead > tr > * { font-size: 0.8125rem; }
  .numbers th:first-child, .compared thead td { position: sticky; left: 0; background: var(--paper); z-index: 1; }
  .compared td { white-space: normal; }
  .name { max-width: 7rem; }
  .readout { min-height: 3.1em; }
  .gallery { --zoom: 1; --tile: max(3.6rem, var(--word)); }
  .units { --tile: 3.6rem; }
}

@media (max-width: 26rem) {
  .sideways { display: block; margin-top: 0.3rem; }
  .numbers { font-size: 0.8125rem; }
  .numbers th, .numbers td { padding-left: 0.4rem; }
  .numbers thead > tr > * { font-size: 0.75rem; }
}

@media print {
  @page { margin: 14mm; }
  body { font-size: 10pt; }
  header, main, footer { max-width: none; padding-inline: 0; }
  nav, .scrub, .readout, .hint, details:not([open]) { display: none; }
  section { padding-top: 1.5rem; }
  h2, h3, figcaption, section > p, thead { break-after: avoid; }
  figure, p, tr, .digits li, .unit, .stats, .matrix, .facts, pre { break-inside: avoid; }
  .gallery { --zoom: 1; --tile: max(3.6rem, var(--word)); }
  .units { --tile: 3.6rem; }
  .pair { grid-template-columns: 1fr 1fr; gap: 1rem; }
  .tall, .behind { max-height: none; overflow: visible; }
  .scroll { overflow: visible; background: none; }
  .wide .mnist-figure { min-width: 0; }
  .sideways { display: none; }
  .sweep { font-size: 8pt; }
  .sweep th, .sweep td { white-space: normal; overflow-wrap: anywhere; padding-left: 0.5rem; }
  .numbers .reason { min-width: 0; }
  .numbers th, .numbers td, .matrix th[scope="row"], .tall thead th { position: static; }
  .compared { table-layout: fixed; font-size: 8pt; }
  .compared th, .compared td { white-space: normal; overflow-wrap: anywhere; padding-left: 0.5rem; }
  .compared thead > tr > * { font-size: 7.5pt; }
  .name { max-width: 100%; }
  .point.on { fill: none; stroke: none; }
  .matrix { --cell: min(calc(150mm / var(--classes)), 2.2rem); }
  .matrix td { font-size: min(0.8125rem, calc(var(--cell) * 0.38)); }
  .matrix button { min-height: 0; }
  .matrix th { font-size: min(0.8125rem, calc(var(--cell) * 0.6)); }
}
`;
