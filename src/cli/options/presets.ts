import type { PresetName } from "../../runs/preset-names.js";

// A preset is a set of defaults for the other options of `train`, each of which may be given all the same. What a run's config.json
// keeps are the settings that result, and not the preset.

/** Values as the command line would have them, by option. */
export const PRESET_DEFAULTS: Readonly<Record<PresetName, Readonly<Record<string, string | boolean>>>> = {
  // `MODERN` of training/presets.ts, as options; a test holds the two together.
  modern: {
    hidden: "512,256",
    activation: "relu",
    "batch-norm": true,
    dropout: "0.1",
    loss: "crossEntropy",
    "label-smoothing": "0.1",
    optimizer: "adamw",
    "learning-rate": "0.003",
    "weight-decay": "0.01",
    schedule: "cosine",
    "warm-up": "0.1",
    "batch-size": "128",
    epochs: "25",
    augment: "shift=1",
  },
  // One linear unit that learns 0 or 1 (B. Widrow and M. Hoff, "Adaptive switching circuits", 1960). An image of 784 pixels, most of
  // them -1, has a squared length of some 700: steps grow without end from a learning rate of 1 / 700 on, for one image and for all.
  adaline: {
    hidden: "none",
    output: "identity",
    loss: "squaredError",
    init: "zeros",
    optimizer: "sgd",
    "learning-rate": "0.0005",
    "batch-size": "all",
  },
};
