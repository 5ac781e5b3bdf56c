import { exampleWord, type RunSettings } from "../../runs/settings.js";
import { shellCommand } from "../../system/shell.js";
import { type Html, html } from "./html.js";
import { count } from "./numbers.js";
import { type Fact, renderFacts, type Section } from "./section.js";

/** What was asked for, what it ran on, and the command that makes it again. */
export function settingsSection(settings: RunSettings): Section {
  return {
    id: "settings",
    title: "Settings",
    word: "Settings",
    lead:
      settings.origin === null
        ? `This command makes the run again${settings.fold === null ? "" : ", with those of the other folds"}: the same seeds give the same weights, whatever the number of threads.`
        : "Nobody here knows how the network was trained. This command trains it further.",
    body: html`${renderCommand(settings.command)}
<div class="pair">${renderFacts(settings.origin === null ? "Training" : "Network", trainingFacts(settings))}${renderFacts("Environment", environmentFacts(settings))}</div>`,
  };
}

/** A command line that breaks between options only, where there is room for them. */
export function renderCommand(command: readonly string[]): Html {
  const options = shellCommand(["npx", "mnist-native", ...command]).split(/ (?=--)/);
  return html`<pre><code>${options.map((option, i) => html`${i === 0 ? "" : " "}<span>${option}</span>`)}</code></pre>`;
}

/** What decides the result. */
export function trainingFacts(settings: RunSettings): readonly Fact[] {
  const { imageShape, examples, splitSeed, layers, origin } = settings;
  return [
    { name: "Imported from", value: origin === null ? null : `${origin.file} (${origin.form})` },
    { name: "SHA-256 of that file", value: origin?.sha256 ?? null },
    { name: "Data set", value: settings.dataset },
    { name: "Split", value: settings.split },
    { name: "Fold held out for validation", value: settings.fold },
    {
      name: `Training, validation, test ${exampleWord(settings)}s`,
      value:
        examples === null ? null : [examples.train, examples.validation, examples.test].map(count).join(", "),
    },
    { name: "Image size", value: imageShape === null ? null : imageShape.join(" x ") },
    { name: "Classes", value: settings.selectedClasses?.join(", ") ?? null },
    { name: "Layers", value: settings.layerWords ?? layers.join("-") },
    { name: "Went on from", value: settings.from },
    { name: "Frozen", value: settings.frozen?.join(", ") ?? null },
    { name: "Loss", value: settings.loss },
    { name: "Penalty", value: settings.penalty },
    { name: "Class weights", value: settings.classWeights },
    { name: "Optimizer", value: settings.optimizer },
    { name: "Schedule", value: settings.schedule },
    { name: "Reduced on a plateau", value: settings.reduceOnPlateau },
    { name: "Stopping", value: settings.stopping },
    { name: "Epochs", value: origin === null ? settings.epochs : null },
    { name: "Batch size", value: settings.batchSize },
    { name: "Learning rate", value: settings.learningRate },
    { name: "Distortion of training images", value: settings.augment },
    { name: "Seed of weights and shuffling", value: settings.seed },
    { name: "Seed of the split", value: splitSeed },
    { name: "Type of numbers", value: settings.dtype },
  ];
}

/** What it ran on. */
export function environmentFacts(settings: RunSettings): readonly Fact[] {
  const { environment, threads } = settings;
  return [
    { name: "Processor", value: environment?.processor ?? null },
    { name: "Logical processors", value: environment?.processors ?? null },
    { name: "Platform", value: environment?.platform ?? null },
    { name: "Backend", value: settings.backend },
    { name: "Kernel set", value: settings.kernelSet },
    { name: "Threads", value: threads },
    { name: "Node.js", value: environment?.node ?? null },
    { name: "mnist-native", value: settings.version },
  ];
}
