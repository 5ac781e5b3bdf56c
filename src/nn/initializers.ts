import type { RandomState } from "../random/random-state.js";
import { expectThat } from "../system/expected.js";
import { assign, matrix, type Tensor } from "../tensor/tensor.js";
import { orthonormalize } from "./orthonormalize.js";

/**
 * Draws the starting values of one layer's weights, [n_units, n_inputs].
 *
 * In a product with n_inputs terms a weight's fans are fanIn = n_inputs and fanOut = n_units. Normal distributions are whole, as PyTorch's
 * are; those of Keras' `glorot_normal`, `he_normal` and `lecun_normal` are cut off at two standard deviations. All numbers are drawn one
 * row after the other, in float64, from the stream of NumPy's `RandomState`.
 */
export interface Initializer {
  (weight: Tensor, random: RandomState): void;
  /** Draws the layer's biases, [n_units], right after its weights. Without it they are zeros, and nothing is drawn for them. */
  readonly bias?: (bias: Tensor, weight: Tensor, random: RandomState) => void;
}

/** Draws as many numbers as a weight has. */
type Draw = (random: RandomState, count: number, fanIn: number, fanOut: number) => Float64Array;

function drawnBy(draw: Draw): Initializer {
  return (weight, random) => {
    const [units, inputs] = matrix(weight);
    assign(weight, draw(random, units * inputs, inputs, units));
  };
}

/** Draws from N(0, standardDeviation²). The chapter takes 0.1 for every layer. */
export function normalInitializer(standardDeviation = 0.1): Initializer {
  return drawnBy((random, count) => random.normal(0, standardDeviation, count));
}

/**
 * Draws from the uniform distribution on [low, high). Without bounds from -0.05 to 0.05, Keras' `RandomUniform`.
 *
 * @throws InvalidArgumentError unless the bounds are finite numbers, `low` not above `high`.
 */
export function uniformInitializer(low = -0.05, high = 0.05): Initializer {
  expectThat(Number.isFinite(low), "a finite number", "low", low);
  expectThat(Number.isFinite(high) && high >= low, `a finite number of at least ${low}`, "high", high);
  return drawnBy((random, count) => random.uniform(low, high, count));
}

/** Zeros, as for a layer that should at first give nothing. Units that all start so in a hidden layer stay equal to each other. */
export function zerosInitializer(): Initializer {
  return drawnBy((_, count) => new Float64Array(count));
}

/** For a network whose weights come from elsewhere: they stay as they were made, and no memory is taken to draw any. */
export const leaveZeros: Initializer = () => {};

/**
 * What a weight's variance is: `gain / fan`. Activations keep theirs from layer to layer where it is 1 / fanIn, gradients where it is
 * 1 / fanOut.
 */
interface Scaling {
  readonly gain: number;
  readonly fan: (fanIn: number, fanOut: number) => number;
}

/** X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010: a mean of both. */
const glorot: Scaling = { gain: 2, fan: (fanIn, fanOut) => fanIn + fanOut };
/** K. He et al., "Delving deep into rectifiers", ICCV 2015: a relu lets half of its inputs' variance through. */
const he: Scaling = { gain: 2, fan: (fanIn) => fanIn };
/** Y. LeCun et al., "Efficient BackProp", in Neural Networks: Tricks of the Trade, 1998, section 4.6. */
const lecun: Scaling = { gain: 1, fan: (fanIn) => fanIn };

/** Draws from N(0, gain / fan). */
function scaledNormal({ gain, fan }: Scaling): Initializer {
  return drawnBy((random, count, fanIn, fanOut) =>
    random.normal(0, Math.sqrt(gain / fan(fanIn, fanOut)), count),
  );
}

/** Draws uniformly from [-bound, bound), whose variance bound² / 3 is gain / fan. */
function scaledUniform({ gain, fan }: Scaling): Initializer {
  return drawnBy((random, count, fanIn, fanOut) =>
    uniformWithin(Math.sqrt((3 * gain) / fan(fanIn, fanOut)), random, count),
  );
}

function uniformWithin(bound: number, random: RandomState, count: number): Float64Array {
  return random.uniform(-bound, bound, count);
}

/**
 * Uniform on [-b, b), b = sqrt(6 / (fanIn + fanOut)): for tanh, sigmoid and softmax. PyTorch's `xavier_uniform_`, Keras'
 * `GlorotUniform`; X. Glorot and Y. Bengio, AISTATS 2010, equation 16.
 */
export function glorotUniform(): Initializer {
  return scaledUniform(glorot);
}

/** N(0, 2 / (fanIn + fanOut)). PyTorch's `xavier_normal_`; X. Glorot and Y. Bengio, AISTATS 2010, equation 12. */
export function glorotNormal(): Initializer {
  return scaledNormal(glorot);
}

/** Uniform on [-b, b), b = sqrt(6 / fanIn): for relu and its kin. PyTorch's `kaiming_uniform_`, Keras' `HeUniform`; K. He et al., ICCV 2015. */
export function heUniform(): Initializer {
  return scaledUniform(he);
}

/** N(0, 2 / fanIn). PyTorch's `kaiming_normal_`; K. He et al., ICCV 2015, equation 10. */
export function heNormal(): Initializer {
  return scaledNormal(he);
}

/** Uniform on [-b, b), b = sqrt(3 / fanIn). Keras' `LecunUniform`; Y. LeCun et al., 1998. */
export function lecunUniform(): Initializer {
  return scaledUniform(lecun);
}

/** N(0, 1 / fanIn): for selu and linear units. Y. LeCun et al., 1998, equation 16. */
export function lecunNormal(): Initializer {
  return scaledNormal(lecun);
}

/**
 * Orthonormal rows, or columns where there are no more inputs than units, times `gain`: W Wᵀ = gain² I, or Wᵀ W. The factor Q of a matrix
 * drawn from N(0, 1), with the signs that make the diagonal of R positive, so that every such W is as likely as another. PyTorch's
 * `orthogonal_`; A. Saxe, J. McClelland and S. Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
 * networks", 2013, and F. Mezzadri, "How to generate random matrices from the classical compact groups", 2007.
 *
 * It takes some 4 n² m operations for n rows of m numbers (n ≤ m): a second for 512 units of 784 inputs.
 *
 * @param gain A finite number.
 * @throws InvalidArgumentError for anything else.
 */
export function orthogonal(gain = 1): Initializer {
  expectThat(Number.isFinite(gain), "a finite number", "gain", gain);
  return drawnBy((random, count, inputs, units) => {
    const drawn = random.normal(0, 1, count);
    const rows =
      units < inputs
        ? orthonormalize(drawn, units, inputs)
        : transpose(orthonormalize(transpose(drawn, units, inputs), inputs, units), inputs, units);
    return rows.map((value) => gain * value);
  });
}

/**
 * As scikit-learn's `MLPClassifier` and `MLPRegressor` begin: uniform on [-b, b), b = sqrt(6 / (fanIn + fanOut)), or
 * sqrt(2 / (fanIn + fanOut)) where the hidden units are sigmoids (its `logistic`); weights drawn input by input, and then biases within
 * the same bound.
 *
 * @param activation That of the hidden units; it decides about the output layer, too.
 */
export function sklearnUniform(activation: "identity" | "relu" | "sigmoid" | "tanh" = "relu"): Initializer {
  const factor = activation === "sigmoid" ? 2 : 6;
  const bound = (weight: Tensor) => {
    const [units, inputs] = matrix(weight);
    return Math.sqrt(factor / (inputs + units));
  };
  const initialize = (weight: Tensor, random: RandomState) => {
    const [units, inputs] = matrix(weight);
    assign(weight, transpose(uniformWithin(bound(weight), random, inputs * units), inputs, units));
  };
  const bias = (b: Tensor, weight: Tensor, random: RandomState) => {
    const [units] = matrix(weight);
    assign(b, uniformWithin(bound(weight), random, units));
  };
  return Object.assign(initialize, { bias });
}

/** @param a [rows, columns], one row after the other */
function transpose(a: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j] as number;
  }
  return out;
}

export type InitializerName =
  | "normal"
  | "uniform"
  | "zeros"
  | "glorotUniform"
  | "glorotNormal"
  | "heUniform"
  | "heNormal"
  | "lecunUniform"
  | "lecunNormal"
  | "orthogonal"
  | "sklearnUniform";

/** What a configuration file may name, each with its defaults. */
export const initializers: Readonly<Record<InitializerName, () => Initializer>> = {
  normal: () => normalInitializer(),
  uniform: () => uniformInitializer(),
  zeros: zerosInitializer,
  glorotUniform,
  glorotNormal,
  heUniform,
  heNormal,
  lecunUniform,
  lecunNormal,
  orthogonal: () => orthogonal(),
  sklearnUniform: () => sklearnUniform(),
};
