import { formatPercent, formatValue } from "../figures/describe.js";

/** A space that keeps a number and its unit on one line. */
const NO_BREAK = "\u00A0";

/** A share from 0 to 1 in percent, with two decimals. */
export function percent(share: number): string {
  return formatPercent(share * 100).replace(" %", `${NO_BREAK}%`);
}

/** A whole number with commas between thousands. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** Four significant digits, with commas between thousands. */
export function measure(value: number): string {
  return Math.abs(value) >= 10_000 ? count(Math.round(value)) : formatValue(value);
}

/** A time as a person says it. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${measure(Number((seconds * 1000).toPrecision(3)))}${NO_BREAK}ms`;
  if (seconds < 120) return `${Number(seconds.toPrecision(3))}${NO_BREAK}s`;
  const minutes = Math.round(seconds / 60);
  const rest = Math.floor(seconds % 60);
  if (minutes < 120) return `${Math.floor(seconds / 60)} min${rest === 0 ? "" : ` ${rest} s`}`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "1 image", "2 images". */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}
