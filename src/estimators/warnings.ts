/** As scikit-learn's: on standard error, and for listeners to `warning` of the process. */
export function warnOfConvergence(sentence: string): void {
  process.emitWarning(sentence, { type: "ConvergenceWarning", code: "NOT_CONVERGED" });
}

export function warnOfBatchSize(batchSize: number, examples: number): void {
  process.emitWarning(
    `A batchSize of ${batchSize} is more than the ${examples} examples that there are; each epoch is a single step on all of them.`,
    { type: "MnistNativeWarning", code: "BATCH_SIZE" },
  );
}
