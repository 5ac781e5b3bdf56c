import { niceScale, type ScaleOptions, tickFormat } from "./axis-scale.js";
import { textWidth } from "./svg.js";

/** Where an axis starts and ends, and its ticks. Places on it are values or, where it is logarithmic, their decimal logarithms. */
export interface Axis {
  readonly min: number;
  readonly max: number;
  /** Places, from the least. */
  readonly ticks: readonly number[];
  /** Places of the lines between the ticks. */
  readonly minor: readonly number[];
  /** The place of a value; NaN where it has none. */
  readonly place: (value: number) => number;
  /** What stands at a tick. */
  readonly label: (place: number) => string;
}

/** An axis in even steps. */
export function linearAxis(values: readonly number[], options: ScaleOptions = {}): Axis {
  const { min, max, interval } = niceScale(values, options);
  const steps = Math.round((max - min) / interval);
  const ticks = Array.from({ length: steps + 1 }, (_, i) => Number((min + i * interval).toPrecision(12)));
  return { min, max, ticks, minor: [], place: (value) => value, label: tickFormat(interval) };
}

/** Before the first and after the last epoch, so that their points do not stand on the edge. */
const EDGE = 12;
const GAP_BETWEEN_LABELS = 10;

/**
 * An axis of epochs, which are counted from 1: a tick at the first and at the last, and between them at all or at multiples of
 * 2, 5, 10, …, as its length in pixels allows.
 */
export function epochAxis(last: number, length: number, textSize: number): Axis {
  const end = Math.max(1, last);
  const room = textWidth(end.toLocaleString("en-US"), textSize) + GAP_BETWEEN_LABELS;
  const pixelsPerEpoch = (length - 2 * EDGE) / Math.max(1, end - 1);
  const edge = end === 1 ? 0.5 : EDGE / pixelsPerEpoch;
  const step = roundStep(room / pixelsPerEpoch);
  const between = Array.from({ length: Math.floor(end / step) }, (_, i) => (i + 1) * step).filter(
    (epoch) => (epoch - 1) * pixelsPerEpoch >= room && (end - epoch) * pixelsPerEpoch >= room,
  );
  return {
    min: 1 - edge,
    max: end + edge,
    ticks: [...new Set([1, ...between, end])],
    minor: [],
    place: (value) => value,
    label: (epoch) => epoch.toLocaleString("en-US"),
  };
}

/** The least of 1, 2, 5, 10, … that is not smaller. */
function roundStep(least: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(least)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

/** From this ratio on between the largest and the least, small values lie on the axis of an axis in even steps. */
const DECADE = 10;

/** Whether values of more than 0 are so far apart that a logarithmic axis shows them better. */
export function spansDecades(values: readonly number[]): boolean {
  const [least, most] = positiveExtent(values);
  return most / least >= DECADE;
}

const MOST_TICKS = 9;

/** A logarithmic axis: it has no place for 0 and less. */
export function logAxis(values: readonly number[]): Axis {
  const [least, most] = positiveExtent(values);
  const powers = rangeOf(Math.floor(Math.log10(least)), Math.ceil(Math.log10(most)));
  const steps = powers.flatMap((power) => [1, 2, 5].map((factor) => at(factor, power)));
  const min = steps.findLast((value) => value <= least) ?? least;
  const max = steps.find((value) => value >= most) ?? most;
  const inside = (value: number) => value >= min && value <= max;
  const every = Math.ceil(powers.length / 8);
  const fine = steps.filter(inside);
  const coarse = powers.filter((_, i) => i % every === 0).map((power) => at(1, power));
  const ticks = fine.length <= MOST_TICKS ? fine : coarse.filter(inside);
  const minor = powers
    .flatMap((power) => rangeOf(1, 9).map((factor) => at(factor, power)))
    .filter((value) => inside(value) && !ticks.includes(value) && every === 1);
  return {
    min: Math.log10(min),
    max: Math.log10(max),
    ticks: ticks.map(Math.log10),
    minor: minor.map(Math.log10),
    place: (value) => (value > 0 ? Math.log10(value) : Number.NaN),
    label: (place) => logLabel(Number((10 ** place).toPrecision(6))),
  };
}

function positiveExtent(values: readonly number[]): readonly [least: number, most: number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  return [
    positive.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    positive.reduce((most, value) => Math.max(most, value), 0),
  ];
}

/** By its digits, because a product of powers is off by the last bit. */
function at(factor: number, power: number): number {
  return Number(`${factor}e${power}`);
}

function rangeOf(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function logLabel(value: number): string {
  return value < 1e-4 || value >= 1e6
    ? value.toExponential().replace("e+", "e")
    : value.toLocaleString("en-US", { maximumFractionDigits: 6 });
}
