import { shellCommand } from "../system/shell.js";

/** What goes on with a sweep, as it can be typed. @param options Where its trials run, such as `--slurm`. */
export function resumeCommand(folder: string, options: readonly string[]): string {
  return shellCommand(["npx", "mnist-native", "sweep", "--resume", folder, ...options]);
}
