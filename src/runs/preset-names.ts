// What the presets of `train` are made of stands with its options; their names may stand in a configuration, too.

export const PRESETS = ["modern", "adaline"] as const;
export type PresetName = (typeof PRESETS)[number];
