import type { RunData, RunEnvironment } from "./environment.js";
import { type ImportOrigin, ORIGIN } from "./import-origin.js";
import { kindOfData } from "./recorded-data.js";

/** What there is to say of a run. */
export interface DescribedRun {
  /** What was asked for, and could be asked for again; what is `undefined` was not. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What it runs on. */
  readonly environment: RunEnvironment;
  /** What it learns from, or what is known of that. */
  readonly data: Partial<RunData>;
  /** Where the network comes from, which was trained elsewhere. */
  readonly imported?: ImportedNetwork | undefined;
}

export interface ImportedNetwork {
  readonly origin: ImportOrigin;
  /** What its file says of it. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A model travels, and where on this machine the data lay is nobody's business. */
const PRIVATE = ["dataDir", "csv", "npz", "imageFolder", "table", "from"];
/** What `saveModel` writes by itself. */
const OF_THE_MODEL = ["inputs", "layers", "activation"];

/** What a model says of its run: settings, data, and what computed it; what is `undefined` says nothing. */
export function runMetadata({
  config,
  environment: { version, kernelSet },
  data,
  imported,
}: DescribedRun): Readonly<Record<string, string>> {
  const of = { dataset: kindOfData(config), ...data, [ORIGIN]: imported?.origin };
  const all = known({ version, kernelSet, ...known(config), ...of });
  const without = [...PRIVATE, ...OF_THE_MODEL];
  return asStrings(Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name))));
}

/** Without what is `undefined`, which would also keep a place in the order. */
function known(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Safetensors metadata hold strings only: text stays as it is, the rest becomes JSON. */
function asStrings(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]));
}
