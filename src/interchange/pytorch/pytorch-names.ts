import { ModelFormatError } from "../../errors.js";
import type { LinearPart, NormalizationPart, Part, StandardizationPart } from "../plain-parts.js";

// In which order a network computes layers whose names alone are known, such as fc1, fc2 and out, or 0, 1 and 3.

/** Far more than names that people give need. */
const MOST_TRIALS = 10_000;

/** A layer whose part's name is that of its PyTorch module. */
interface Named<P extends Part> {
  readonly part: P;
  /** The name without its numbers. */
  readonly stem: string;
  readonly numbers: readonly number[];
}

/**
 * The parts in the order in which they are computed. Those whose names differ by numbers alone come in the order of the numbers; for the
 * rest there must be one order in which each linear layer takes what the one before it gives.
 *
 * @param name What messages call the file.
 * @throws ModelFormatError when there is no such order, or more than one.
 */
export function inOrder(parts: readonly Part[], name: string): readonly Part[] {
  const linear = chainOf(
    parts.filter((part) => part.kind === "linear").map((part) => named(part)),
    name,
  );
  const order: Named<Part>[] = [...linear];
  const normalizations = parts.filter((part) => part.kind === "normalization").map((part) => named(part));
  for (const one of normalizations.sort(byNumbers)) order.splice(placeOf(one, order, name), 0, one);
  const placed = order.map(({ part }, i) =>
    part.kind === "normalization" ? withPlace(order, i, part) : part,
  );
  const first = parts.filter((part): part is StandardizationPart => part.kind === "standardization");
  return [...first, ...placed];
}

function named<P extends Part>(part: P): Named<P> {
  return {
    part,
    stem: part.name.replace(/\d+/g, "#"),
    numbers: (part.name.match(/\d+/g) ?? []).map(Number),
  };
}

function byNumbers(a: Pick<Named<Part>, "numbers">, b: Pick<Named<Part>, "numbers">): number {
  const at = a.numbers.findIndex((number, i) => number !== b.numbers[i]);
  return at === -1 ? a.numbers.length - b.numbers.length : (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
}

/** The one order of linear layers that fits. */
function chainOf(layers: readonly Named<LinearPart>[], name: string): readonly Named<LinearPart>[] {
  const tracks = [...grouped(layers, ({ stem }) => stem).values()].map((track) => track.sort(byNumbers));
  const taken = tracks.map(() => 0);
  const chain: Named<LinearPart>[] = [];
  const found: (readonly Named<LinearPart>[])[] = [];
  let trials = 0;
  const extend = () => {
    if (chain.length === layers.length) found.push([...chain]);
    for (const [t, track] of tracks.entries()) {
      const next = track[taken[t] as number]; // There are as many counts as tracks.
      if (next === undefined || found.length > 1 || ++trials > MOST_TRIALS) continue;
      const before = chain.at(-1);
      if (before !== undefined && before.part.units !== next.part.inputs) continue;
      taken[t] = (taken[t] as number) + 1;
      chain.push(next);
      extend();
      chain.pop();
      taken[t] = (taken[t] as number) - 1;
    }
  };
  // One stem leaves no choice; where it does not fit, the sentence about widths is clearer.
  if (tracks.length < 2) return tracks.flat();
  extend();
  const [first] = found;
  if (first !== undefined && found.length === 1 && trials <= MOST_TRIALS) return first;
  const list = layers.map(({ part }) => `${part.name} (${part.inputs} to ${part.units})`).slice(0, 12);
  const fault = first === undefined ? "fit together in no order" : "fit together in more than one order";
  throw new ModelFormatError(
    `${name} has the layers ${list.join(", ")}, which ${fault}; name them by their order, such as 0.weight, 1.weight.`,
  );
}

/** Things that have the same key, in their order. */
export function grouped<T>(things: Iterable<T>, keyOf: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [thing]);
    else group.push(thing);
  }
  return groups;
}

/** Where in the order a batch normalisation belongs. */
function placeOf(one: Named<NormalizationPart>, order: readonly Named<Part>[], name: string): number {
  // As in nn.Sequential: behind those with smaller numbers.
  if (order.some(({ part, stem }) => part.kind === "linear" && stem === one.stem)) {
    return order.findLastIndex((other) => other.stem === one.stem && byNumbers(other, one) < 0) + 1;
  }
  const width = one.part.mean.length;
  const fits = order.flatMap(({ part, numbers }, i) => {
    if (part.kind !== "linear") return [];
    const isFellow = numbers.length > 0 && numbers.join() === one.numbers.join(); // As bn1 is of fc1.
    return [{ after: i + 1, isFellow, units: part.units }];
  });
  const fellow = fits.find(({ isFellow }) => isFellow);
  if (fellow !== undefined) return fellow.after;
  const first = order[0]?.part;
  const places = fits.filter(({ units }) => units === width).map(({ after }) => after);
  if (first?.kind === "linear" && first.inputs === width) places.push(0);
  const [place] = places;
  if (place !== undefined && places.length === 1) return place;
  throw new ModelFormatError(
    `${name} has the batch normalisation ${one.part.name} of ${width} numbers, for which there ${places.length === 0 ? "is no place" : "are several places"}; give it the number of the layer before it, such as bn1 after fc1.`,
  );
}

/** A gap between the numbers of an nn.Sequential is where the activation stands. */
function withPlace(order: readonly Named<Part>[], i: number, part: NormalizationPart): NormalizationPart {
  const gap = (a: Named<Part> | undefined, b: Named<Part> | undefined) => {
    if (a === undefined || b === undefined || a.stem !== b.stem) return undefined;
    const isSequence = a.numbers.slice(0, -1).join() === b.numbers.slice(0, -1).join();
    return isSequence ? (b.numbers.at(-1) ?? 0) - (a.numbers.at(-1) ?? 0) > 1 : undefined;
  };
  const [before, after] = [gap(order[i - 1], order[i]), gap(order[i], order[i + 1])];
  if (before === undefined || after === undefined || before === after) return part;
  return { ...part, place: before ? "afterActivation" : "beforeActivation" };
}
