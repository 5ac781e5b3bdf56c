import type { Figure } from "../../protocol.js";

/** What stands where there is no number. */
const NONE = "–";

/** Between a number and its sign, so that both stay on one line. */
const NO_BREAK = "\u00A0";
const MINUS = "\u2212";

/** A share of 0 to 1: `98.4 %`. Only what is nothing or all is called so: `0 %`, `under 0.1 %`, `over 99.9 %`, `100 %`. */
export function formatPercent(share: Figure, digits = 1): string {
  if (share === null) return NONE;
  const text = (share * 100).toFixed(share === 0 || share === 1 ? 0 : digits);
  const step = 10 ** -digits;
  if (share > 0 && Number(text) === 0) return `under ${step.toFixed(digits)}${NO_BREAK}%`;
  if (share < 1 && Number(text) === 100) return `over ${(100 - step).toFixed(digits)}${NO_BREAK}%`;
  return `${text}${NO_BREAK}%`;
}

/** How sure a network is, 0 to 1: in whole percents, as more would only seem exact. */
export function formatSureness(share: Figure): string {
  return formatPercent(share, 0);
}

/** A plain number that a network has computed: `0.97`, `−12.30`, `1.2e+6`. */
export function formatOutput(value: Figure): string {
  if (value === null) return "no number";
  const text = Math.abs(value) >= 1e5 ? value.toExponential(1) : value.toFixed(2);
  return text.replace(/^-(?=0\.00$)/, "").replace(/^-/, MINUS);
}

/** A figure of a curve, by as many digits as tell it from the one before: `0.0213`, `12.5`, `3.4e-5`. */
export function formatFigure(value: Figure): string {
  if (value === null) return NONE;
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e6 || size < 1e-4) return value.toExponential(1);
  if (size >= 1000) return formatCount(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

export function formatCount(count: number): string {
  return count.toLocaleString("en-GB");
}

/** Images per second: three digits are all that a reader can follow while they change. */
export function formatRate(perSecond: Figure): string {
  if (perSecond === null) return NONE;
  return formatCount(Number(perSecond.toPrecision(perSecond >= 1000 ? 2 : 3)));
}

/** `8 s`, `2 min 05 s`, `1 h 20 min`. */
export function formatDuration(seconds: Figure): string {
  if (seconds === null) return NONE;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** When a run began, short: the time of today's, the date of others. `now` and the result are in the reader's time zone. */
export function formatMoment(iso: string, now: Date): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  const time = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (moment.toDateString() === now.toDateString()) return `today ${time}`;
  const isThisYear = moment.getFullYear() === now.getFullYear();
  return moment.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "numeric" }),
  });
}
