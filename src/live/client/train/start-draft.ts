import type { StartChoices, StartSettings } from "../../protocol.js";

/** A form as it is filled in: numbers are what was typed. */
export interface StartDraft {
  readonly preset: string;
  readonly dataset: string;
  readonly hidden: readonly string[];
  readonly activation: string;
  readonly loss: string;
  readonly optimizer: string;
  readonly rate: string;
  readonly batch: string;
  readonly epochs: string;
  readonly seed: string;
  readonly augment: boolean;
}

export type DraftField = Exclude<keyof StartDraft, "hidden" | "augment" | "preset">;

/** What is wrong, by field: sentences. */
export type DraftErrors = Partial<Record<DraftField | `hidden-${number}` | "hidden", string>>;

type State = Readonly<Record<string, string>>;

/** `new` is the preset; while it is there, the form is open. */
const KEYS = ["dataset", "activation", "loss", "optimizer", "rate", "batch", "epochs", "seed"] as const;
const NO_LAYERS = "none";

export function presetNamed(
  choices: StartChoices,
  name: string,
): StartChoices["presets"][number] | undefined {
  return choices.presets.find((preset) => preset.name === name) ?? choices.presets[0];
}

/** @returns The form as a preset fills it in. */
export function draftOfSettings(preset: string, settings: StartSettings): StartDraft {
  const { dataset, hidden, activation, loss, optimizer, augment } = settings;
  return {
    preset,
    dataset,
    hidden: hidden.map(String),
    activation,
    loss,
    optimizer,
    rate: String(settings.learningRate),
    batch: String(settings.batchSize),
    epochs: String(settings.epochs),
    seed: String(settings.seed),
    augment,
  };
}

/** @returns The form as the address has it: what it does not name is the preset's. `undefined` where the server offers no preset. */
export function draftOfAddress(state: State, choices: StartChoices): StartDraft | undefined {
  const preset = presetNamed(choices, state.new ?? "");
  if (preset === undefined) return undefined;
  const base = draftOfSettings(preset.name, preset.settings);
  const named = Object.fromEntries(KEYS.map((key) => [key, state[key] ?? base[key]])) as Pick<
    StartDraft,
    (typeof KEYS)[number]
  >;
  const { hidden, augment } = state;
  return {
    ...base,
    ...named,
    hidden: hidden === undefined ? base.hidden : hidden === NO_LAYERS ? [] : hidden.split(","),
    augment: augment === undefined ? base.augment : augment === "yes",
  };
}

/** @returns What stands in the address for the form: what is as in its preset is `""`, which is left out. */
export function addressOfDraft(draft: StartDraft, choices: StartChoices): State {
  const preset = presetNamed(choices, draft.preset);
  const base = preset && draftOfSettings(preset.name, preset.settings);
  const differing = KEYS.map((key) => [key, draft[key] === base?.[key] ? "" : draft[key].trim()] as const);
  const hidden = draft.hidden.length === 0 ? NO_LAYERS : draft.hidden.map((units) => units.trim()).join(",");
  const isHiddenOfPreset = draft.hidden.join(",") === base?.hidden.join(",");
  return {
    ...Object.fromEntries(differing),
    new: draft.preset,
    hidden: isHiddenOfPreset ? "" : hidden,
    augment: draft.augment === base?.augment ? "" : draft.augment ? "yes" : "no",
  };
}

/** All of the address that is the form's, emptied: the form is closed. */
export const CLOSED_FORM: State = Object.fromEntries(
  ["new", ...KEYS, "hidden", "augment"].map((key) => [key, ""]),
);

/** @returns What to start, or what is wrong with it. */
export function checkDraft(
  draft: StartDraft,
  choices: StartChoices,
): { readonly settings: StartSettings } | { readonly errors: DraftErrors } {
  const { bounds } = choices;
  const errors: DraftErrors = {};
  const usual = presetNamed(choices, draft.preset)?.settings;

  const choose = (field: DraftField, names: readonly string[], what: string): string => {
    const name = draft[field];
    if (!names.includes(name)) errors[field] = `Choose ${what} from the list.`;
    return name;
  };
  const whole = (
    field: DraftField | `hidden-${number}`,
    text: string,
    [least, most]: Range,
    unit: string,
  ) => {
    const number = wholeNumber(text);
    if (number === undefined || number < least || number > most) {
      errors[field] = `Write a whole number of ${unit} from ${least} to ${most}.`;
    }
    return number ?? least;
  };

  const learningRate = decimal(draft.rate);
  const [least, most] = bounds.learningRate;
  if (learningRate === undefined || learningRate < least || learningRate > most) {
    errors.rate = `Write a number from ${least} to ${most}, such as ${usual?.learningRate ?? least}.`;
  }
  if (draft.hidden.length > bounds.layers) {
    errors.hidden = `There may be at most ${bounds.layers} hidden layers; remove some.`;
  }
  const seed = wholeNumber(draft.seed);
  if (seed === undefined || seed > LARGEST_SEED) {
    errors.seed = `Write a whole number from 0 to ${LARGEST_SEED}; any of them will do.`;
  }
  const settings: StartSettings = {
    dataset: choose(
      "dataset",
      choices.datasets.map(({ name }) => name),
      "a data set",
    ),
    hidden: draft.hidden.map((units, i) => whole(`hidden-${i}`, units, bounds.units, "units")),
    activation: choose("activation", choices.activations, "an activation"),
    loss: choose("loss", choices.losses, "a loss"),
    optimizer: choose("optimizer", choices.optimizers, "an optimizer"),
    learningRate: learningRate ?? least,
    batchSize: whole("batch", draft.batch, bounds.batchSize, "images"),
    epochs: whole("epochs", draft.epochs, bounds.epochs, "epochs"),
    seed: seed ?? 0,
    augment: draft.augment,
  };
  return Object.keys(errors).length > 0 ? { errors } : { settings };
}

type Range = readonly [least: number, most: number];

const LARGEST_SEED = 2 ** 32 - 1;

function wholeNumber(text: string): number | undefined {
  return /^\d{1,10}$/.test(text.trim()) ? Number(text) : undefined;
}

/** With a point or, as many write it, a comma. */
function decimal(text: string): number | undefined {
  const plain = text.trim().replace(",", ".");
  return /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined;
}
