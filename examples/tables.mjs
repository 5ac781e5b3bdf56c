// Tables of one's own: numbers and texts in columns, a class or a value to be learned. The program writes two, of wines that nobody
// has drunk, and learns from them; yours come from wherever you have them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Adam,
  dense,
  encodeTable,
  evaluate,
  fit,
  loadTable,
  MultilayerPerceptron,
  predict,
  RandomState,
  splitTable,
  standardize,
} from "mnist-native";

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  console.error("Name the folder to write to: node examples/tables.mjs FOLDER");
  process.exit(2);
}

const GRAPES = ["barbera", "grignolino", "nebbiolo"];
const SOILS = ["chalk", "clay", "sand"];
const random = new RandomState(7);
const normal = (mean, deviation) => random.normal(mean, deviation, 1)[0];
const wines = Array.from({ length: 600 }, (_, i) => {
  const grape = i % 3;
  const soil = random.randint(0, 3);
  const alcohol = normal(12 + 0.6 * grape, 0.6);
  const colour = normal(3 + 2 * grape - soil, 1.2);
  const price = 4 + 3 * grape + 1.5 * (alcohol - 12) + 2 * soil + normal(0, 0.3);
  return [alcohol.toFixed(2), colour.toFixed(2), SOILS[soil], price.toFixed(2), GRAPES[grape]].join(",");
});
mkdirSync(directory, { recursive: true });
const file = join(directory, "wines.csv");
writeFileSync(file, `alcohol,colour,soil,price,grape\n${wines.join("\n")}\n`);

// A class: texts among the columns become a number for each category, and `standardize` brings all to one scale.
const classes = splitTable(await loadTable(file, { targetColumn: "grape", task: "classify" }));
const { train, test } = classes.parts;
const classifier = new MultilayerPerceptron({
  layers: [train.features.width, standardize(), dense(16, "relu"), dense(3, "softmax")],
});
await fit(classifier, train, { optimizer: new Adam(), learningRate: 0.01, epochs: 30, batchSize: 32 });
const { accuracy } = await evaluate(classifier, test);
console.log(`Grape: ${(accuracy * 100).toFixed(1)} % of the test rows are right.`);

// A value: a linear output, whose loss is the squared error.
const values = splitTable(await loadTable(file, { targetColumn: "price", task: "regress" }));
const regressor = new MultilayerPerceptron({
  layers: [values.parts.train.features.width, standardize(), dense(16, "relu"), dense(1)],
});
await fit(regressor, values.parts.train, {
  optimizer: new Adam(),
  learningRate: 0.01,
  epochs: 60,
  batchSize: 32,
});
const { loss } = await evaluate(regressor, values.parts.test);
console.log(`Price: off by ${Math.sqrt(loss).toFixed(2)} (root of the mean square) on the test rows.`);

// What has no target yet: columns are found by their names.
const unknown = join(directory, "unknown.csv");
writeFileSync(unknown, "soil,grape,colour,alcohol\nclay,nebbiolo,6.5,13.4\n");
const { inputs } = encodeTable(await loadTable(unknown, { columns: values.columns }));
const { activations } = await predict(regressor, inputs);
console.log(`A nebbiolo from clay: ${activations[0].toFixed(2)}.`);
