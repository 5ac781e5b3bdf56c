import type { Picture } from "./picture.js";

/** What lies on the sheet: the code of its strokes, or the picture that was given. */
export type OnSheet = string | Picture;

interface Kept {
  readonly sheet: OnSheet;
  readonly label: number;
}

/** Those that were kept since the page was opened, the last one last: also of a view that was left, as its sheet is still there then. */
let kept: readonly Kept[] = [];

/** @returns As what a drawing was kept; `undefined` where it was not. */
export function keptAs(sheet: OnSheet): number | undefined {
  return kept.findLast((one) => one.sheet === sheet)?.label;
}

export function rememberKept(sheet: OnSheet, label: number): void {
  kept = [...kept, { sheet, label }];
}

/** The last one was taken back. */
export function forgetLastKept(): void {
  kept = kept.slice(0, -1);
}
