import { argumentChecks } from "./arguments.js";
import type { Backend, BackendFacts, Operations, Preparations } from "./backend.js";

/** An operation takes one object of arguments, or up to three by position. */
export type Operation = (a: never, b: never, c: never) => void;

/** A backend whose operations check their arguments first, and then do what `operations` do. */
export function checkedBackend(facts: BackendFacts & Preparations, operations: Operations): Backend {
  const checks = argumentChecks(facts.name);
  return { ...facts, ...mapOperations(operations, (operation, name) => checked(operation, checks[name])) };
}

/** Other operations made from each of `operations`, under the same names. */
export function mapOperations(
  operations: Operations,
  change: (operation: Operation, name: keyof Operations) => Operation,
): Operations {
  const names = Object.keys(operations) as (keyof Operations)[];
  const changed = names.map((name) => [name, change(operations[name] as Operation, name)]);
  return Object.fromEntries(changed) as unknown as Operations;
}

function checked(operation: Operation, check: Operation): Operation {
  return (a, b, c) => {
    check(a, b, c);
    operation(a, b, c);
  };
}
