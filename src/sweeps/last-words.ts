/** What the command line begins its messages with. */
const PREFIX = "mnist-native: ";
/** How Node.js says what nobody has caught, `TypeError: …` or `Error [ERR_CODE]: …`, and V8 that it has no memory left. */
const UNCAUGHT = /^(?:FATAL ERROR: |(?:Uncaught )?[\w$.]*(?:Error|Exception)(?: \[\w+\])?(?:: |$))/;
/** What stands behind these: where it happened, and by which Node.js. */
const APPENDIX = /^\s*(?:at |\}|\(Use `node |Node\.js v\d)/;

/** Why a process ended, by what it has printed: its last message or the error that nobody has caught, or else its last line. */
export function lastWordsIn(text: string): string | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const words =
    lines.findLast((line) => line.startsWith(PREFIX) || UNCAUGHT.test(line)) ??
    lines.findLast((line) => !APPENDIX.test(line)) ??
    lines.at(-1);
  return words?.replace(PREFIX, "").trim();
}
