/**
 * What the page does in a browser: values under the pointer or at the slider, and the images behind a cell of the confusion matrix. The page
 * is whole without it; what only works with it is hidden until it runs.
 */
export const SCRIPT = `
"use strict";
// From "Training, epoch 3: 0.02" and "Validation, epoch 3: 0.03" to "Epoch 3: Training 0.02 · Validation 0.03".
const summarize = (labels) => {
  const parts = labels.map((label) => /^(?:(.*), )?(.*?): ([^:]*)$/.exec(label) ?? [label, "", "", label]);
  const [place] = parts.map((part) => part[2]);
  if (place === undefined || parts.some((part) => part[2] !== place)) return labels.join(" · ");
  return place[0].toUpperCase() + place.slice(1) + ": " + parts.map(([, name, , value]) => (name ? name + " " : "") + value).join(" · ");
};
for (const group of document.querySelectorAll("[data-curves]")) {
  const charts = [...group.querySelectorAll("figure")];
  const slider = group.querySelector("input");
  const show = (index) => {
    const texts = charts.map((chart) => {
      const points = [...chart.querySelectorAll(".point")];
      for (const point of points) point.classList.toggle("on", point.dataset.index === String(index));
      const on = points.filter((point) => point.classList.contains("on"));
      // No line ends between a number and its unit.
      const text = (summarize(on.map((point) => point.textContent)) || "No value here").replace(/(?<=\\d) (?=%|s\\b)/g, "\\u00A0");
      chart.querySelector(".readout").textContent = text;
      return text;
    });
    slider.value = index;
    slider.setAttribute("aria-valuetext", texts.join(". "));
  };
  for (const chart of charts) {
    const svg = chart.querySelector("svg");
    const points = [...svg.querySelectorAll(".point")];
    if (points.length === 0) continue;
    const showNearest = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      // Across first: a pointer between two lines means the epoch, whichever line is nearer.
      const distance = (point) => Math.abs(point.cx.baseVal.value - at.x) + Math.abs(point.cy.baseVal.value - at.y) / 1000;
      show(points.reduce((best, point) => (distance(point) < distance(best) ? point : best)).dataset.index);
    };
    svg.addEventListener("pointermove", showNearest);
    svg.addEventListener("pointerdown", showNearest);
  }
  slider.addEventListener("input", () => show(slider.value));
  slider.parentElement.hidden = slider.max === "0";
  show(slider.value);
}

for (const matrix of document.querySelectorAll(".matrix")) {
  const buttons = new Map();
  const keyOf = (row, column) => row + "," + column;
  const panels = [...document.querySelectorAll(".behind > div")];
  const behind = document.querySelector(".behind");
  const focusOnly = (button) => {
    for (const other of buttons.values()) other.tabIndex = other === button ? 0 : -1;
  };
  const open = (button, { dataset }) => {
    for (const panel of panels) panel.hidden = panel.dataset.cell !== keyOf(dataset.true, dataset.predicted);
    for (const other of buttons.values()) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    focusOnly(button);
  };
  for (const cell of matrix.querySelectorAll("td[data-label]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", cell.dataset.label);
    button.append(...cell.childNodes);
    cell.append(button);
    buttons.set(keyOf(cell.dataset.true, cell.dataset.predicted), button);
    button.addEventListener("click", () => {
      open(button, cell);
      behind.scrollIntoView({ block: "nearest" });
    });
    if (!panels.find((panel) => panel.dataset.cell === keyOf(cell.dataset.true, cell.dataset.predicted)).hidden) open(button, cell);
  }
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  matrix.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const cell = event.target.closest("td");
    if (step === undefined || cell === null) return;
    event.preventDefault();
    const classes = matrix.rows.length;
    let [row, column] = [Number(cell.dataset.true), Number(cell.dataset.predicted)];
    do {
      row += step[0];
      column += step[1];
    } while (row >= 0 && column >= 0 && row < classes && column < classes && !buttons.has(keyOf(row, column)));
    const next = buttons.get(keyOf(row, column));
    if (next === undefined) return;
    focusOnly(next);
    next.focus();
  });
}
for (const hint of document.querySelectorAll(".hint")) hint.hidden = false;
`;
