import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MLPClassifier } from "../../src/estimators/mlp-classifier.js";
import { MLPRegressor } from "../../src/estimators/mlp-regressor.js";
import { camelCase, recorded } from "./golden.js";

const page = readFileSync(new URL("../../docs/scikit-learn-parameters.md", import.meta.url), "utf8");

/** The rows of a section's tables, as the texts of their cells. */
function rowsOf(section: string): string[][] {
  const start = page.indexOf(`## ${section}\n`);
  const text = page.slice(start, page.indexOf("\n## ", start + 1));
  return [...text.matchAll(/^\| `.*\|$/gm)].map(([row]) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")),
  );
}

const { MLPClassifier: classifier, MLPRegressor: regressor } = recorded.members;

describe("docs/scikit-learn-parameters.md", () => {
  it("has every parameter of scikit-learn with our name and default, and ours beside", () => {
    const params: Readonly<Record<string, unknown>> = new MLPClassifier().getParams();
    const rows = rowsOf("Parameters");
    const theirs = rows.filter((row) => row.length === 4);
    expect(theirs.map(([name]) => name)).toEqual(Object.keys(classifier.parameters));
    expect(Object.keys(regressor.parameters)).toEqual(Object.keys(classifier.parameters));
    for (const [name = "", ours = "", value = "", verdict] of theirs) {
      expect(ours).toBe(camelCase(name));
      expect(JSON.parse(value), name).toEqual(params[ours]);
      expect(JSON.parse(value), name).toEqual(classifier.parameters[name]);
      expect(verdict).toMatch(/^(same|different: )/);
    }
    const added = rows.filter((row) => row.length === 3);
    expect(added.map(([name, value = ""]) => [name, JSON.parse(value)])).toEqual(
      Object.entries(params)
        .filter(([name]) => !theirs.some(([, ours]) => ours === name))
        .sort(
          ([a], [b]) => added.findIndex(([name]) => name === a) - added.findIndex(([name]) => name === b),
        ),
    );
  });

  it("has every method, and there is each", () => {
    const rows = rowsOf("Methods");
    const names = rows.map(([name]) => name);
    expect(names.toSorted()).toEqual([...classifier.methods].sort());
    expect(names).toEqual(expect.arrayContaining([...regressor.methods]));
    for (const [name = "", ours = ""] of rows) {
      expect(ours).toBe(camelCase(name));
      const owners = regressor.methods.includes(name) ? [MLPClassifier, MLPRegressor] : [MLPClassifier];
      for (const owner of owners) expect(owner.prototype).toHaveProperty(ours);
    }
  });

  it("has every attribute, and there is each", async () => {
    const rows = rowsOf("Attributes");
    const all = new Set([...classifier.attributes, ...regressor.attributes, "feature_names_in_"]);
    expect(rows.map(([name]) => name).toSorted()).toEqual([...all].sort());
    const models = {
      classifier: new MLPClassifier({ maxIter: 1 }),
      regressor: new MLPRegressor({ maxIter: 1 }),
    };
    await models.classifier.fit([[1], [2]], [0, 1]);
    await models.regressor.fit([[1], [2]], [0, 1]);
    for (const [name = "", ours = "", verdict = ""] of rows) {
      if (verdict.startsWith("absent")) continue;
      expect(ours).toBe(camelCase(name));
      if (classifier.attributes.includes(name)) expect(models.classifier).toHaveProperty(ours);
      if (regressor.attributes.includes(name)) expect(models.regressor).toHaveProperty(ours);
    }
  });

  it("counts the settings that are tested", () => {
    expect(page).toContain(`holds ${recorded.runs.length} settings`);
  });
});
