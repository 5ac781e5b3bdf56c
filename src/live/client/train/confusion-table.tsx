import { cellShades } from "../../../report/figures/confusion.js";
import type { Confusion } from "../../protocol.js";
import { formatCount, formatPercent } from "../parts/format.js";

/** What it is in rows, what it is read as in columns, shaded as in the report. */
export function ConfusionTable({ confusion }: { readonly confusion: Confusion }) {
  const { classNames, counts } = confusion;
  const classes = classNames.length;
  const shadeOf = cellShades({ classes, counts: Uint32Array.from(counts) });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section class="confusion-scroll" tabIndex={0} aria-label="Confusion matrix">
      <table class="confusion" style={{ minWidth: `${classes * 1.625}rem` }}>
        <caption class="visually-hidden">
          How often each class is read as each other one: what it is in rows, what it is read as in columns.
        </caption>
        <thead>
          <tr>
            <td />
            <th scope="colgroup" colSpan={classes}>
              read as
            </th>
          </tr>
          <tr>
            <th scope="col">it is</th>
            {classNames.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {classNames.map((name, row) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {classNames.map((predicted, column) => {
                const count = counts[row * classes + column] ?? 0;
                const { share, opacity } = shadeOf(row, column);
                const colour = row === column ? "--blue" : "--vermillion";
                return (
                  <td
                    key={predicted}
                    class={count === 0 ? "confusion-none" : undefined}
                    title={`${formatCount(count)} of class ${name} read as ${predicted}: ${formatPercent(share)}`}
                    style={
                      count === 0
                        ? {}
                        : {
                            background: `color-mix(in srgb, var(${colour}) ${(opacity * 100).toFixed(1)}%, transparent)`,
                          }
                    }
                  >
                    {count}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
