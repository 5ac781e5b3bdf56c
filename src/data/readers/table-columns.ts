import { isOptions } from "../../system/known-options.js";

// What a network knows of the columns of a table: JSON, so that a model file can keep it.

/** What a network learns of a table: to tell classes apart, or values. */
export const TASKS = ["classify", "regress"] as const;
export type Task = (typeof TASKS)[number];

/** A column that a network reads: as a number, or as a number for each category, 1 for its own and 0 for the others. */
export type TableColumn =
  | { readonly name: string; readonly kind: "numeric" }
  | { readonly name: string; readonly kind: "category"; readonly categories: readonly string[] };

/** The column that a network learns. */
export type TableTarget =
  | { readonly name: string; readonly task: "classify"; readonly classNames: readonly string[] }
  | { readonly name: string; readonly task: "regress" };

export interface TableColumns {
  /** In the order in which a network reads them. */
  readonly features: readonly TableColumn[];
  readonly target: TableTarget;
}

/** What each number that a network reads is called: `age`, or `colour=red` for a category. */
export function featureNames({ features }: Pick<TableColumns, "features">): readonly string[] {
  return features.flatMap((column) =>
    column.kind === "numeric" ? [column.name] : column.categories.map((text) => `${column.name}=${text}`),
  );
}

/** What was JSON as the description that it was made of; `undefined` where it is something else. */
export function asTableColumns(value: unknown): TableColumns | undefined {
  const { features, target } = fields(value);
  const columns = Array.isArray(features) ? features.map(asColumn) : [];
  const learned = asTarget(target);
  if (learned === undefined || columns.length === 0 || columns.includes(undefined)) return undefined;
  return { features: columns as TableColumn[], target: learned };
}

function asColumn(value: unknown): TableColumn | undefined {
  const { name, kind, categories } = fields(value);
  if (typeof name !== "string") return undefined;
  if (kind === "numeric") return { name, kind };
  return kind === "category" && isNames(categories) ? { name, kind, categories } : undefined;
}

function asTarget(value: unknown): TableTarget | undefined {
  const { name, task, classNames } = fields(value);
  if (typeof name !== "string") return undefined;
  if (task === "regress") return { name, task };
  return task === "classify" && isNames(classNames) ? { name, task, classNames } : undefined;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return isOptions(value) ? { ...value } : {};
}

/** Different texts, at least one. */
function isNames(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((item) => typeof item === "string") && new Set(value).size === value.length;
}
