import { reproduceRun } from "../bench/runs.mjs";
import { groupBy } from "./group.mjs";
import { count, difference } from "./section.mjs";
import { failures } from "./tests.mjs";

const TEXTS = {
  NumPy:
    "Figures that NumPy computed, and the chapter's run in float64 after every epoch: counts of correct predictions exactly, mean squared errors within the tolerance.",
  PyTorch: "Figures that PyTorch computed: the wide tolerance of two is that of float32.",
  "scikit-learn": "Figures that scikit-learn computed from the same seeds.",
};

const HOW =
  "Each case runs on so many of the library's backends, or on none where none computes; numbers counts what was compared over all of them.";

/**
 * How near the library comes to what other software computed, a section for each.
 *
 * @param {import("./tests.mjs").TestResult[]} results
 * @param {string[][]} chapter Rows of {@link chapterRows}.
 * @param {string[]} chapterFaults
 * @returns {import("./section.mjs").Section[]}
 */
export function agreementSections(results, { rows: chapter, faults: chapterFaults }) {
  return Object.entries(TEXTS).map(([software, text]) => {
    const own = results.filter(({ meta }) => meta.agreements?.some((a) => a.software === software));
    const rows = [...(software === "NumPy" ? chapter : []), ...rowsOf(own, software)];
    return {
      title: `Agreement with ${software}`,
      text: `${text} ${HOW}`,
      header: ["compared", "cases", "backends", "agree", "numbers", "worst difference", "tolerance"],
      rows,
      faults: [
        ...(own.length === 0 ? [`Nothing was compared with ${software}.`] : failures(own)),
        ...(software === "NumPy" ? chapterFaults : []),
      ],
    };
  });
}

function rowsOf(results, software) {
  const noted = results.flatMap(({ backend, passed, meta }) =>
    meta.agreements.filter((a) => a.software === software).map((a) => ({ backend, passed, ...a })),
  );
  const groups = groupBy(noted, ({ subject, tolerance }) => `${subject}|${tolerance}`);
  return groups
    .map((group) => {
      const backends = new Set(group.map(({ backend }) => backend));
      const [{ subject, tolerance }] = group;
      // JSON has null where a number was none.
      const worst = group.some((a) => a.difference === null)
        ? null
        : Math.max(...group.map((a) => a.difference));
      return [
        subject,
        count(group.length / backends.size),
        backends.has(undefined) ? "none" : String(backends.size),
        `${count(group.filter(({ passed }) => passed).length)} of ${count(group.length)}`,
        count(group.reduce((sum, { numbers }) => sum + numbers, 0)),
        difference(worst),
        tolerance === 0 ? "exact" : difference(tolerance),
      ];
    })
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * The chapter's run, by `mnist-native reproduce`.
 *
 * @param {{ quick: boolean, dataDir: string | undefined }} options
 * @returns {{ rows: string[][], faults: string[] }}
 */
export function chapterRows({ quick, dataDir }) {
  const what = "the chapter's run: split, first weights, and each epoch";
  if (dataDir === undefined) {
    return { rows: [[`${what}: not run, for want of MNIST (--data-dir)`, ...Array(6).fill("")]], faults: [] };
  }
  const epochs = quick ? ["--epochs", "5"] : [];
  const { made, agree, difference: worst } = reproduceRun(dataDir, epochs);
  return {
    rows: [
      [
        quick ? `${what}, 5 of 50` : what,
        count(made),
        "1",
        `${agree} of ${made}`,
        count(made),
        difference(worst),
        "1e-10",
      ],
    ],
    faults: agree === made ? [] : [`${made - agree} comparisons of the chapter's run differ.`],
  };
}
