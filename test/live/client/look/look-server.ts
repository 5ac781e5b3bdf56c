import { onTestFinished } from "vitest";
import { InvalidArgumentError } from "../../../../src/errors.js";
import type { ModelView, ModelViews } from "../../../../src/live/model-views.js";
import type { RunLibrary } from "../../../../src/live/run-library.js";
import { type FixtureServer, startFixtureServer } from "../../support/fixture-server.js";
import { madeUpDetail, madeUpHidden, madeUpNeighbours, madeUpPage, PART_COUNTS } from "./made-up-images.js";

/** Fewer points than a reader is shown: the map is made by the same steps, and sooner. */
const MAPPED = 300;

export interface LookServer extends FixtureServer {
  /** From now on, whoever asks for images is told this; `null`: is given them. */
  setFault(message: string | null): void;
}

/** The real server with its real policy, whose images are made up, until the test is over. */
export async function startLookServer(): Promise<LookServer> {
  let fault: string | null = null;
  let library: RunLibrary | undefined;
  const requireImages = () => {
    if (fault !== null) throw new InvalidArgumentError(fault);
  };
  const views: ModelViews = {
    async of(id) {
      const model = await library?.model(id);
      return model === undefined ? undefined : viewOf(model.version, requireImages);
    },
  };
  const server = await startFixtureServer({ app: { views } });
  library = server.library;
  server.library.add({
    id: "table",
    name: "A table of numbers",
    state: "finished",
    hasModel: true,
    readsImages: false,
  });
  onTestFinished(() => server.close());
  return {
    ...server,
    setFault: (message) => {
      fault = message;
    },
  };
}

function viewOf(version: number, requireImages: () => void): ModelView {
  const notAsked = () => Promise.reject(new Error("The Look view asks for no such thing."));
  const requirePosition = (part: keyof typeof PART_COUNTS, position: number) => {
    if (position >= PART_COUNTS[part]) {
      throw new InvalidArgumentError(
        `Expected a number from 0 to ${PART_COUNTS[part] - 1} for the image but received ${position}.`,
      );
    }
  };
  return {
    version,
    recognise: notAsked,
    weightsFigure: notAsked,
    confusion: notAsked,
    mistakes: notAsked,
    async images(query) {
      requireImages();
      return madeUpPage(query, version);
    },
    async image(part, position) {
      requireImages();
      requirePosition(part, position);
      return madeUpDetail(part, position, version);
    },
    async nearest(part, position, count) {
      requirePosition(part, position);
      return madeUpNeighbours(part, position, count, version);
    },
    async hidden(part, count) {
      requireImages();
      return madeUpHidden(part, Math.min(count, MAPPED), version);
    },
  };
}
