import { expectThat } from "../../system/expected.js";
import type { ImagesPage, ImagesQuery } from "../protocol.js";
import type { Answers } from "./answers.js";
import { answersAmong, type PartView, type PartViews } from "./part-answers.js";

/** Images of one page. */
const MOST_IMAGES = 200;

/**
 * Those images of a part that were asked for, in order.
 *
 * @throws InvalidArgumentError when a part of the query is out of its bounds.
 */
export async function imagesPage(
  views: PartViews,
  modelVersion: number,
  query: ImagesQuery,
): Promise<ImagesPage> {
  const { part, from, count } = query;
  checkQuery(query, views.classes);
  const view = views.of(part);
  const chosen = await chosenPositions(view, query);
  const positions = chosen.slice(from, from + count);
  return {
    modelVersion,
    part,
    parts: views.parts,
    classNames: views.classNames,
    total: chosen.length,
    images: await view.lookedAt(positions, await answersFor(view, positions, query)),
  };
}

async function chosenPositions(
  view: PartView,
  { trueClass, verdict, order }: ImagesQuery,
): Promise<Int32Array> {
  const all = order === "number" ? Int32Array.from(view.dataset.rows.keys()) : await view.bySureness(order);
  const ofClass =
    trueClass === undefined ? all : all.filter((position) => view.trueClass(position) === trueClass);
  if (verdict === undefined) return ofClass;
  const { predictions } = await view.answers();
  return ofClass.filter((position) => {
    const isRight = predictions[position] === view.trueClass(position);
    return isRight === (verdict === "right");
  });
}

/** What the network says of all images is not needed where nobody asks for it. */
async function answersFor(
  view: PartView,
  positions: Int32Array,
  { verdict, order }: ImagesQuery,
): Promise<Answers> {
  if (verdict === undefined && order === "number") return view.answersAt(positions);
  return answersAmong(await view.answers(), positions);
}

function checkQuery({ trueClass, verdict, order, from, count }: ImagesQuery, classes: number): void {
  const isCount = (value: number, least: number, most: number) =>
    Number.isSafeInteger(value) && value >= least && value <= most;
  expectThat(isCount(count, 1, MOST_IMAGES), `a whole number from 1 to ${MOST_IMAGES}`, "count", count);
  expectThat(isCount(from, 0, Number.MAX_SAFE_INTEGER), "a whole number of at least 0", "from", from);
  expectThat(
    trueClass === undefined || isCount(trueClass, 0, classes - 1),
    `a class from 0 to ${classes - 1}`,
    "class",
    trueClass,
  );
  expectThat(
    verdict === undefined || verdict === "right" || verdict === "wrong",
    "right or wrong",
    "verdict",
    verdict,
  );
  expectThat(
    ["number", "least-sure", "most-sure"].includes(order),
    "number, least-sure or most-sure",
    "order",
    order,
  );
}
