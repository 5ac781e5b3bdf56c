import { formatAddress } from "../address.js";
import type { Live } from "../use-live.js";

/** What is shown while there is no network to draw for: where one comes from. */
export function NoModel({ live: { runs, overview } }: { readonly live: Live }) {
  const isComing = runs.some(
    ({ state, hasModel }) => !hasModel && (state === "starting" || state === "training"),
  );
  const [preset] = overview?.starting?.presets ?? [];
  const href = formatAddress({
    view: "train",
    state: isComing || preset === undefined ? {} : { new: preset.name },
  });
  return (
    <div class="draw-empty">
      <h1>Draw a digit</h1>
      {isComing ? (
        <p>
          A network is learning right now. As soon as it has had its first look at the images, you can draw
          for it here.
        </p>
      ) : preset !== undefined ? (
        <p>
          There is no network yet that could recognise what you draw. Train one first: a small one takes less
          than a minute.
        </p>
      ) : (
        <p>
          There is no network here that could recognise what you draw. Train one with{" "}
          <code>mnist-native train --live</code>, and draw for it while it learns.
        </p>
      )}
      {(isComing || preset !== undefined) && (
        <p>
          <a class="button button-primary" href={href}>
            {isComing ? "Watch it learn" : "Train a network"}
          </a>
        </p>
      )}
    </div>
  );
}
