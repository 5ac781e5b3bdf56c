import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { formatAddress, VIEW_NAMES, VIEWS, type View } from "./address.js";
import { DrawView } from "./draw/draw-view.js";
import { LookView } from "./look/look-view.js";
import { pageTitle } from "./page-title.js";
import { Loading } from "./parts/loading.js";
import { ErrorNotice } from "./parts/notice.js";
import { TrainView } from "./train/train-view.js";
import { useAddress } from "./use-address.js";
import { type Live, useLive } from "./use-live.js";
import type { ViewProps } from "./view.js";

const COMPONENTS: Record<View, ComponentType<ViewProps>> = {
  train: TrainView,
  draw: DrawView,
  look: LookView,
};

export function App() {
  const [address, change] = useAddress();
  const live = useLive();
  const title = pageTitle(live.runs, address);
  useEffect(() => {
    document.title = title;
  }, [title]);
  const Shown = COMPONENTS[address.view];

  return (
    <>
      <header class="page-header">
        <a class="page-name" href={formatAddress({ view: "train", state: {} })}>
          mnist-native
        </a>
        <nav aria-label="Views">
          {VIEWS.map((view) => (
            <a
              key={view}
              href={formatAddress({ view, state: runOf(address.state) })}
              aria-current={view === address.view ? "page" : undefined}
            >
              {VIEW_NAMES[view]}
            </a>
          ))}
        </nav>
        <ConnectionState live={live} />
      </header>
      <main>
        {live.overview !== undefined ? (
          <Shown live={live} address={address} change={change} />
        ) : live.error !== null ? (
          <ErrorNotice message={live.error} />
        ) : (
          live.connection === "connecting" && <Loading what="Loading the runs" />
        )}
      </main>
    </>
  );
}

/** The run is looked at in every view; what else a view keeps is its own. */
function runOf({ run }: ViewProps["address"]["state"]): Readonly<Record<string, string>> {
  return run === undefined ? {} : { run };
}

/** Says once, and calmly, that the line is lost. The place is there always, as a screen reader must know it before it speaks. */
function ConnectionState({ live: { connection, error } }: { readonly live: Live }) {
  return (
    <p class="connection" role="status" data-connection={connection}>
      {connection === "lost" && error === null
        ? "The program has stopped. Start it again, and this page goes on."
        : ""}
    </p>
  );
}
