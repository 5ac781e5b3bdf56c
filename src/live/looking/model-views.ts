import type { Backend } from "../../backend/backend.js";
import { selectBackend } from "../../backend/select.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { ModelView, ModelViews } from "../model-views.js";
import type { RunLibrary } from "../run-library.js";
import { createModelView } from "./model-view.js";
import { createRunImagesStore } from "./run-images.js";
import { createTurns } from "./turns.js";
import { openViewedModel } from "./viewed-model.js";

export interface CreateModelViewsOptions {
  /** Whose runs' models are viewed. */
  readonly library: Pick<RunLibrary, "detail" | "model">;
  /** A folder with MNIST, for runs on it that tell no other place. Default: where `mnist-native` keeps what it has fetched. */
  readonly mnistDirectory?: string | undefined;
  /** Default: the one that `selectBackend` chooses, with one thread, as trainings need the others. */
  readonly backend?: Backend | undefined;
}

const OPTIONS: KnownOptions<CreateModelViewsOptions> = {
  library: true,
  mnistDirectory: true,
  backend: true,
};

/** So many models are kept, with all that was computed of them: those that were asked for last. */
const MOST_VIEWS = 3;

/**
 * Views of the models of a library's runs. All of them share the event loop in turns of some milliseconds, so that whatever is
 * computed, others are answered meanwhile; a picture that was drawn goes before everything else.
 */
export function createModelViews(options: CreateModelViewsOptions): ModelViews {
  requireKnownOptions("createModelViews", options, OPTIONS, "{ library }");
  const { library, mnistDirectory, backend = selectBackend({ threads: 1 }) } = options;
  const turns = createTurns();
  const images = createRunImagesStore(mnistDirectory);
  const views = new Map<
    string,
    { readonly version: number; readonly view: Promise<ModelView | undefined> }
  >();

  const open = async (id: string): Promise<ModelView | undefined> => {
    const model = await library.model(id);
    if (model === undefined) return undefined;
    const viewed = await openViewedModel(model, backend, turns);
    // The bytes of the file are not needed any more.
    const source = { ...model, bytes: new Uint8Array() };
    return createModelView(viewed, () => images.of(source, viewed.metadata), turns);
  };

  return {
    async of(id) {
      const version = library.detail(id)?.modelVersion ?? 0;
      if (version === 0) return undefined;
      const known = views.get(id);
      const entry = known?.version === version ? known : { version, view: open(id) };
      views.delete(id);
      views.set(id, entry); // The last to go.
      for (const oldest of views.keys()) if (views.size > MOST_VIEWS) views.delete(oldest);
      const forget = () => {
        if (views.get(id) === entry) views.delete(id);
      };
      entry.view.then((view) => view === undefined && forget(), forget);
      return entry.view;
    },
  };
}
