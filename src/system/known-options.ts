import { InvalidArgumentError } from "../errors.js";

/** Every option that a function has, so that one more does not compile until it stands here, too. */
export type KnownOptions<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Checks the options of a public function: an object, with no name that the function does not know. A misspelt option would
 * otherwise be an option left out.
 *
 * @param call The function's name, for the message.
 * @param known Every option that there is.
 * @param example Options as they should look, for the message.
 * @throws InvalidArgumentError naming the nearest known option.
 */
export function requireKnownOptions(
  call: string,
  options: object,
  known: Readonly<Record<string, true>>,
  example: string,
): void {
  if (!isOptions(options)) {
    throw new InvalidArgumentError(
      `${call}: expected an object of options, such as ${example}, but received ${kindOf(options)}.`,
    );
  }
  // A loop and no list of names: operations in the training loop have options, too, and should allocate nothing.
  for (const name in options) {
    if (Object.hasOwn(options, name) && !Object.hasOwn(known, name)) throw unknownOption(call, name, known);
  }
}

function unknownOption(
  call: string,
  unknown: string,
  known: Readonly<Record<string, true>>,
): InvalidArgumentError {
  const names = Object.keys(known);
  const nearest = nearestName(unknown, names);
  const remedy = nearest === undefined ? `its options are ${names.join(", ")}` : `did you mean ${nearest}?`;
  const end = nearest === undefined ? "." : "";
  return new InvalidArgumentError(`${call}: there is no option ${JSON.stringify(unknown)}; ${remedy}${end}`);
}

/** A name that is longer is near to none: comparing takes time by its length, and it may come from anywhere. */
const LONGEST_NAME = 100;

/** The known name that takes the fewest letters inserted, left out or changed; `undefined` where none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(2, Math.floor(name.length / 3))
    ? best.candidate
    : undefined;
}

/** Levenshtein's distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const [above = 0, diagonal = 0, left = 0] = [row[j + 1], row[j], next[j]];
      next.push(Math.min(above + 1, left + 1, diagonal + (a[i] === b[j] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Whether a value is an object with names. */
export function isOptions(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** What a value is, in a message: `an array`, `a string`. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
