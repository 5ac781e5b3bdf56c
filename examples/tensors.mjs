// The chapter's mathematics by hand: one step of gradient descent on the exclusive-or problem, again and again.
import { MultilayerPerceptron, matmul, SGD, sigmoidBackward, tensor, toArray } from "mnist-native";

const x = tensor([0, 0, 0, 1, 1, 0, 1, 1], [4, 2], { dtype: "float64" });
const labels = Uint8Array.of(0, 1, 1, 0);
const y = tensor([1, 0, 0, 1, 0, 1, 1, 0], [4, 2], { dtype: "float64" }); // one-hot

const network = new MultilayerPerceptron({
  layers: [2, 8, 2],
  dtype: "float64",
  initializer: (weight, random) => random.normal(0, 1, weight.data),
});
const optimizer = new SGD();
const slots = network.createSlots(4);

for (let step = 0; step < 5000; step++) {
  network.trainStep({ x, values: labels }, slots, optimizer, 2);
}

// What backward computes, term by term, for the last layer.
const [hidden, outputs] = network.forward(x, slots);
network.backward({ x, values: labels }, slots);
const error = tensor(
  outputs.data.map((a, i) => (2 / 4) * (a - y.data[i])),
  [4, 2],
);
const delta = sigmoidBackward(error, outputs); // [n_examples, n_classes]
const byHand = matmul(delta, hidden, { transposeA: true });
const [byNetwork] = network.layers[1].parameters;
const gradient = toArray(byNetwork.gradient); // Row by row: weights lie in memory column by column.
const difference = Math.max(...toArray(byHand).map((value, i) => Math.abs(value - gradient[i])));

console.log("Outputs for 0 0, 0 1, 1 0, 1 1 (the second unit says: exclusive or):");
for (let i = 0; i < 4; i++) {
  console.log(`  ${outputs.data[2 * i].toFixed(3)} ${outputs.data[2 * i + 1].toFixed(3)}`);
}
console.log(`Largest difference of the gradients by hand and by the network: ${difference.toExponential(1)}`);
