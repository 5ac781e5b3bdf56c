import { type ImageDataset, subset } from "../../data/dataset.js";
import { InvalidArgumentError } from "../../errors.js";
import { datasetImage } from "../../report/figures/dataset-tiles.js";
import { checkInputs } from "../../training/compatibility.js";
import type { LookedAtImage, Part } from "../protocol.js";
import { type Answers, answersOf, figureOf } from "./answers.js";
import type { RunImages } from "./run-images.js";
import { sortInTurns, type Turns } from "./turns.js";
import { namesOfClasses, type ViewedModel } from "./viewed-model.js";

/** A part of the images of a run, with what the network says of it. */
export interface PartView {
  readonly part: Part;
  readonly dataset: ImageDataset;
  /** The class of an image of the part. */
  trueClass(position: number): number;
  /** Computed once for all who ask. */
  answers(): Promise<Answers>;
  /** Of these places alone, without all the others. */
  answersAt(positions: Int32Array): Promise<Answers>;
  /** All places, the surest first or last; outputs that are not numbers are the least sure. */
  bySureness(order: "least-sure" | "most-sure"): Promise<Int32Array>;
  /** @param answers Of the images at these places. */
  lookedAt(positions: Int32Array, answers: Answers): Promise<LookedAtImage[]>;
}

/** The images of a run, as a network sees them. */
export interface PartViews {
  readonly classes: number;
  readonly classNames: readonly string[];
  readonly parts: readonly { readonly part: Part; readonly count: number }[];
  /** @throws InvalidArgumentError where there is no such part. */
  of(part: Part): PartView;
  /** The test set, or what there is in its place. */
  readonly tested: PartView;
  /** The training set, or what there is in its place. */
  readonly learned: PartView;
}

/** @throws ShapeError where the network does not fit the images. */
export function createPartViews(model: ViewedModel, images: RunImages, turns: Turns): PartViews {
  const views = [...images].map(([part, dataset]) => createPartView(part, dataset, model, turns));
  const find = (part: Part) => views.find((view) => view.part === part);
  const [first] = views;
  if (first === undefined) throw new InvalidArgumentError("There are no images to look at.");
  checkInputs(model.network, first.dataset);
  const { targets } = first.dataset;
  const classes = Math.max(model.classes, targets.classes);
  return {
    classes,
    classNames: namesOfClasses(classes, targets.classNames ?? model.classNames),
    parts: views.map(({ part, dataset }) => ({ part, count: dataset.rows.length })),
    of(part) {
      const view = find(part);
      if (view === undefined) {
        throw new InvalidArgumentError(
          `Expected ${views.map((known) => known.part).join(" or ")} for part, what there is of this run's images, but received ${part}.`,
        );
      }
      return view;
    },
    tested: find("test") ?? first,
    learned: find("train") ?? first,
  };
}

function createPartView(part: Part, dataset: ImageDataset, model: ViewedModel, turns: Turns): PartView {
  const { labels } = dataset.targets;
  const { rows } = dataset;
  const rowAt = (position: number) => rows[position] as number; // Whoever asks has looked at the length.
  const trueClass = (position: number) => labels[rowAt(position)] as number; // There is a label for every row.
  const answers = once(() => answersOf(model, dataset));
  const sorted = async (order: "least-sure" | "most-sure") => {
    const { confidences } = await answers();
    const positions = Int32Array.from(rows.keys());
    if (confidences === null) return positions; // Nothing tells which are surer.
    const sureness = (position: number) => {
      const confidence = confidences[position] as number;
      return Number.isNaN(confidence) ? -1 : confidence;
    };
    const sign = order === "least-sure" ? 1 : -1;
    const compare = (a: number, b: number) => sign * (sureness(a) - sureness(b)) || a - b;
    await sortInTurns(positions, compare, turns);
    return positions;
  };
  const orders = {
    "least-sure": once(() => sorted("least-sure")),
    "most-sure": once(() => sorted("most-sure")),
  };
  return {
    part,
    dataset,
    trueClass,
    answers,
    answersAt: (positions) => answersOf(model, subset(dataset, positions.map(rowAt))),
    bySureness: (order) => orders[order](),
    async lookedAt(positions, { predictions, confidences }) {
      const images: LookedAtImage[] = [];
      await turns.next();
      for (const [i, position] of positions.entries()) {
        if (turns.isOver()) await turns.next();
        images.push({
          part,
          position,
          trueClass: trueClass(position),
          predicted: predictions[i] as number, // As many as there are places.
          confidence: figureOf(confidences?.[i]),
          uri: datasetImage(dataset, rowAt(position)).uri,
        });
      }
      return images;
    },
  };
}

/** What was computed once is not computed again; what has failed is. */
export function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    if (result === undefined) {
      const begun = compute();
      result = begun;
      begun.catch(() => {
        if (result === begun) result = undefined;
      });
    }
    return result;
  };
}

/** Of places in a part, what was found of them among all. */
export function answersAmong({ predictions, confidences }: Answers, positions: Int32Array): Answers {
  return {
    predictions: positions.map((position) => predictions[position] as number),
    confidences: confidences && Float64Array.from(positions, (position) => confidences[position] as number),
  };
}
