#!/usr/bin/env node
import yargs, { type Argv } from "yargs";
import { reportError } from "./run.js";
import { UsageError } from "./usage.js";
import { packageVersion } from "./version.js";

interface Command {
  readonly builder: (yargs: Argv) => unknown;
  // Each command's handler takes the arguments that its builder declares.
  readonly handler: (args: never) => void | Promise<void>;
}

/** A command's module is imported when the command is used, so that `--help` is quick. */
function addCommand(parser: Argv, usage: string, description: string, load: () => Promise<Command>): Argv {
  return parser.command(
    usage,
    description,
    async (yargs: Argv) => (await load()).builder(yargs) as Argv,
    async (args) => (await load()).handler(args as never),
  );
}

async function main(): Promise<void> {
  const parser = yargs(process.argv.slice(2))
    .scriptName("mnist-native")
    .locale("en")
    .usage("$0 <command>\n\nTrains multilayer perceptrons at the speed of the machine.")
    .option("verbose", {
      type: "boolean",
      default: false,
      global: true,
      describe: "Show stack traces of errors",
    })
    .version(packageVersion)
    .help()
    .alias("help", "h")
    .strict()
    .demandCommand(1, "Expected a command.")
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .parserConfiguration({ "duplicate-arguments-array": true })
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new UsageError(asSentence(message));
    });
  addCommand(parser, "train", "Train a network and test it", () => import("./train.js"));
  addCommand(
    parser,
    "evaluate <model>",
    "Loss and accuracy of a trained network",
    () => import("./evaluate.js"),
  );
  addCommand(
    parser,
    "predict <model> [image]",
    "Classify a picture or a test example",
    () => import("./predict.js"),
  );
  addCommand(
    parser,
    "reproduce",
    "Replay a run recorded by NumPy and compare",
    () => import("./reproduce.js"),
  );
  addCommand(parser, "info", "What this installation runs on", () => import("./info.js"));
  await parser.parseAsync();
}

/** yargs' messages may have several lines and no full stop. */
function asSentence(message: string): string {
  const line = message.trim().replaceAll(/\s*\n\s*/g, " ");
  return /[.?!]$/.test(line) ? line : `${line}.`;
}

// A reader that has seen enough, such as `head`, closes the pipe; that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

try {
  await main();
} catch (error) {
  reportError(error, process.argv.includes("--verbose"));
}
