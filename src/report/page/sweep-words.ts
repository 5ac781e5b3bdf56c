import type { Plan } from "../../sweeps/plan.js";
import type { Outcome, SettingValue } from "../../sweeps/trial.js";
import { significant } from "../../training/history.js";
import { type Html, html, trusted } from "./html.js";
import { count, percent, plural } from "./numbers.js";

/** The path of a setting, which may be broken behind a dot. */
export function settingName(path: string): Html {
  const parts = path.split(/(?<=\.)/);
  return html`${parts.map((part, i) => html`${i === 0 ? null : trusted("<wbr>")}${part}`)}`;
}

/** A value of a setting as a person reads it: `0.001`, `relu`, `[100, 50]`, `adamw, weightDecay 0.05`. */
export function settingText(value: SettingValue): string {
  if (typeof value === "number") return String(Number(value.toPrecision(4)));
  if (value === null) return "none";
  if (typeof value !== "object") return String(value);
  if (isList(value)) return `[${value.map(settingText).join(", ")}]`;
  return Object.entries(value)
    .map(([name, of]) => (name === "type" ? settingText(of) : `${name} ${settingText(of)}`))
    .join(", ");
}

function isList(value: SettingValue): value is readonly SettingValue[] {
  return Array.isArray(value);
}

/** A figure's name in words: `validation loss`. */
export function figureName(figure: string): string {
  return figure.replaceAll(".", " ");
}

/** Whether a figure is a share, which is said in percent. */
export function isShare(figure: string): boolean {
  return figure.endsWith(".accuracy");
}

export function figureText(figure: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return isShare(figure) ? percent(value) : significant(value);
}

/** A mean with its deviation: `97.31 ± 0.12 %`. */
export function spreadText(figure: string, mean: number, deviation: number | null): string {
  if (deviation === null) return figureText(figure, mean);
  if (!isShare(figure)) return `${significant(mean)} ± ${Number(deviation.toPrecision(2))}`;
  return `${(mean * 100).toFixed(2)} ± ${percent(deviation)}`;
}

/** `1 of 2 seeds`. */
export function seedsText(some: number, all: number): string {
  return `${count(some)} of ${plural(all, "seed")}`;
}

/** After how many epochs outcomes are: `9 epochs`, or `7, 9 epochs` where some stopped by themselves. */
export function epochsText(outcomes: readonly Pick<Outcome, "epochs">[]): string {
  const epochs = [...new Set(outcomes.map(({ epochs }) => epochs))].sort((a, b) => a - b);
  return epochs.length === 1 ? plural(epochs[0] ?? 0, "epoch") : `${epochs.map(count).join(", ")} epochs`;
}

/** What is best of the metric. */
export function bestWord({ mode }: Plan): "highest" | "lowest" {
  return mode === "max" ? "highest" : "lowest";
}
