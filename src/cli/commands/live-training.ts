import { basename, resolve } from "node:path";
import { isStream } from "../../data/stream.js";
import { openInBrowser } from "../../live/open-in-browser.js";
import type { SharedImages } from "../../live/run-library.js";
import { nameOfData } from "../../live/runs/name-of-data.js";
import { settingsInWords } from "../../live/runs/words.js";
import { type LivePage, startLivePage } from "../../live/watching/live-page.js";
import { sharedImages } from "../../live/watching/shared-images.js";
import { figure } from "../../live/watching/training-facts.js";
import { type WatchedTraining, watchTraining } from "../../live/watching/watch-training.js";
import type { RunConfig } from "../../runs/read-run.js";
import { runSettings } from "../../runs/settings.js";
import type { PageChoice } from "../options/live.js";
import { portNotice } from "../page-address.js";
import { print, printWarning } from "../process.js";
import type { RunToWatch, Watch } from "./run-watcher.js";

/**
 * Serves a page that shows the training.
 *
 * @param json Whether standard output is for one JSON document, so that the page is told of on standard error.
 */
export function watchedByPage(
  { port, host, open, drawings, waits }: PageChoice & { readonly waits: boolean },
  json: boolean,
): Watch {
  const say = json ? (line: string) => process.stderr.write(`${line}\n`) : print;
  let page: LivePage | undefined;
  let watched: WatchedTraining | undefined;
  return {
    async begin(run) {
      const images = imagesOf(run);
      page = await startLivePage({
        port: port ?? null,
        host: host ?? null,
        name: run.out === undefined ? "Training" : basename(resolve(run.out)),
        folder: run.out === undefined ? null : resolve(run.out),
        settings: wordsOf(run),
        dataset: nameOfData(run.config, drawings),
        images,
        drawings: resolve(drawings),
      });
      const notice = portNotice(page.address, port);
      if (notice !== undefined) say(notice);
      say(`Live page: ${page.address}`);
      if (images === null) say("It shows no pictures, because there are no images in memory.");
      if (open) await openInBrowser(page.address, printWarning);
      watched = watchTraining(page.channel);
      page.stay(true); // A training that is paused from the page waits for nothing else. Listening has undone it.
      return watched.callback;
    },
    ended: ({ testAccuracy, ...end }) => watched?.ended({ ...end, testAccuracy: figure(testAccuracy) }),
    async stay(signal) {
      if (!waits || page?.isOpen !== true) return; // It may have ended by an error.
      say(`The page stays at ${page.address} until you press Ctrl-C.`);
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
    async close() {
      await page?.close();
    },
  };
}

/** Images of the test set, to look at; `null` where there are none in memory. */
function imagesOf({ data }: RunToWatch): SharedImages | null {
  const { test } = data.parts;
  const isShown = !isStream(test) && test.features.kind === "bytes" && test.targets.kind === "classes";
  return isShown ? sharedImages(test) : null;
}

function wordsOf({ config, facts }: RunToWatch): Readonly<Record<string, string>> {
  // As it is kept in the two files of a run.
  return settingsInWords(runSettings({ config: config as RunConfig, environment: { data: facts } }));
}
