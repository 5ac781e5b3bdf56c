import type { ComponentChildren } from "preact";
import type { Confusion, Mistakes as MistakesAnswer, RunDetail } from "../../protocol.js";
import { Loading } from "../parts/loading.js";
import { ErrorNotice } from "../parts/notice.js";
import { isGoingOn, isUnreadable } from "../parts/run-state.js";
import { useFetched } from "../parts/use-fetched.js";
import type { Latest } from "../parts/use-latest.js";
import { runPath } from "../run-path.js";
import { ConfusionTable } from "./confusion-table.js";
import { Mistakes } from "./mistakes.js";
import { momentInWords, useModelEpochs } from "./model-epochs.js";
import { useWeightsPicture, WeightsPicture } from "./weights-picture.js";
import "./pictures.css";

const MOST_MISTAKES = 24;

/** What the network has become by now: pictures that follow its model while it learns. */
export function RunPictures({
  detail,
  generation,
}: {
  readonly detail: RunDetail;
  /** Another one: the line to the server was lost, and with it perhaps an answer. */
  readonly generation: number;
}) {
  const { run } = detail;
  if (isUnreadable(run)) return <p class="muted">There is no network that could be looked at.</p>;
  if (!run.readsImages) {
    return (
      <p class="muted">
        {run.state === "imported" && run.dataset !== "table"
          ? "Nothing tells that this network reads images, so that there are no pictures of what it sees. Where it does, import it with --image-shape."
          : "This network reads numbers of a table, not images: there are no pictures of what it sees."}
      </p>
    );
  }
  if (!run.hasModel) {
    const isToCome = isGoingOn(run);
    return (
      <p class="muted">
        {isToCome
          ? "Pictures of what it has learned come after the first epoch."
          : "It has left no network behind that could be looked at."}
      </p>
    );
  }
  return <Pictures key={run.id} detail={detail} generation={generation} />;
}

function Pictures({ detail, generation }: { readonly detail: RunDetail; readonly generation: number }) {
  const { run, modelVersion } = detail;
  const { id, name } = run;
  const version = `${generation} ${modelVersion}`;
  const epochs = useModelEpochs(detail);
  const momentOf = (of: number | undefined) => (of === undefined ? "" : momentInWords(run, epochs.get(of)));
  const weights = useWeightsPicture({ id, modelVersion, version });
  const confusion = useFetched<Confusion>(runPath(id, "confusion"), version);
  const mistakes = useFetched<MistakesAnswer>(runPath(id, `mistakes?count=${MOST_MISTAKES}`), version);
  return (
    <div class="pictures">
      <Picture
        title="Mistakes of the moment"
        moment={momentOf(mistakes.value?.modelVersion)}
        meaning="What it is, and what it is read as."
      >
        <Whole latest={mistakes} what="Looking for mistakes">
          {(value) => <Mistakes id={id} mistakes={value} />}
        </Whole>
      </Picture>
      <Picture
        title="What is read as what"
        moment={momentOf(confusion.value?.modelVersion)}
        meaning="A row for what it is, a column for what it is read as: right answers are blue, mistakes orange."
      >
        <Whole latest={confusion} what="Counting">
          {(value) => <ConfusionTable confusion={value} />}
        </Whole>
      </Picture>
      <Picture
        title="What the hidden units look for"
        moment={momentOf(weights.picture?.modelVersion)}
        meaning="The weights of the first layer, one small image for each unit."
      >
        <WeightsPicture name={name} weights={weights} />
      </Picture>
    </div>
  );
}

function Picture({
  title,
  moment,
  meaning,
  children,
}: {
  readonly title: string;
  /** When the network was so; empty where that is not known. */
  readonly moment: string;
  readonly meaning: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="card picture">
      <div class="picture-head">
        <h3>{title}</h3>
        <span class="muted">{moment}</span>
      </div>
      <p class="muted chart-meaning">{meaning}</p>
      {children}
    </section>
  );
}

function Whole<T>({
  latest: { value, error, isLoading, retry },
  what,
  children,
}: {
  readonly latest: Latest<T>;
  readonly what: string;
  readonly children: (value: T) => ComponentChildren;
}) {
  return (
    <>
      {error !== null && <ErrorNotice message={error} onRetry={retry} />}
      {isLoading && value === undefined && <Loading what={what} />}
      {value !== undefined && children(value)}
    </>
  );
}
