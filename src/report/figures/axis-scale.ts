/** Where an axis starts and ends, and how far its ticks are apart. */
export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly interval: number;
}

export interface ScaleOptions {
  /** The least distance between ticks: 1 where the axis counts. Default: 0. */
  readonly minInterval?: number;
  /** The largest value there can be: values that are all the same get no room above it. Default: none. */
  readonly limit?: number;
}

/** What is smaller counts as 0: powers of ten near the end of the number range would come out as 0 themselves. */
const TINY = 1e-290;

/** An axis that holds the values, in four to eight steps of 1, 2 or 5 times a power of ten. */
export function niceScale(
  values: readonly number[],
  { minInterval = 0, limit = Number.POSITIVE_INFINITY }: ScaleOptions = {},
): Scale {
  const [low, high] = extent(values, limit);
  const rough = (high - low) / 7;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const interval = Math.max(minInterval, nice);
  const whole = (steps: number) => Number((steps * interval).toPrecision(12));
  return { min: whole(Math.floor(low / interval)), max: whole(Math.ceil(high / interval)), interval };
}

/** The least and the largest of the values, or a little around them where no tick could tell them apart. */
function extent(values: readonly number[], limit: number): readonly [low: number, high: number] {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  if (values.length === 0 || magnitude < TINY) {
    return [0, 1];
  }
  const margin = high - low < magnitude * 1e-6 ? magnitude / 50 : 0;
  return [low - margin, Math.max(high, Math.min(limit, high + margin))];
}

/** Writes ticks with as many decimals as tell them apart. */
export function tickFormat(interval: number): (value: number) => string {
  const decimals = Math.max(0, -Math.floor(Math.log10(interval) + 1e-9));
  return decimals > 6
    ? (value) => String(Number(value.toPrecision(6)))
    : (value) =>
        value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
