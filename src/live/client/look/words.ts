import type { LookedAtImage } from "../../protocol.js";
import { nameOf } from "../parts/class-names.js";
import { formatCount, formatSureness } from "../parts/format.js";
import { PART_NAMES } from "../parts/part-names.js";
import type { LookState } from "./look-state.js";

/** The images of a class, as in "among the 7s"; classes with longer names are named. */
function membersOf(className: string): string {
  return [...className].length === 1 ? `the ${className}s` : `the images of ${className}`;
}

/** What there is none of: "No mistake among the 7s." */
export function noneOf(
  { verdict, part }: Pick<LookState, "verdict" | "part">,
  className: string | undefined,
): string {
  const among =
    className === undefined ? `the ${PART_NAMES[part].toLowerCase()} images` : membersOf(className);
  if (verdict === "wrong") return `No mistake among ${among}.`;
  if (verdict === "right") return `Not one of ${among} is recognised.`;
  return className === undefined
    ? `There are no ${PART_NAMES[part].toLowerCase()} images.`
    : `There are none of ${among} here.`;
}

/**
 * What of how many is shown: "1 to 60 of 312 images", "All 24 mistakes among the 7s".
 *
 * @param className Of the class that is asked for, if one is.
 */
export function rangeOf(
  { from, shown, total }: { readonly from: number; readonly shown: number; readonly total: number },
  { verdict }: Pick<LookState, "verdict">,
  className: string | undefined,
): string {
  const noun = { wrong: "mistake", right: "right answer", any: "image" }[verdict ?? "any"];
  const kind =
    className === undefined
      ? ""
      : verdict === undefined
        ? ` of class ${className}`
        : ` among ${membersOf(className)}`;
  const words = `${noun}${total === 1 ? "" : "s"}${kind}`;
  if (shown === 0 || total === 1) return `${formatCount(total)} ${words}`;
  if (shown === total) return `All ${formatCount(total)} ${words}`;
  return `${formatCount(from + 1)} to ${formatCount(from + shown)} of ${formatCount(total)} ${words}`;
}

/** An image in a sentence, for those who do not see it: "Number 8: 5, read as 6, 97 % sure, wrong". */
export function imageInWords(
  image: Pick<LookedAtImage, "position" | "trueClass" | "predicted" | "confidence">,
  classNames: readonly string[],
): string {
  const { position, trueClass, predicted, confidence } = image;
  const verdict = trueClass === predicted ? "right" : "wrong";
  const sure = confidence === null ? "" : `, ${formatSureness(confidence)} sure`;
  return `Number ${formatCount(position)}: ${nameOf(classNames, trueClass)}, read as ${nameOf(classNames, predicted)}${sure}, ${verdict}`;
}
