import { InvalidArgumentError } from "../../errors.js";
import { confusionMatrix } from "../../metrics/confusion-matrix.js";
import { expectThat } from "../../system/expected.js";
import type { ModelView } from "../model-views.js";
import type { LookedAtImage, Part } from "../protocol.js";
import { createSpaceOfImages } from "./hidden-space.js";
import { imagesPage } from "./images-query.js";
import { answersAmong, createPartViews, once, type PartView } from "./part-answers.js";
import { recognisePicture, recognisePixels } from "./recognise.js";
import type { RunImages } from "./run-images.js";
import type { Turns } from "./turns.js";
import type { ViewedModel } from "./viewed-model.js";
import { drawWeightsFigure } from "./weights-picture.js";

const MOST_MISTAKES = 200;

/** @param loadImages Loads the images that the model's run learns from, when they are first asked for. */
export function createModelView(
  model: ViewedModel,
  loadImages: () => Promise<RunImages>,
  turns: Turns,
): ModelView {
  const { version } = model;
  const partViews = once(async () => createPartViews(model, await loadImages(), turns));
  const space = once(async () => createSpaceOfImages(model, await partViews(), turns));
  const figures = {
    light: once(() => drawWeightsFigure(model, "light", turns)),
    dark: once(() => drawWeightsFigure(model, "dark", turns)),
  };
  const imageAt = async (part: Part, position: number): Promise<PartView> => {
    const view = (await partViews()).of(part);
    const count = view.dataset.rows.length;
    if (!Number.isInteger(position) || position < 0 || position >= count) {
      throw new InvalidArgumentError(
        `Expected a number from 0 to ${count - 1}, as there are ${count} images in this part, but received ${position}.`,
      );
    }
    return view;
  };
  return {
    version,
    recognise: (picture) => recognisePicture(model, picture, turns),
    weightsFigure: (theme) => figures[theme](),
    async confusion() {
      const { tested, classes, classNames } = await partViews();
      const { predictions } = await tested.answers();
      await turns.next();
      const truth = predictions.map((_, position) => tested.trueClass(position));
      const { counts } = confusionMatrix(truth, predictions, classes);
      return { modelVersion: version, part: tested.part, classNames, counts: [...counts] };
    },
    async mistakes(count) {
      expectThat(
        Number.isInteger(count) && count >= 0 && count <= MOST_MISTAKES,
        `a whole number from 0 to ${MOST_MISTAKES}`,
        "count",
        count,
      );
      const { tested, classNames } = await partViews();
      const answers = await tested.answers();
      const wrong = (await tested.bySureness("most-sure")).filter(
        (position) => answers.predictions[position] !== tested.trueClass(position),
      );
      const positions = wrong.slice(0, count);
      return {
        modelVersion: version,
        part: tested.part,
        classNames,
        examples: tested.dataset.rows.length,
        total: wrong.length,
        images: await tested.lookedAt(positions, answersAmong(answers, positions)),
      };
    },
    async images(query) {
      return imagesPage(await partViews(), version, query);
    },
    async image(part, position) {
      const view = await imageAt(part, position);
      const positions = Int32Array.of(position);
      const [image] = await view.lookedAt(positions, await view.answersAt(positions));
      const { data, width } = view.dataset.features;
      const row = view.dataset.rows[position] as number; // The position is below their number.
      const pixels = data.slice(row * width, (row + 1) * width);
      const recognition = await recognisePixels(model, pixels, [], turns);
      return { image: image as LookedAtImage, recognition }; // One place, one image.
    },
    async nearest(part, position, count) {
      const view = await imageAt(part, position);
      return (await space()).nearest(view, position, count);
    },
    async hidden(part, count) {
      const view = (await partViews()).of(part);
      return (await space()).hidden(view, count);
    },
  };
}
