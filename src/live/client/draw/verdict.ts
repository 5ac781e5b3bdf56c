import { OWN_DRAWINGS, type Recognition } from "../../protocol.js";
import { inSentence, isSign, withArticle } from "../parts/class-names.js";
import { formatShare } from "../parts/recognition/shares.js";

/** What a network has found, in words. */
export interface Verdict {
  /** Such as `It is a 7`. */
  readonly headline: string;
  /** How sure it is, such as `not sure: it might be a 1`. */
  readonly certainty: string;
  /** Both as a sentence, to be spoken. */
  readonly spoken: string;
}

/** From this share on; the rest is not sure. */
const VERY_SURE = 0.97;
const QUITE_SURE = 0.85;
const FAIRLY_SURE = 0.6;

export function verdictOf(recognition: Recognition): Verdict {
  const { predicted, classes, notes } = recognition;
  const found = predicted === null ? undefined : classes[predicted];
  if (found === undefined) {
    const headline = recognition.input === null ? "Nothing to recognise" : "No answer";
    const certainty = notes.join(" ");
    return { headline, certainty, spoken: [headline, ...notes].map(sentence).join(" ") };
  }
  const headline = isSign(found.name) ? `It is ${withArticle(found.name)}` : `It is: ${found.name}`;
  const certainty = certaintyOf(recognition, found.share);
  return { headline, certainty, spoken: sentence(`${headline}, ${certainty}`) };
}

function certaintyOf({ predicted, classes, kind }: Recognition, share: number | null): string {
  if (share === null) return "but its outputs are not all numbers, so its training has gone wrong";
  if (kind === "output") return `its output for it is the largest: ${formatShare(share, kind)}`;
  const others = classes.filter((_, i) => i !== predicted);
  const next = others.reduce(
    (best, other) => ((other.share ?? 0) > (best?.share ?? 0) ? other : best),
    others[0],
  );
  const nextShare = next?.share ?? 0;
  // Sigmoids may be high for two classes at once, or low for all of them: neither is sure.
  const sure = kind === "probability" ? share : Math.min(share, share / (share + nextShare || 1));
  const amount = formatShare(share, kind);
  if (sure >= VERY_SURE) return `very sure (${amount})`;
  if (sure >= QUITE_SURE) return `quite sure (${amount})`;
  const level = sure >= FAIRLY_SURE ? `fairly sure (${amount})` : `not sure (${amount})`;
  if (next === undefined || nextShare <= 0) return level;
  const other = inSentence(next.name);
  return sure >= FAIRLY_SURE ? `${level}, though it might be ${other}` : `${level}: it might be ${other}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Data sets of digits. */
const DIGITS = ["mnist", "qmnist", "emnist-digits", "synthetic", OWN_DRAWINGS];

/** Whether a network is for digits, all ten or some, so that what it has mistaken can be put right among drawings of digits. */
export function isForDigits(dataset: string | null, classes: readonly { readonly name: string }[]): boolean {
  if (knowsDigits(classes)) return true;
  return dataset !== null && DIGITS.includes(dataset) && classes.every(({ name }) => /^\d$/.test(name));
}

/** Whether a network tells the ten digits apart. */
export function knowsDigits(classes: readonly { readonly name: string }[]): boolean {
  return classes.length === 10 && classes.every(({ name }, i) => name === String(i));
}
