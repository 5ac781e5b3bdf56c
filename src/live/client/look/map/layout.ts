import { PCA } from "ml-pca";
import { UMAP } from "umap-js";

/** UMAP looks at so many neighbours of each point, as its authors do where nothing else is said. */
const NEIGHBOURS = 15;
/** Fewer points than this have no neighbourhoods worth the name. */
const FEWEST_FOR_UMAP = 8;
/** With a good start, twice as many move little more. */
const EPOCHS = 250;
/** Wider layers are projected to this width first, by random directions, which keep distances to a few percent. */
const WIDEST = 128;
/** UMAP's points begin within this distance of the middle. */
const START_RADIUS = 5;

/**
 * The first two principal components: the directions in which the activations differ most.
 *
 * @param activations [n_points, width]
 * @returns [n_points, 2]
 */
export function principalComponents(activations: Float32Array, width: number): Float32Array {
  const rows = centred(narrowRows(activations, width));
  const columns = rows[0]?.length ?? 0;
  const positions = new Float32Array(2 * rows.length);
  if (rows.length < 2 || columns === 0) return positions;
  const components = new PCA(covarianceOf(rows), { isCovarianceMatrix: true }).getEigenvectors();
  for (let component = 0; component < Math.min(2, columns); component++) {
    const direction = components.getColumn(component);
    rows.forEach((row, i) => {
      positions[2 * i + component] = dot(row, direction);
    });
  }
  return positions;
}

/**
 * UMAP, one epoch after the other, from where the principal components lie: the same activations give the same map.
 *
 * @param activations [n_points, width]
 * @param start [n_points, 2]
 * @returns After every epoch the share that is done, and where the points are: the same array each time.
 */
export function* umapLayout(
  activations: Float32Array,
  width: number,
  start: Float32Array,
): Generator<{ readonly done: number; readonly positions: Float32Array }> {
  const rows = narrowRows(activations, width);
  const positions = Float32Array.from(start);
  if (rows.length < FEWEST_FOR_UMAP) {
    yield { done: 1, positions };
    return;
  }
  const umap = new UMAP({
    nNeighbors: Math.min(NEIGHBOURS, rows.length - 1),
    nEpochs: EPOCHS,
    random: seededRandom(1),
  });
  const epochs = umap.initializeFit(rows);
  // Its own start is by chance, and tears classes apart that belong together; these arrays are what it moves.
  const embedding = umap.getEmbedding();
  const largest = start.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  embedding.forEach((point, i) => {
    point[0] = (START_RADIUS * (start[2 * i] ?? 0)) / (largest || 1) + (point[0] ?? 0) * 1e-3;
    point[1] = (START_RADIUS * (start[2 * i + 1] ?? 0)) / (largest || 1) + (point[1] ?? 0) * 1e-3;
  });
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step();
    embedding.forEach(([x = 0, y = 0], i) => {
      positions[2 * i] = x;
      positions[2 * i + 1] = y;
    });
    yield { done: (epoch + 1) / epochs, positions };
  }
}

/** Numbers from 0 to below 1 that are the same for the same seed: Mulberry32, by Tommy Ettinger, 2017. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @returns [n_points, at most WIDEST] */
function narrowRows(activations: Float32Array, width: number): number[][] {
  const n = width === 0 ? 0 : activations.length / width;
  const rows = Array.from({ length: n }, (_, i) => activations.subarray(i * width, (i + 1) * width));
  if (width <= WIDEST) return rows.map((row) => Array.from(row));
  const random = seededRandom(2);
  const scale = 1 / Math.sqrt(WIDEST);
  // Signs by chance serve as well as any other directions: Achlioptas, "Database-friendly random projections", 2001.
  const directions = Array.from({ length: WIDEST }, () =>
    Float32Array.from({ length: width }, () => (random() < 0.5 ? -scale : scale)),
  );
  return rows.map((row) => directions.map((direction) => dot(row, direction)));
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function centred(rows: readonly number[][]): number[][] {
  const means = (rows[0] ?? []).map(
    (_, unit) => rows.reduce((sum, row) => sum + (row[unit] ?? 0), 0) / rows.length,
  );
  return rows.map((row) => row.map((value, unit) => value - (means[unit] ?? 0)));
}

/** @param rows [n_points, n_columns], each column with a mean of 0. */
function covarianceOf(rows: readonly number[][]): number[][] {
  const columns = (rows[0] ?? []).map((_, unit) => Float64Array.from(rows, (row) => row[unit] ?? 0));
  const covariance = columns.map(() => columns.map(() => 0));
  columns.forEach((a, i) => {
    columns.slice(0, i + 1).forEach((b, j) => {
      const value = dot(a, b) / (rows.length - 1);
      (covariance[i] ?? [])[j] = value;
      (covariance[j] ?? [])[i] = value;
    });
  });
  return covariance;
}
