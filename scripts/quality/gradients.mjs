import { groupBy } from "./group.mjs";
import { count, difference } from "./section.mjs";
import { failures } from "./tests.mjs";

/**
 * Gradients against central differences: a row for each kind of network and each backend.
 *
 * @param {import("./tests.mjs").TestResult[]} results
 * @returns {import("./section.mjs").Section}
 */
export function gradientsSection(results) {
  const own = results.filter(({ meta }) => meta.gradientCheck !== undefined);
  const groups = groupBy(own, ({ backend, meta }) => `${meta.gradientCheck.subject}|${backend}`);
  const rows = groups.map((tests) => {
    const checks = tests.map(({ meta }) => meta.gradientCheck);
    const sum = (of) => count(checks.reduce((total, check) => total + of(check), 0));
    const worst = checks.some(({ worst }) => worst === null)
      ? null
      : Math.max(...checks.map(({ worst }) => worst));
    const [{ subject, tolerance }] = checks;
    const columns = [sum((c) => c.networks), sum((c) => c.gradients), sum((c) => c.kinks)];
    return [subject, tests[0].backend, ...columns, difference(worst), difference(tolerance)];
  });
  return {
    title: "Gradients",
    text: "Every parameter's gradient in float64 against (f(w + h) - f(w - h)) / 2h. Where the loss has a kink between the two points, there is no slope to compare with: these are left out and counted.",
    header: ["networks", "backend", "how many", "gradients", "left out", "worst error", "tolerance"],
    rows,
    faults: rows.length === 0 ? ["No gradient was checked."] : failures(own),
  };
}
