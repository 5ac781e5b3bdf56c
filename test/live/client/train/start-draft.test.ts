import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressOfDraft,
  CLOSED_FORM,
  checkDraft,
  draftOfAddress,
  draftOfSettings,
  type StartDraft,
} from "../../../../src/live/client/train/start-draft.js";
import { CHOICES } from "../../support/made-up-library.js";

const [first, second] = CHOICES.presets;
if (first === undefined || second === undefined) throw new Error("Two presets are needed.");
const draft = draftOfSettings(first.name, first.settings);

/** The address as it keeps what is not empty. */
function kept(state: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== ""));
}

describe("the form for a new run", () => {
  it("is filled in by its presets, each of which can be started as it is", () => {
    for (const { name, settings } of CHOICES.presets) {
      expect(checkDraft(draftOfSettings(name, settings), CHOICES)).toEqual({ settings });
    }
  });

  it("stands in the address by what is not as in its preset", () => {
    expect(kept(addressOfDraft(draft, CHOICES))).toEqual({ new: first.name });
    expect(kept(addressOfDraft({ ...draft, epochs: "3", hidden: [], augment: true }, CHOICES))).toEqual({
      new: first.name,
      epochs: "3",
      hidden: "none",
      augment: "yes",
    });
  });

  it("is the same again by its address", () => {
    const typed = fc.stringMatching(/^[a-z0-9.,+-]{1,8}$/);
    const anyDraft: fc.Arbitrary<StartDraft> = fc.record({
      preset: fc.constantFrom(first.name, second.name),
      dataset: fc.constantFrom(...CHOICES.datasets.map(({ name }) => name)),
      hidden: fc.array(fc.stringMatching(/^[0-9]{1,5}$/), { maxLength: 5 }),
      activation: fc.constantFrom(...CHOICES.activations),
      loss: fc.constantFrom(...CHOICES.losses),
      optimizer: fc.constantFrom(...CHOICES.optimizers),
      rate: typed,
      batch: typed,
      epochs: typed,
      seed: typed,
      augment: fc.boolean(),
    });
    fc.assert(
      fc.property(anyDraft, (filledIn) => {
        expect(draftOfAddress(kept(addressOfDraft(filledIn, CHOICES)), CHOICES)).toEqual(filledIn);
      }),
    );
  });

  it("leaves nothing of itself in the address when it is closed", () => {
    const open = addressOfDraft({ ...draft, epochs: "3", hidden: ["7"], augment: true }, CHOICES);
    expect(kept({ ...open, run: "a", ...CLOSED_FORM })).toEqual({ run: "a" });
  });

  it("says at each field what must be written there", () => {
    const wrong = {
      ...draft,
      hidden: ["50", "0", "5.5"],
      rate: "fast",
      batch: "",
      epochs: "1001",
      seed: "-1",
    };
    const checked = checkDraft(wrong, CHOICES);
    expect("errors" in checked && checked.errors).toEqual({
      "hidden-1": "Write a whole number of units from 1 to 2048.",
      "hidden-2": "Write a whole number of units from 1 to 2048.",
      rate: "Write a number from 0.000001 to 10, such as 0.1.",
      batch: "Write a whole number of images from 1 to 10000.",
      epochs: "Write a whole number of epochs from 1 to 1000.",
      seed: "Write a whole number from 0 to 4294967295; any of them will do.",
    });
  });

  it("refuses what the list does not have, as an address may name anything", () => {
    const checked = checkDraft({ ...draft, dataset: "cats", optimizer: "hope" }, CHOICES);
    expect("errors" in checked && Object.keys(checked.errors)).toEqual(["dataset", "optimizer"]);
  });

  it("reads a learning rate as people write it", () => {
    for (const [text, rate] of [
      ["0.001", 0.001],
      [" 0,5 ", 0.5],
      [".25", 0.25],
      ["1e-3", 0.001],
    ] as const) {
      const checked = checkDraft({ ...draft, rate: text }, CHOICES);
      expect("settings" in checked && checked.settings.learningRate).toBe(rate);
    }
  });

  it("starts nothing that is out of bounds", () => {
    const { bounds } = CHOICES;
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.array(fc.string()), (rate, epochs, hidden) => {
        const checked = checkDraft({ ...draft, rate, epochs, hidden }, CHOICES);
        if ("errors" in checked) return;
        const { settings } = checked;
        expect(settings.learningRate).toBeGreaterThanOrEqual(bounds.learningRate[0]);
        expect(settings.learningRate).toBeLessThanOrEqual(bounds.learningRate[1]);
        expect(settings.epochs).toBeLessThanOrEqual(bounds.epochs[1]);
        expect(settings.hidden.length).toBeLessThanOrEqual(bounds.layers);
      }),
    );
  });
});
