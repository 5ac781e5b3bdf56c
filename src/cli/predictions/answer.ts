import type { FloatArray } from "../../backend/backend.js";
import { float32Decimal } from "../../formats/float32-decimal.js";
import { printable } from "../../system/printable.js";
import { outputsByClass } from "../../training/confidence.js";
import type { Predictor } from "../../training/predictor.js";
import type { PredictorExample } from "../../training/predictor-run.js";

/** An example to predict, from wherever it comes. */
export interface AskedExample {
  readonly example: PredictorExample;
  readonly key: ExampleKey;
  /** The class, or the values, that it really has; empty where nobody knows. */
  readonly truth: readonly number[];
  /** What was done to a picture, in sentences. */
  readonly notes?: readonly string[] | undefined;
}

/** What tells an example from the others. */
export interface ExampleKey {
  readonly kind: "row" | "id" | "file";
  readonly value: string | number;
}

/** Examples that are predicted together. */
export interface AskedPiece {
  readonly examples: readonly AskedExample[];
  /** The share of all that is done with them, 0 to 1; `null` where that is not known. */
  readonly share: number | null;
}

/** What the model makes of an example. */
export interface Answer extends Omit<AskedExample, "example"> {
  /** `null` where values are learned. */
  readonly predicted: number | null;
  /** How sure the model is of the class, 0 to 1; `null` where its outputs do not tell. */
  readonly confidence: number | null;
  readonly outputs: FloatArray;
}

/** The answers for some examples, in their order. */
export function answersFor(predictor: Predictor, asked: readonly AskedExample[]): readonly Answer[] {
  const answers: Answer[] = [];
  for (let first = 0; first < asked.length; ) {
    // Lines may tell of pixels and of numbers in turn.
    const end = endOfKind(asked, first);
    const some = asked.slice(first, end);
    const { outputs, classes, confidences } = predictor.predictBatch(some.map(({ example }) => example));
    for (const [i, { example: _, ...of }] of some.entries()) {
      const own = outputs.subarray(i * predictor.outputs, (i + 1) * predictor.outputs);
      const confidence = confidences?.[i] ?? null;
      answers.push({ ...of, predicted: classes?.[i] ?? null, confidence, outputs: own });
    }
    first = end;
  }
  return answers;
}

function endOfKind(asked: readonly AskedExample[], first: number): number {
  const isPixels = (at: number) => asked[at]?.example instanceof Uint8Array;
  let end = first + 1;
  while (end < asked.length && isPixels(end) === isPixels(first)) end++;
  return end;
}

/** What a class is called: its number where it has no name. */
export function nameOfClass({ classNames }: Pick<Predictor, "classNames">, label: number): string {
  return printable(classNames?.[label] ?? String(label)); // It comes from a file.
}

/** The numbers to tell of an answer: where they are probabilities one for each class, also of a single output. */
export function numbersOf({ givesProbabilities }: Predictor, { outputs }: Answer): readonly number[] {
  if (!givesProbabilities || outputs.length > 1) return decimals(outputs);
  const shares = outputsByClass([...outputs]);
  return decimals(outputs instanceof Float32Array ? Float32Array.from(shares) : Float64Array.from(shares));
}

/** What a network gives, as people know such numbers: 0.1, and not 0.10000000149011612, which is the same as a float32. */
export function decimals(outputs: FloatArray): readonly number[] {
  return outputs instanceof Float32Array ? Array.from(outputs, float32Decimal) : [...outputs];
}

/** How sure the model is, as the decimal that its outputs are told as. */
export function confidenceOf({ confidence, outputs }: Answer): number | null {
  return confidence === null || outputs instanceof Float64Array
    ? confidence
    : float32Decimal(Math.fround(confidence));
}

/** What those numbers are. */
export function wordFor({
  learns,
  givesProbabilities,
}: Predictor): "values" | "probabilities" | "activations" {
  if (learns === "values") return "values";
  return givesProbabilities ? "probabilities" : "activations";
}
