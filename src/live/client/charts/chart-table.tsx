import { useState } from "preact/hooks";
import { type Chart, formatEpoch, tableRows, valueAt } from "./curve.js";

/** The numbers of a chart, for who would rather read them. It is made when it is opened. */
export function ChartTable({ chart: { title, curves, format } }: { readonly chart: Chart }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details class="chart-numbers" onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary>
        As a table<span class="visually-hidden">: {title}</span>
      </summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
        <section class="chart-scroll" tabIndex={0} aria-label={`${title}, numbers`}>
          <table class="numbers">
            <thead>
              <tr>
                <th scope="col">Epoch</th>
                {curves.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {tableRows(curves).map((epoch) => (
                <tr key={epoch}>
                  <th scope="row">{formatEpoch(epoch)}</th>
                  {curves.map((curve) => (
                    <td key={curve.name}>{format(valueAt(curve, epoch))}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
