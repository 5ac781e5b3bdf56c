import { Type } from "typebox";
import { choice, flag, number, text, wholeNumber } from "./fields.js";

/** What is measured beside loss and accuracy, and what it may end or change. */
export const STOPPING = {
  metrics: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      uniqueItems: true,
      description: "More figures after each epoch and of the test, by their names, such as f1Macro",
    }),
  ),
  monitor: text(
    "The figure that earlyStopping and reduceOnPlateau go by, such as validation.accuracy; by default validation.loss",
  ),
  earlyStopping: Type.Optional(
    Type.Object(
      {
        patience: wholeNumber("How many epochs in a row may go by without a gain", {
          minimum: 1,
          default: 10,
        }),
        minDelta: number("What a gain has to be larger than", { minimum: 0, default: 0 }),
        restoreBestWeights: flag("End with the weights of the best epoch instead of the last", true),
      },
      { description: "Stop when there is no gain any more", additionalProperties: false },
    ),
  ),
  reduceOnPlateau: Type.Optional(
    Type.Object(
      {
        factor: number("What the learning rate is multiplied by", {
          exclusiveMinimum: 0,
          exclusiveMaximum: 1,
          default: 0.1,
        }),
        patience: wholeNumber("How many epochs in a row may go by without a gain", {
          minimum: 0,
          default: 10,
        }),
        threshold: number("How large a gain has to be", { minimum: 0, default: 1e-4 }),
        thresholdMode: choice(
          ["rel", "abs"],
          "Whether threshold is a share of the best figure, or a difference from it",
          "rel",
        ),
        cooldown: wholeNumber("How many epochs after a reduction are no lack of gain", {
          minimum: 0,
          default: 0,
        }),
        minLr: number("The learning rate that none goes below", { minimum: 0, default: 0 }),
        eps: number("What a reduction has to be larger than", { minimum: 0, default: 1e-8 }),
      },
      {
        description: "Reduce the learning rate when there is no gain any more",
        additionalProperties: false,
      },
    ),
  ),
  timeLimit: number("Seconds; stop after the epoch in which training has taken so long", {
    exclusiveMinimum: 0,
  }),
} as const;
