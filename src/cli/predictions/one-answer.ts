import { printable } from "../../system/printable.js";
import { hasConfidences, outputsByClass } from "../../training/confidence.js";
import { significant } from "../../training/history.js";
import { print, printJson } from "../process.js";
import { type Answer, confidenceOf, decimals, nameOfClass } from "./answer.js";
import type { AskedModel } from "./asked-model.js";

/** Tells a person, or by one document of JSON a program, what the model makes of the one example that was asked for. */
export function tellAnswer(answer: Answer, model: AskedModel, json: boolean): void {
  if (answer.predicted === null) tellValues(answer, model, json);
  else tellClass(answer, answer.predicted, model, json);
}

function tellValues(
  { outputs, truth, notes = [] }: Answer,
  { predictor: { valueNames: names } }: AskedModel,
  json: boolean,
): void {
  if (json) {
    printJson({ values: decimals(outputs), names, target: truth.length === 0 ? null : truth, notes });
    return;
  }
  for (const note of notes) print(note);
  for (const [i, value] of outputs.entries()) {
    const name = names?.[i] ?? (outputs.length === 1 ? "" : `output ${i}`);
    const trueValue = truth[i] === undefined ? "" : ` (true value: ${truth[i]})`;
    print(`Predicted: ${name === "" ? "" : `${printable(name)} `}${significant(value)}${trueValue}`);
  }
}

function tellClass(
  answer: Answer,
  predicted: number,
  { network, predictor }: AskedModel,
  json: boolean,
): void {
  const { outputs: given, truth, notes = [] } = answer;
  const nameOf = (label: number) => nameOfClass(predictor, label);
  const outputs = [...given];
  const [label = null] = truth;
  if (json) {
    const confidence = confidenceOf(answer);
    printJson({ predicted, name: nameOf(predicted), confidence, label, activations: decimals(given), notes });
    return;
  }
  for (const note of notes) print(note);
  print(`Predicted: ${nameOf(predicted)}${label === null ? "" : ` (true class: ${nameOf(label)})`}`);
  const isSure = hasConfidences(network);
  const word = predictor.givesProbabilities ? "probability" : isSure ? "activation" : "output";
  // Of a single output that is no share, there is no second one for the other class.
  const byClass = isSure ? outputsByClass(outputs) : outputs;
  const ranked = byClass.map((activation, c) => ({
    activation,
    label: byClass.length === 1 ? predicted : c,
  }));
  ranked.sort((a, b) => b.activation - a.activation);
  for (const { activation, label: c } of ranked.slice(0, 3)) {
    print(`  ${nameOf(c)}: ${word} ${activation.toFixed(4)}`);
  }
}
