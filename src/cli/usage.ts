/** The command line is wrong: reported with a pointer to `--help`, and exit code 2. */
export class UsageError extends Error {}
