import type { Part } from "../../protocol.js";

/** What the parts of the data are called: "Test", as in "Test images". */
export const PART_NAMES: Readonly<Record<Part, string>> = {
  train: "Training",
  validation: "Validation",
  test: "Test",
};
