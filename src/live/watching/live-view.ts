import type { Dataset } from "../../data/dataset.js";
import { expectBoolean, expectFunction, expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { Callback, TrainingContext } from "../../training/callback.js";
import { openInBrowser } from "../open-in-browser.js";
import type { LiveWorkerData } from "../worker-messages.js";
import { type LivePage, startLivePage } from "./live-page.js";
import { sharedImages } from "./shared-images.js";
import { type TrainingEnd, type WatchedTraining, watchTraining } from "./watch-training.js";

export interface LiveViewOptions {
  /** A whole number from 0 to 65535, where 0 is any that is free; where another program has it, the next one that is free is taken. Default: 4747. */
  readonly port?: number | undefined;
  /** Where to listen. Others than this machine see the page only where this is one of its addresses, and need the token in its address then. Default: `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Images in classes, to look at by the network that learns: of many, the first 5,000, or 64 MB of them. Default: none. */
  readonly images?: Dataset | undefined;
  /** What the page calls the training. Default: `Training`. */
  readonly name?: string | undefined;
  /** Whether the page is opened in the browser. Default: `false`. */
  readonly open?: boolean | undefined;
  /** Told where the page is, before the first step; nothing is printed. */
  readonly onListening?: ((address: string) => void) | undefined;
  /** Whether the process stays for the page when nothing else keeps it, until `close` is called or it is interrupted. Default: `false`. */
  readonly waits?: boolean | undefined;
}

const OPTIONS: KnownOptions<LiveViewOptions> = {
  port: true,
  host: true,
  images: true,
  name: true,
  open: true,
  onListening: true,
  waits: true,
};

/** A {@link Callback} with a page, from the first training on that it is given to. */
export interface LiveView extends Callback {
  /** What to open in a browser; `undefined` before the first training, and after {@link close}. */
  readonly address: string | undefined;
  /** Tells the page how a training has ended that `fit` rejected, or what a test has shown since. */
  ended(end: TrainingEnd): void;
  /** Ends the page. A later training begins another one. */
  close(): Promise<void>;
}

/**
 * Shows a training in the browser while it goes on, in a page that can pause, resume and end it. Its server runs in a thread of its own. It
 * changes no bit of the result. The page stays when the training has ended, for as long as the process does.
 *
 * ```ts
 * const live = liveView({ images: valid, onListening: (address) => console.log(`Watch it at ${address}`) });
 * await fit(network, train, { callbacks: [earlyStopping(), live] });
 * ```
 *
 * Trainings follow one another in it; those that go on at the same time need a view each.
 *
 * It belongs behind callbacks that change the network when the training ends, as `earlyStopping` does.
 *
 * @throws InvalidArgumentError when there is no such option, or when one is out of range; from `fit`, when the page cannot listen there.
 * @throws LivePageError from `fit`, before the first step, when the page cannot be started.
 */
export function liveView(options: LiveViewOptions = {}): LiveView {
  return createLiveView(options, startLivePage);
}

/** @param start What starts a page. */
export function createLiveView(
  options: LiveViewOptions,
  start: (data: LiveWorkerData) => Promise<LivePage>,
): LiveView {
  requireKnownOptions("liveView", options, OPTIONS, "{ port: 4747 }");
  const { port, host, images, name = "Training", open = false, onListening, waits = false } = options;
  const isPort = port === undefined || (Number.isInteger(port) && port >= 0 && port <= 65_535);
  expectThat(isPort, "a whole number from 0 to 65535", "port", port);
  expectThat(host === undefined || isText(host), "a name or an address of this machine", "host", host);
  expectThat(isText(name), "a text", "name", name);
  expectBoolean("open", open);
  expectBoolean("waits", waits);
  if (onListening !== undefined) expectFunction("onListening", onListening);
  const shared = images === undefined ? null : sharedImages(images);
  const data: LiveWorkerData = {
    host: host ?? null,
    port: port ?? null,
    name,
    folder: null,
    settings: {},
    dataset: null,
    images: shared,
  };
  return new PageOfTrainings(async () => {
    const page = await start(data);
    try {
      onListening?.(page.address);
      if (open) await openInBrowser(page.address, (sentence) => process.emitWarning(sentence));
    } catch (error) {
      await page.close();
      throw error;
    }
    return page;
  }, waits);
}

/** A class, because a plain object that is a callback has no functions but hooks. */
class PageOfTrainings implements LiveView {
  readonly #start: () => Promise<LivePage>;
  readonly #waits: boolean;
  #page: LivePage | undefined;
  #opening: Promise<void> | undefined;
  #watched: WatchedTraining | undefined;

  constructor(start: () => Promise<LivePage>, waits: boolean) {
    this.#start = start;
    this.#waits = waits;
  }

  get address(): string | undefined {
    return this.#page?.address;
  }

  async onTrainBegin(context: TrainingContext): Promise<void> {
    if (this.#page?.isOpen !== true) {
      // Another training may begin meanwhile, and a page that nobody knows of would never be closed.
      this.#opening ??= this.#open().finally(() => {
        this.#opening = undefined;
      });
      await this.#opening;
    }
    await this.#watched?.callback.onTrainBegin?.(context);
  }

  async #open(): Promise<void> {
    const page = await this.#start();
    this.#page = page;
    this.#watched = watchTraining(page.channel);
  }

  onStepBegin(context: TrainingContext): void {
    this.#watched?.callback.onStepBegin?.(context);
  }

  readsGradients(context: TrainingContext): boolean {
    const reads = this.#watched?.callback.readsGradients;
    return typeof reads === "function" && reads(context);
  }

  onStepEnd(context: TrainingContext): void {
    this.#watched?.callback.onStepEnd?.(context);
  }

  onPause(context: TrainingContext): void {
    this.#watched?.callback.onPause?.(context);
  }

  onResume(context: TrainingContext): void {
    this.#watched?.callback.onResume?.(context);
  }

  onEpochEnd(context: TrainingContext): void | Promise<void> {
    return this.#watched?.callback.onEpochEnd?.(context);
  }

  onTrainEnd(context: TrainingContext): void {
    this.#watched?.callback.onTrainEnd?.(context);
    this.#page?.stay(this.#waits);
  }

  ended(end: TrainingEnd): void {
    this.#watched?.ended(end);
  }

  async close(): Promise<void> {
    const page = this.#page;
    this.#page = undefined;
    this.#watched = undefined;
    await page?.close();
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
