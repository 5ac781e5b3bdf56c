// Estimators with scikit-learn's names: a classifier of drawn digits, a regressor, and Adaline. node examples/estimators.mjs
import { Adaline, MLPClassifier, MLPRegressor, RandomState, syntheticDigits } from "mnist-native";

// Digits: the images stay bytes. Two numbers of an example would do as well: [[5.1, 3.5], …].
const train = syntheticDigits({ count: 2000, seed: 1 });
const test = syntheticDigits({ count: 500, seed: 2 });
const classifier = new MLPClassifier({
  hiddenLayerSizes: [50],
  randomState: 1,
  earlyStopping: true,
  nIterNoChange: 5,
  dropout: 0.2,
});
await classifier.fit(train.features, train.targets.labels);
const accuracy = await classifier.score(test.features, test.targets.labels);
console.log(`Digits: ${(accuracy * 100).toFixed(1)} % right after ${classifier.nIter} epochs.`);

// A wave. Saved and loaded, it predicts the same and could go on to learn.
const random = new RandomState(7);
const X = Array.from(random.uniform(-3, 3, 300), (x) => [x]);
const y = X.map(([x]) => Math.sin(x));
const regressor = new MLPRegressor({
  hiddenLayerSizes: [20, 20],
  activation: "tanh",
  solver: "lbfgs",
  randomState: 1,
});
await regressor.fit(X, y);
const again = MLPRegressor.fromJSON(JSON.parse(JSON.stringify(regressor)));
const [sine] = await again.predict([[1]]);
console.log(`Wave: R2 ${(await regressor.score(X, y)).toFixed(4)}, the sine of 1 is ${sine.toFixed(2)}.`);

// One linear unit, which learns what side of a line a point is on.
const points = X.map(([x], i) => [x, X[(i + 1) % X.length][0]]);
const sides = points.map(([a, b]) => (a + b > 0 ? "above" : "below"));
const adaline = await new Adaline({ eta: 0.05 }).fit(points, sides);
console.log(`Line: ${((await adaline.score(points, sides)) * 100).toFixed(1)} % right.`);
