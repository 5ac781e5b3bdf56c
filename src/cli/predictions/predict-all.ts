import { interruptionOf, print, printWarning } from "../process.js";
import { isTerminal } from "../terminal.js";
import { type AskedPiece, answersFor } from "./answer.js";
import type { AskedModel } from "./asked-model.js";
import { createCountDisplay } from "./count-display.js";
import { type AnswerFormat, type AnswerWriter, answerWriter } from "./formats.js";
import { withOutput } from "./output.js";

export interface PredictAllOptions {
  readonly format: AnswerFormat;
  /** `undefined`: standard output. */
  readonly out: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Predicts examples as they come, and writes a line for each: those that were read together at once, before more are read. An interruption
 * ends it after whole lines, and sets the exit code.
 */
export async function predictAll(
  pieces: AsyncIterable<AskedPiece>,
  model: AskedModel,
  { format, out, signal }: PredictAllOptions,
): Promise<void> {
  let writer: AnswerWriter | undefined;
  const display = createCountDisplay(out === undefined && isTerminal(process.stdout));
  let count = 0;
  try {
    await withOutput(out, async (write) => {
      for await (const { examples, share } of pieces) {
        signal.throwIfAborted();
        const answers = answersFor(model.predictor, examples);
        // The head comes with the first answers: where there is a fault instead, nothing is printed.
        const head = writer === undefined;
        writer ??= answerWriter(format, model, examples);
        const { line } = writer;
        await write((head ? writer.head : "") + answers.map(line).join(""));
        count += answers.length;
        display.show(count, share);
      }
      if (writer === undefined) await write(answerWriter(format, model, []).head);
    });
    if (out !== undefined) print(`${out} (${inWords(count)})`);
  } catch (error) {
    const interruption = interruptionOf(error);
    if (interruption === undefined) throw error;
    process.exitCode = interruption.exitCode;
    display.close();
    const kept = out === undefined ? "" : `, and ${out} was not written`;
    printWarning(`Interrupted after ${inWords(count)}${kept}.`);
  } finally {
    display.close();
  }
}

function inWords(count: number): string {
  return count === 1 ? "1 answer" : `${count} answers`;
}
