import { expectThat } from "../system/expected.js";
import { requireKnownOptions } from "../system/known-options.js";

/** What one option of an optimizer may be. */
export interface Setting<T extends number | boolean | undefined = number | boolean | undefined> {
  /** `undefined`: it is off. */
  readonly standard: T;
  /** For a message: `a number from 0 to below 1`. */
  readonly expected: string;
  readonly isAllowed: (value: unknown) => boolean;
}

/** For every option of an optimizer what it may be. */
export type SettingsTable = Readonly<Record<string, Setting>>;

/** The values of these options. */
export type SettingsOf<Table extends SettingsTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never;
};

function number<T extends number | undefined>(
  standard: T,
  expected: string,
  isInRange: (value: number) => boolean,
): Setting<T | number> {
  return { standard, expected, isAllowed: (value) => Number.isFinite(value) && isInRange(value as number) };
}

/** The share of the old in a running mean, or of the last step in the next. */
export const fraction = (standard: number): Setting<number> =>
  number<number>(standard, "a number from 0 to below 1", (value) => value >= 0 && value < 1);

export const atLeastZero = (standard: number): Setting<number> =>
  number<number>(standard, "a finite number of at least 0", (value) => value >= 0);

export const flag = (standard: boolean): Setting<boolean> => ({
  standard,
  expected: "true or false",
  isAllowed: (value) => typeof value === "boolean",
});

const limit: Setting<number | undefined> = number<number | undefined>(
  undefined,
  "a finite number above 0",
  (value) => value > 0,
);

/**
 * What keeps a division from becoming 0 / 0. Smaller ones could be 0 in float32; and in the memory between parameters gradients are
 * always 0.
 */
export const epsilon = (standard: number): Setting<number> =>
  number<number>(standard, "a finite number of at least 1e-30", (value) => value >= 1e-30);

/** What every optimizer can do beside its own rule. */
export interface TermOptions {
  /**
   * Decoupled weight decay, a number of at least 0: before a step, every parameter that decays (weights, not biases) is multiplied by
   * 1 - learningRate * weightDecay, whatever its gradient (Loshchilov and Hutter, Decoupled weight decay regularization, 2019; PyTorch's
   * AdamW). Default: 0, but for AdamW.
   */
  readonly weightDecay?: number | undefined;
  /**
   * The largest Euclidean norm, above 0, of all gradients together: if it is larger, all are scaled by clipNorm / norm (Pascanu et al.,
   * On the difficulty of training recurrent neural networks, 2013). Default: no limit.
   */
  readonly clipNorm?: number | undefined;
  /** Every element of a gradient is limited to [-clipValue, clipValue], above 0, after it was scaled. Default: no limit. */
  readonly clipValue?: number | undefined;
  /**
   * The largest Euclidean norm, above 0, of the incoming weights of a unit: after the step, those above it are scaled to it (Srivastava et
   * al., Dropout, 2014). Of weight matrices alone. Default: no limit.
   */
  readonly maxNorm?: number | undefined;
}

export const TERMS = {
  weightDecay: atLeastZero(0),
  clipNorm: limit,
  clipValue: limit,
  maxNorm: limit,
} as const satisfies SettingsTable;

/**
 * The options of an optimizer, checked, those left out by their defaults.
 *
 * @param call The optimizer's class, for messages.
 * @throws InvalidArgumentError when there is no such option, or a value is out of range.
 */
export function readSettings<Table extends SettingsTable>(
  call: string,
  options: object,
  table: Table,
): SettingsOf<Table> {
  const names = Object.keys(table);
  const known = Object.fromEntries(names.map((name) => [name, true as const]));
  requireKnownOptions(call, options, known, "{ weightDecay: 0.01 }");
  const given = options as Readonly<Record<string, unknown>>;
  const values = names.map((name) => {
    const { standard, expected, isAllowed } = table[name] as Setting;
    const value = given[name];
    if (value !== undefined) expectThat(isAllowed(value), expected, name, value);
    return [name, value ?? standard] as const;
  });
  return Object.fromEntries(values) as SettingsOf<Table>;
}

/** The settings that have a value, for whoever records them. */
export function settingsWithValue(
  settings: Readonly<Record<string, number | boolean | undefined>>,
): Readonly<Record<string, number | boolean>> {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Readonly<Record<string, number | boolean>>;
}
