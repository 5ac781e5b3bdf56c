// What several processes that train together take for a step, as formulas. Times are in seconds, sizes in bytes.
//
// A sum over all ranks is reckoned by R. Thakur, R. Rabenseifner, W. Gropp, "Optimization of Collective Communication Operations in MPICH",
// Int. J. High Performance Computing Applications 19(1), 2005: recursive doubling for short messages, and Rabenseifner's reduce-scatter with
// allgather for long ones. alpha is the latency of a message, beta the time to move a byte, gamma the time to add one to another.

/**
 * Networks that ranks may be joined by.
 *
 * @typedef {{ name: string, alpha: number, beta: number, gamma: number, source: string }} Link
 */

/** A core adds numbers about as quickly as it reads memory: some 10 GB/s. */
const GAMMA = 1e-10;

/** @type {readonly Link[]} */
export const LINKS = [
  {
    name: "10 Gb Ethernet",
    alpha: 8.9e-6,
    beta: 8 / 7.6e9,
    gamma: GAMMA,
    source:
      "8.9 µs and 7.6 Gb/s, by sockets with TCP offloaded: W. Feng, P. Balaji, C. Baron, L. N. Bhuyan, D. K. Panda, Performance characterization of a 10-Gigabit Ethernet TOE, Hot Interconnects 2005",
  },
  {
    name: "100 Gb InfiniBand",
    alpha: 1.1e-6,
    beta: 1 / 12e9,
    gamma: GAMMA,
    source: "assumed: 1.1 µs and 12 GB/s, of the 12.5 GB/s that the link has",
  },
];

/**
 * A sum of `bytes` over all ranks, by the quicker of the two algorithms.
 *
 * @param {{ alpha: number, beta: number, gamma: number }} link
 */
export function allReduceSeconds({ alpha, beta, gamma }, bytes, ranks) {
  if (ranks === 1) return 0;
  const rounds = Math.ceil(Math.log2(ranks));
  const share = (ranks - 1) / ranks;
  const recursiveDoubling = rounds * (alpha + bytes * (beta + gamma));
  const rabenseifner = 2 * rounds * alpha + 2 * share * bytes * beta + share * bytes * gamma;
  return Math.min(recursiveDoubling, rabenseifner);
}

/** Weights and biases of 784-width-10 in single precision. */
export function gradientBytes(width) {
  return 4 * (784 * width + width + 10 * width + 10);
}

/**
 * The straight line through points that is nearest by relative distance: a large time should not count for more than a small one.
 *
 * @param {readonly (readonly [x: number, y: number])[]} points With y above 0.
 * @returns {{ intercept: number, slope: number }} Neither is below 0.
 */
export function fitLine(points) {
  let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
  for (const [x, y] of points) {
    const weight = 1 / (y * y);
    w += weight;
    wx += weight * x;
    wy += weight * y;
    wxx += weight * x * x;
    wxy += weight * x * y;
  }
  const spread = w * wxx - wx * wx;
  const slope = spread > 0 ? (w * wxy - wx * wy) / spread : 0;
  const intercept = (wy - slope * wx) / w;
  if (intercept < 0) return { intercept: 0, slope: wxy / wxx };
  return slope < 0 ? { intercept: wy / w, slope: 0 } : { intercept, slope };
}

/** @param {{ intercept: number, slope: number }} line */
export function valueAt({ intercept, slope }, x) {
  return intercept + slope * x;
}

/**
 * How many times quicker a step is by several ranks than by one.
 *
 * @param {{
 *   alone: { intercept: number, slope: number },
 *   shared: { intercept: number, slope: number },
 * }} compute Seconds of a step over its rows: by one process, which updates while it sums, and by one of several, which cannot.
 */
export function speedUp(compute, link, { bytes, batchSize, ranks }) {
  const one = valueAt(compute.alone, batchSize);
  if (ranks === 1) return 1;
  return one / (valueAt(compute.shared, Math.ceil(batchSize / ranks)) + allReduceSeconds(link, bytes, ranks));
}

/** What a verdict was measured beside, where more wanted to run than there are processors; the load is that before the measurement. */
export function besideOtherWork(load, processors) {
  return load > processors
    ? ` (measured beside other work: a load of ${load.toFixed(1)} on ${processors} processors)`
    : "";
}

/** Whether a prediction is within so much of what was measured, and how far it is off. */
export function judge(predicted, measured, tolerance = 0.2) {
  const off = predicted / measured - 1;
  const percent = `${off < 0 ? "" : "+"}${(off * 100).toFixed(0)} %`;
  return Math.abs(off) <= tolerance ? `met (${percent})` : `not met (${percent})`;
}
