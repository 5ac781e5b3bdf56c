/** What `-` becomes on its way through yargs, which loses it among the words that no option takes. No argument has such a character. */
export const STANDARD_INPUT = "\0-";

/** The arguments of the process, with `-` by a name that arrives, for the command that reads from there. */
export function withStandardInput([command, ...args]: readonly string[]): string[] {
  if (command === undefined) return [];
  return [
    command,
    ...(command === "predict" ? args.map((arg) => (arg === "-" ? STANDARD_INPUT : arg)) : args),
  ];
}
