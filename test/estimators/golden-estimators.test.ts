import { describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { MLPClassifier } from "../../src/estimators/mlp-classifier.js";
import { MLPRegressor } from "../../src/estimators/mlp-regressor.js";
import { agreementWith } from "../support/agreement.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { type RecordedRun, recorded } from "./golden.js";

const runs = recorded.runs.map((run) => ({ ...run, title: titleOf(run) }));

const losses = agreementWith("scikit-learn", "estimators: losses and scores of validation");
const others = agreementWith("scikit-learn", "estimators: weights, predictions, probabilities and scores");

/** Relative to numbers above 1. */
const scale = (expected: number) => Math.max(1, Math.abs(expected));

describeOnEveryBackend((create) => {
  describe("an estimator does as scikit-learn's, its losses within 1e-6", () => {
    it.each(runs)("$estimator, $dataset, $title", async (run) => {
      const { estimator, x } = await fitted(run, create());
      const { attributes, parameters, calls } = run;
      const ofLbfgs = parameters.solver === "lbfgs";
      if (run.losses !== null) {
        // scikit-learn's lbfgs, asked for more iterations than it takes, gives the last loss again.
        const recordedLosses = ofLbfgs ? run.losses.slice(0, estimator.nIter) : run.losses;
        losses.expectNear(estimator.lossCurve, recordedLosses, 1e-6, scale);
      }
      expect(estimator.nIter).toBe(attributes.nIter);
      expect(estimator.t).toBe(attributes.t);
      expect(estimator.nLayers).toBe(attributes.nLayers);
      expect(estimator.nOutputs).toBe(attributes.nOutputs);
      expect(estimator.outActivation).toBe(attributes.outActivation);
      losses.expectNear([estimator.loss], [attributes.loss as number], 1e-6, scale);
      if (!ofLbfgs) {
        expect(estimator.bestLoss === null).toBe(attributes.bestLoss === null);
        losses.expectNear(
          [estimator.bestLoss ?? 0],
          [(attributes.bestLoss as number | null) ?? 0],
          1e-6,
          scale,
        );
        expect(estimator.validationScores === null).toBe(attributes.validationScores === null);
        losses.expectNear(
          estimator.validationScores ?? [],
          (attributes.validationScores as number[]) ?? [],
          1e-6,
          scale,
        );
        losses.expectNear(
          [estimator.bestValidationScore ?? 0],
          [(attributes.bestValidationScore as number | null) ?? 0],
          1e-6,
          scale,
        );
      }
      expect(calls.length).toBeGreaterThan(0);
      others.expectNear(estimator.coefs[0]?.[0] ?? [], run.coefs, 1e-4, scale);
      others.expectNear(estimator.intercepts.at(-1) ?? [], run.intercepts, 1e-4, scale);
      const predictions = await estimator.predict(x.slice(0, 12));
      if (estimator instanceof MLPClassifier) {
        expect(estimator.classes).toEqual(run.classes);
        expect(predictions).toEqual(run.predictions);
        const probabilities = await estimator.predictProba(x.slice(0, 4));
        others.expectNear(probabilities.flat(), run.probabilities?.flat() ?? [], 1e-4, scale);
        const logarithms = await estimator.predictLogProba(x.slice(0, 4));
        expect(logarithms).toEqual(probabilities.map((row) => row.map(Math.log)));
      } else {
        others.expectNear(predictions.flat() as number[], run.predictions.flat() as number[], 1e-4, scale);
      }
      others.expectNear([await scoreOf(estimator, run)], [run.score], 1e-4, scale);
    });
  });
});

type Estimator = MLPClassifier<never> | MLPRegressor<never>;

async function fitted(run: RecordedRun, backend: Backend): Promise<{ estimator: Estimator; x: number[][] }> {
  const { x, y } = dataOf(run);
  const parameters = { ...run.parameters, backend };
  const estimator: Estimator =
    run.estimator === "MLPClassifier"
      ? new MLPClassifier<never>(parameters)
      : new MLPRegressor<never>(parameters);
  for (const call of run.calls) {
    if (typeof call === "object") estimator.setParams(call);
    else if (call === "fit") await estimator.fit(x, y as never);
    else if (estimator instanceof MLPClassifier)
      await estimator.partialFit(x, y as never, { classes: run.classes ?? [] });
    else await estimator.partialFit(x, y as never);
  }
  return { estimator, x };
}

function scoreOf(estimator: Estimator, run: RecordedRun): Promise<number> {
  const { x, y } = dataOf(run);
  return estimator.score(x, y as never);
}

function dataOf({ dataset }: RecordedRun) {
  return recorded.datasets[dataset] as (typeof recorded.datasets)[string];
}

function titleOf({ parameters, calls }: RecordedRun): string {
  const { hiddenLayerSizes: _, randomState: __, ...others } = parameters;
  const words = Object.entries(others).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return `${words.join(", ")}${calls.length > 1 ? `; ${calls.map((call) => JSON.stringify(call)).join(", ")}` : ""}`;
}
