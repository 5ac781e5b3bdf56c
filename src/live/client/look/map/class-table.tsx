import { useMemo } from "preact/hooks";
import type { HiddenSpace } from "../../../protocol.js";
import { formatCount } from "../../parts/format.js";
import { ClassMark } from "./class-legend.js";
import { summarizeClasses } from "./hidden-space.js";

interface ClassTableProps {
  readonly space: HiddenSpace;
  /** [n_images, width] */
  readonly activations: Float32Array;
  readonly nameOf: (classIndex: number) => string;
}

/** What the map shows, for those who do not see it. */
export function ClassTable({ space, activations, nameOf }: ClassTableProps) {
  const rows = useMemo(() => summarizeClasses(space, activations), [space, activations]);
  return (
    <details class="map-table">
      <summary>The map in a table</summary>
      <table>
        <caption class="visually-hidden">
          Images of each class in the map, and the class that is most alike
        </caption>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Images</th>
            <th scope="col">Mistakes</th>
            <th scope="col">Class that looks most alike</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ classIndex, images, mistakes, nearest }) => (
            <tr key={classIndex}>
              <th scope="row">
                <ClassMark classIndex={classIndex} /> {nameOf(classIndex)}
              </th>
              <td>{formatCount(images)}</td>
              <td>{formatCount(mistakes)}</td>
              <td>{nearest === null ? "–" : nameOf(nearest)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
