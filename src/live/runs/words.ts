import { homedir } from "node:os";
import { trainingFacts } from "../../report/page/settings.js";
import type { RunSettings } from "../../runs/settings.js";
import { printable } from "../../system/printable.js";

// From what a run says of itself to what the page shows.

/** Longer than any value that is worth reading: every page gets all of them, again and again. */
const LONGEST_VALUE = 500;

/** A value of a setting, from a file that may say anything at any length. */
export function settingInWords(value: string): string {
  const shown = value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
  return printable(shown);
}

/** The settings in the order and the words of a report, without those that the run has not. */
export function settingsInWords(settings: RunSettings): Readonly<Record<string, string>> {
  const facts = trainingFacts(settings).flatMap(({ name, value }) =>
    value === null || value === undefined ? [] : [[name, settingInWords(String(value))] as const],
  );
  return Object.fromEntries(facts);
}

/**
 * A sentence of an error, without the place of what it is about.
 *
 * @param place As the error may call it, with what stands for it on the page.
 */
export function withoutPlaces(sentence: string, places: Readonly<Record<string, string>>): string {
  const named = Object.entries(places).sort(([a], [b]) => b.length - a.length);
  const told = named.reduce(
    (text, [path, name]) => (path === "" ? text : text.replaceAll(path, name)),
    sentence,
  );
  const home = homedir(); // Of a service it may be "/", and without HOME nothing.
  return printable(home.length > 1 ? told.replaceAll(home, "~") : told);
}
