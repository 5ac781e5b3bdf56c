/** Gives the loss at x, and writes its gradient. */
export type TestFunction = (x: Float64Array, gradient: Float64Array) => number;

const rosenbrock: TestFunction = (x, gradient) => {
  gradient.fill(0);
  let loss = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    const [a, b] = [at(x, i), at(x, i + 1)];
    loss += 100 * (b - a * a) ** 2 + (1 - a) ** 2;
    gradient[i] = at(gradient, i) - 400 * a * (b - a * a) - 2 * (1 - a);
    gradient[i + 1] = 200 * (b - a * a);
  }
  return loss;
};

/** The functions of scripts/record-lbfgs.py, which says what they are for. */
export const FUNCTIONS = {
  rosenbrock,
  biased(x, gradient) {
    const loss = rosenbrock(x, gradient);
    for (let i = 0; i < x.length; i++) gradient[i] = at(gradient, i) + (i % 2 === 0 ? 3 : -3);
    return loss;
  },
  quadratic: separable((x, i, n) => {
    const scale = 10 ** ((4 * i) / (n - 1));
    return [0.5 * scale * (x - 1) ** 2, scale * (x - 1)];
  }),
  hills: separable((x, i) => {
    const index = i + 1;
    return [
      (index * x * x) / 20 + 3 * Math.cos(2 * x + index),
      (index * x) / 10 - 6 * Math.sin(2 * x + index),
    ];
  }),
  quartic: separable((x, i) => [(i + 1) * (x - 2) ** 4, 4 * (i + 1) * (x - 2) ** 3]),
  valley(x, gradient) {
    const sum = x.reduce((total, value) => total + value, 0);
    const slopes = separable((value) => [Math.sqrt(1 + value ** 2), value / Math.sqrt(1 + value ** 2)]);
    const loss = slopes(x, gradient) + 1e-3 * sum ** 2;
    for (let i = 0; i < x.length; i++) gradient[i] = at(gradient, i) + 2e-3 * sum;
    return loss;
  },
} satisfies Record<string, TestFunction>;

/** A sum of functions of one number each, given with its slope. */
function separable(
  term: (x: number, i: number, n: number) => readonly [loss: number, slope: number],
): TestFunction {
  return (x, gradient) => {
    let loss = 0;
    for (let i = 0; i < x.length; i++) {
      const [value, slope] = term(at(x, i), i, x.length);
      loss += value;
      gradient[i] = slope;
    }
    return loss;
  };
}

const at = (x: Float64Array, i: number) => x[i] as number; // Each index is below the length.
