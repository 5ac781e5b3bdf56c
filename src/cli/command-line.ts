import yargs, { type Argv } from "yargs";
import { packageVersion } from "../system/package-version.js";
import { checkGiven, optionsOf } from "./options/given.js";
import { withStandardInput } from "./options/standard-input.js";
import { EXIT_ERROR, EXIT_USAGE, reportError, UsageError, watchStandardOutput } from "./process.js";
import {
  giveFirstPrecedence,
  hasNothingToDo,
  isOneOfSeveral,
  rankOfEnvironment,
} from "./several-processes.js";

interface Command {
  readonly builder: (yargs: Argv) => unknown;
  // Each command's handler takes the arguments that its builder declares.
  readonly handler: (args: never) => void | Promise<void>;
}

/** yargs' messages, in whole sentences. */
const MESSAGES = {
  "Not enough non-option arguments: got %s, need at least %s": {
    one: "Received %s arguments, and this command needs at least %s.",
    other: "Received %s arguments, and this command needs at least %s.",
  },
  "Unknown argument: %s": {
    one: "There is no such command or argument: %s",
    other: "There are no such commands or arguments: %s",
  },
  "Not enough arguments following: %s": "Expected a value after --%s.",
  "Did you mean %s?": "There is no such command; did you mean %s?",
};

const commands: string[] = [];

/** A command's module is imported when the command is used, so that `--help` is quick. @param description `false`: it is hidden from `--help`. */
function addCommand(
  parser: Argv,
  usage: string,
  description: string | false,
  load: () => Promise<Command>,
): Argv {
  commands.push(usage.split(" ", 1)[0] as string);
  return parser.command(
    usage,
    description as string, // Its types lack `false`, which its documentation has.
    async (yargs: Argv) => (await load()).builder(yargs) as Argv,
    async (args) => (await load()).handler(args as never),
  );
}

/** yargs lays out the help of every command that runs, which takes longer than reading its options; but only of those not hidden. */
function forgoHelp(parser: Argv): void {
  for (const option of Object.keys(optionsOf(parser).key)) parser.hide(option);
}

async function main(): Promise<void> {
  const parser: Argv = yargs(withStandardInput(process.argv.slice(2)))
    .scriptName("mnist-native")
    .locale("en")
    .usage("$0 <command>\n\nTrains multilayer perceptrons at the speed of the machine.")
    .option("verbose", {
      type: "boolean",
      default: false,
      global: true,
      describe: "Show stack traces of errors",
    })
    .version(packageVersion())
    .help()
    .alias("help", "h")
    .strict()
    .recommendCommands()
    .demandCommand(1, "Expected a command.")
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    // Numbers are read in options.ts; the rest would give options names and meanings that --help does not show.
    .parserConfiguration({
      "parse-numbers": false,
      "camel-case-expansion": false,
      "boolean-negation": false,
      "dot-notation": false,
      // What comes after -- is for sbatch; of other commands, these are words like others.
      "populate--": process.argv[2] === "sweep",
    })
    .updateStrings(MESSAGES as object as Record<string, string>) // Its type lacks the plural forms.
    .middleware((args) => {
      if (args.help === true || args.version === true) return; // These come before complaints.
      checkGiven(args, parser);
      forgoHelp(parser);
    }, true)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new UsageError(asSentence(message));
    });
  addCommand(parser, "train", "Train a network and test it", () => import("./commands/train.js"));
  addCommand(
    parser,
    "find-lr",
    "Find a learning rate by a range test",
    () => import("./commands/find-lr.js"),
  );
  addCommand(
    parser,
    "cross-validate",
    "Train on all folds but one and test on that one, for each",
    () => import("./commands/cross-validate.js"),
  );
  addCommand(
    parser,
    "sweep [config]",
    "Train many networks, by settings that vary, and compare them",
    () => import("./commands/sweep.js"),
  );
  addCommand(
    parser,
    "worker",
    "Train trials of sweeps that come from a queue",
    () => import("./commands/worker.js"),
  );
  addCommand(parser, "trial <folder> <number>", false, () => import("./commands/trial.js")); // What runners of sweeps start.
  addCommand(parser, "slurm-task <folder>", false, () => import("./commands/slurm-task.js")); // What a job of Slurm starts.
  addCommand(
    parser,
    "evaluate <model>",
    "Loss and accuracy of a trained network",
    () => import("./commands/evaluate.js"),
  );
  addCommand(
    parser,
    "predict <model> [images..]",
    "What a trained network makes of pictures or other examples",
    () => import("./commands/predict.js"),
  );
  addCommand(
    parser,
    "export <model>",
    "Write a network for other programs: ONNX, NumPy, PyTorch, a table, JavaScript",
    () => import("./commands/export.js"),
  );
  addCommand(
    parser,
    "import <file>",
    "Make a run of a network from PyTorch, scikit-learn, Keras or ONNX",
    () => import("./commands/import.js"),
  );
  addCommand(
    parser,
    "reproduce",
    "Replay a run recorded by NumPy and compare",
    () => import("./commands/reproduce.js"),
  );
  addCommand(
    parser,
    "serve [paths..]",
    "Serve a page to train, draw and look at runs in the browser",
    () => import("./commands/serve.js"),
  );
  addCommand(
    parser,
    "report <runs..>",
    "Make a page that tells all of a run, or compares several",
    () => import("./commands/report.js"),
  );
  addCommand(
    parser,
    "plot <figure> [runs..]",
    "Draw a figure of the data or of a run",
    () => import("./commands/plot.js"),
  );
  addCommand(
    parser,
    "info [model]",
    "What this installation runs on, or what a model is",
    () => import("./commands/info.js"),
  );
  addCommand(
    parser,
    "data <action> [name]",
    "List, find, download or verify data sets",
    () => import("./commands/data.js"),
  );
  addCommand(parser, "doctor", "Find what is amiss, and its remedy", () => import("./commands/doctor.js"));
  addCommand(parser, "build", "Compile the addon on this machine", () => import("./commands/build.js"));
  await parser.parseAsync();
}

/** yargs' messages may have several lines and no full stop. */
function asSentence(message: string): string {
  const line = message.trim().replaceAll(/\s*\n\s*/g, " ");
  return /[.?!]$/.test(line) ? line : `${line}.`;
}

/** Runs the command that the process was started with; its errors are reported, and set the exit code. */
export async function runCommandLine(): Promise<void> {
  const verbose = process.argv.includes("--verbose");
  watchStandardOutput(verbose);
  try {
    if (hasNothingToDo(process.argv[2])) return;
    await main();
  } catch (error) {
    // Wrong options are wrong everywhere; the first process tells.
    if (isOneOfSeveral() && rankOfEnvironment() !== 0) {
      await giveFirstPrecedence();
      process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_ERROR;
      return;
    }
    const isFromYargs = error instanceof Error && error.name === "YError"; // The class is not exported.
    const command = commands.find((name) => name === process.argv[2]);
    reportError(isFromYargs ? new UsageError(asSentence(error.message)) : error, verbose, command);
  }
}
