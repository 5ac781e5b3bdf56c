#!/usr/bin/env node
import { shortageOf } from "../system/shortage.js";

// Everything else is imported here: what Node.js cannot load under the limits of the process would otherwise end it with a stack trace.
try {
  const { runCommandLine } = await import("./command-line.js");
  await runCommandLine();
} catch (error) {
  const shortage = shortageOf(error);
  if (shortage === undefined) throw error;
  process.stderr.write(`mnist-native: ${shortage.message}\n`);
  process.exitCode = 1;
}
