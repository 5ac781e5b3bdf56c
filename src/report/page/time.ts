import { exampleWord } from "../../runs/settings.js";
import { epochTimeFigure } from "../figures/epoch-time.js";
import { CHART_SIZE, linkedCharts } from "./curves.js";
import { html } from "./html.js";
import { duration, measure, percent, plural } from "./numbers.js";
import type { ReportedRun } from "./reported-run.js";
import { type Fact, renderStats, type Section } from "./section.js";
import { speedOf } from "./speed.js";

/** Time per epoch, images a second and floating-point operations a second; `null` where no epoch was finished. */
export function timeSection({ epochs, settings, result }: ReportedRun): Section | null {
  const speed = speedOf(epochs, settings);
  if (speed === null) return null;
  const { secondsPerEpoch, imagesPerSecond, gflops, shareOfPeak } = speed;
  const word = exampleWord(settings);
  const peak = settings.environment?.peakGflops ?? null;
  const facts: Fact[] = [
    { name: "median epoch", value: duration(secondsPerEpoch) },
    { name: "whole run", value: result === null ? null : duration(result.seconds) },
    { name: `${word}s per second`, value: imagesPerSecond === null ? null : measure(imagesPerSecond) },
    { name: "GFLOP/s", value: gflops === null ? null : gflops.toFixed(1) },
    { name: "of the peak", value: shareOfPeak === null ? null : percent(shareOfPeak) },
  ];
  const threads = settings.threads === null ? "the run's threads" : plural(settings.threads, "thread");
  const limit =
    peak === null
      ? "The run did not record the machine's peak."
      : `The peak, ${peak.toFixed(0)} GFLOP/s on ${threads}, was measured on the run's own machine just before it began.`;
  return {
    id: "time",
    title: "Time",
    word: "Time",
    lead: `An epoch is training and the evaluation of the training and validation ${word}s after it.`,
    body: html`<div class="pair"><div>${linkedCharts([{ title: "Time per epoch", figure: epochTimeFigure(epochs, { size: CHART_SIZE, hasTitle: false }) }], { epochs: epochs.length, layout: "column" })}</div>
<div>${renderStats(facts)}
<p class="muted">${gflops === null ? `The run did not record how many ${word}s it trained on, so that ${word}s and operations a second are not known.` : html`Training ${word}s per second of an epoch. Operations of the matrix products: for each ${word} 2 for each weight forward; in training 2 more for the gradient of each weight, and, beyond the first layer, 2 for that of the layer's input. ${limit}`}</p></div></div>`,
  };
}
