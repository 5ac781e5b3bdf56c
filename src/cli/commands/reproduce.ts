import { fileURLToPath } from "node:url";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../../backend/select.js";
import { reproduce } from "../../chapter/reproduce.js";
import { readTrace } from "../../chapter/trace.js";
import { loadData } from "../../data/open-data.js";
import { isCanonicalMnist } from "../../data/readers/mnist.js";
import { DataFormatError } from "../../errors.js";
import {
  backendOptions,
  dataDirOption,
  jsonOption,
  readBackendOptions,
  wholeNumber,
} from "../options/shared.js";
import { EXIT_ERROR, interruptionOf, interruptSignal, print, printJson, UsageError } from "../process.js";

const CHAPTER_TRACE = fileURLToPath(new URL("../../../traces/chapter.json", import.meta.url));

const options = {
  "data-dir": dataDirOption,
  trace: {
    type: "string",
    requiresArg: true,
    defaultDescription: "the chapter's run",
    describe: "A trace that scripts/record-trace.py wrote",
  },
  epochs: {
    requiresArg: true,
    defaultDescription: "all",
    describe: "How many of the trace's epochs to replay",
  },
  ...backendOptions,
  json: jsonOption,
} as const;

type ReproduceArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options>>;

export function builder(yargs: Argv) {
  return yargs.options(options);
}

export async function handler({ json, ...args }: ReproduceArguments): Promise<void> {
  const epochs = args.epochs === undefined ? undefined : wholeNumber("epochs", args.epochs, 1);
  const backend = selectBackend(readBackendOptions(args));
  const trace = await readTrace(args.trace ?? CHAPTER_TRACE);
  if (epochs !== undefined && epochs > trace.settings.epochs) {
    throw new UsageError(
      `Expected at most ${trace.settings.epochs} for --epochs, as many as the trace has, but received ${epochs}.`,
    );
  }
  const { split_seed: seed } = trace.settings;
  const { parts } = await loadData({ dataDir: args["data-dir"], split: "chapter", seed });
  // The chapter's own trace is of MNIST; what another is of, its splits tell.
  if (args.trace === undefined && !isCanonicalMnist(parts.train)) {
    throw new DataFormatError(
      "The data set is not the published MNIST, byte for byte, so the chapter's run cannot be replayed on it; name a folder with MNIST by --data-dir, or a recording of a run on these data by --trace.",
    );
  }
  if (!json) {
    print(
      `Replaying ${count(epochs ?? trace.settings.epochs)} in float64 on the ${backend.name} backend (${backend.kernelSet}).`,
    );
    print(`${"".padEnd(24)} ${"NumPy".padEnd(40)} mnist-native`);
  }
  const { signal, release } = interruptSignal();
  try {
    const comparisons = await reproduce(trace, parts, {
      epochs,
      backend,
      signal,
      onComparison: ({ name, expected, actual, agrees }) => {
        if (!json)
          print(
            `${name.padEnd(24)} ${expected.padEnd(40)} ${actual.padEnd(40)} ${agrees ? "agrees" : "DIFFERS"}`,
          );
      },
    });
    const different = comparisons.filter(({ agrees }) => !agrees).length;
    if (json) {
      printJson({ settings: trace.settings, backend: backend.name, agrees: different === 0, comparisons });
    } else {
      print(
        different === 0
          ? `All ${comparisons.length} comparisons agree: counts exactly, mean squared errors within 1e-10.`
          : `${different} of ${comparisons.length} comparisons differ.`,
      );
    }
    if (different > 0) process.exitCode = EXIT_ERROR;
  } catch (error) {
    const interruption = interruptionOf(error);
    if (interruption === undefined) throw error;
    process.exitCode = interruption.exitCode;
    process.stderr.write("mnist-native: interrupted before all comparisons were made.\n");
  } finally {
    release();
  }
}

function count(epochs: number): string {
  return epochs === 1 ? "1 epoch" : `${epochs} epochs`;
}
