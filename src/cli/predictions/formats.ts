import { printable } from "../../system/printable.js";
import { hasConfidences } from "../../training/confidence.js";
import { significant } from "../../training/history.js";
import type { Predictor } from "../../training/predictor.js";
import {
  type Answer,
  type AskedExample,
  confidenceOf,
  type ExampleKey,
  nameOfClass,
  numbersOf,
  wordFor,
} from "./answer.js";
import type { AskedModel } from "./asked-model.js";

// Answers for many examples: a line for each.

export const ANSWER_FORMATS = ["text", "jsonl", "csv"] as const;
export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

/** Writes answers. */
export interface AnswerWriter {
  /** What comes before all answers, with its line break. */
  readonly head: string;
  /** The line of an answer, with its line break. */
  line(answer: Answer): string;
}

/** @param first The first examples: whether they are told apart by ids, and whether it is known what they really are, gives columns. */
export function answerWriter(
  format: AnswerFormat,
  { network, predictor }: Pick<AskedModel, "network" | "predictor">,
  first: readonly Pick<AskedExample, "key" | "truth">[],
): AnswerWriter {
  if (format === "csv") {
    const kinds = first.map(({ key }) => key.kind);
    const key = kinds.find((kind) => kind !== "row") ?? "row";
    return csvWriter(predictor, {
      key,
      hasConfidence: predictor.learns === "classes" && hasConfidences(network),
      hasTruth: first.some(({ truth }) => truth.length > 0),
    });
  }
  const line = format === "jsonl" ? jsonLine : textLine;
  return { head: "", line: (answer) => line(predictor, answer) };
}

function jsonLine(predictor: Predictor, answer: Answer): string {
  const { key, predicted, truth, notes } = answer;
  const isClass = predicted !== null;
  const confidence = confidenceOf(answer);
  return `${JSON.stringify({
    [key.kind]: key.value,
    ...(isClass && { predicted, name: nameOfClass(predictor, predicted) }),
    ...(confidence !== null && { confidence }),
    ...(truth.length > 0 && (isClass ? { label: truth[0] } : { target: truth })),
    [wordFor(predictor)]: numbersOf(predictor, answer),
    ...(notes !== undefined && { notes }),
  })}\n`;
}

function textLine(predictor: Predictor, answer: Answer): string {
  const { key, predicted, truth, outputs } = answer;
  const what =
    key.kind === "file" ? printable(String(key.value)) : `${key.kind} ${printable(String(key.value))}`;
  if (predicted === null) {
    const values = [...outputs].map((value, k) => valueText(predictor, value, k, truth[k]));
    return `${what}: ${values.join(", ")}\n`;
  }
  const [label] = truth;
  const trueClass = label === undefined ? "" : ` (true class: ${nameOfClass(predictor, label)})`;
  const words = { probabilities: "probability", activations: "activation", values: "value" } as const;
  const numbers = numbersOf(predictor, answer);
  const number = numbers.length === 1 ? numbers[0] : numbers[predicted];
  const amount = `${words[wordFor(predictor)]} ${(number as number).toFixed(4)}`; // One for each class.
  return `${what}: ${nameOfClass(predictor, predicted)}${trueClass}, ${amount}\n`;
}

function valueText(
  { valueNames, outputs }: Predictor,
  value: number,
  k: number,
  trueValue: number | undefined,
): string {
  const name = valueNames?.[k] ?? (outputs === 1 ? undefined : `output ${k}`);
  const end = trueValue === undefined ? "" : ` (true value: ${trueValue})`;
  return `${name === undefined ? "" : `${printable(name)} `}${significant(value)}${end}`;
}

/** By RFC 4180, but for line feeds alone at the ends of lines, as most programs write them. */
function csvWriter(
  predictor: Predictor,
  {
    key,
    hasConfidence,
    hasTruth,
  }: { readonly key: ExampleKey["kind"]; readonly hasConfidence: boolean; readonly hasTruth: boolean },
): AnswerWriter {
  const isOfClasses = predictor.learns === "classes";
  const truthNames = isOfClasses ? ["label"] : predictor.outputs === 1 ? ["target"] : targets(predictor);
  const columns = [
    key,
    ...(isOfClasses ? ["predicted", "name"] : []),
    ...(hasConfidence ? ["confidence"] : []),
    ...(hasTruth ? truthNames : []),
    ...numberNames(predictor),
  ];
  return {
    head: csvLine(columns),
    line(answer) {
      const { predicted, truth } = answer;
      const confidence = confidenceOf(answer);
      return csvLine([
        answer.key.value,
        ...(predicted === null ? [] : [predicted, nameOfClass(predictor, predicted)]),
        ...(confidence === null ? [] : [confidence]),
        ...(hasTruth ? truthNames.map((_, k) => truth[k] ?? "") : []),
        ...numbersOf(predictor, answer),
      ]);
    },
  };
}

function targets({ outputs }: Predictor): readonly string[] {
  return Array.from({ length: outputs }, (_, k) => `target_${k}`);
}

/** What the columns of numbers are called: `probability_7`, `activation_ankle boot`, or the value's own name. */
function numberNames(predictor: Predictor): readonly string[] {
  const { outputs, givesProbabilities, valueNames, learns } = predictor;
  if (learns === "values") {
    return Array.from(
      { length: outputs },
      (_, k) => valueNames?.[k] ?? (outputs === 1 ? "value" : `value_${k}`),
    );
  }
  const word = givesProbabilities ? "probability" : "activation";
  const isOne = outputs === 1;
  if (isOne && !givesProbabilities) return [word];
  return Array.from({ length: isOne ? 2 : outputs }, (_, k) => `${word}_${nameOfClass(predictor, k)}`);
}

function csvLine(fields: readonly (string | number)[]): string {
  return `${fields.map((field) => (typeof field === "number" ? String(field) : csvField(field))).join(",")}\n`;
}

/** Quoted where it has a meaning for whoever reads it; line breaks and what else a terminal would act on are made harmless. */
function csvField(text: string): string {
  const shown = printable(text);
  return /[",;\t]|^\s|\s$/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}
