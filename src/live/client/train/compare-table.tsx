import type { RunDetail } from "../../protocol.js";
import { nameAmong } from "../charts/charts-of-runs.js";
import { lookOf } from "../charts/curve.js";
import { type ComparedRow, comparedResults, differingSettings } from "./compared.js";

/** What differs between runs that are compared, side by side. */
export function CompareTable({ details }: { readonly details: readonly RunDetail[] }) {
  const settings = differingSettings(details);
  return (
    <section aria-labelledby="run-compared">
      <h2 id="run-compared">What differs</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section class="compare-scroll" tabIndex={0} aria-label="Compared runs">
        <table class="compare-table">
          <thead>
            <tr>
              <td />
              {details.map((detail, i) => (
                <th key={detail.run.id} scope="col">
                  <span class={`run-colour run-colour-${lookOf(i).colour}`} aria-hidden="true" />{" "}
                  {nameAmong(detail, details)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {settings.map((row) => (
              <Row key={row.name} row={row} />
            ))}
          </tbody>
          <tbody class="compare-results">
            {comparedResults(details).map((row) => (
              <Row key={row.name} row={row} />
            ))}
          </tbody>
        </table>
      </section>
      {settings.length === 0 && <p class="muted">Their settings are the same.</p>}
    </section>
  );
}

function Row({ row: { name, values } }: { readonly row: ComparedRow }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {values.map((value, i) => (
        // A run is known by its column alone.
        <td key={i}>{value}</td>
      ))}
    </tr>
  );
}
