import { classColour, classShapePoints } from "./class-marks.js";

interface ClassLegendProps {
  readonly classNames: readonly string[];
  readonly picked: number | undefined;
  /** `undefined` for all. */
  readonly onPick: (classIndex: number | undefined) => void;
}

/** Each class's colour and outline; a click lets the others fade. */
export function ClassLegend({ classNames, picked, onPick }: ClassLegendProps) {
  return (
    <ul class="map-legend" aria-label="Classes">
      {classNames.map((name, k) => (
        <li key={name}>
          <button
            type="button"
            aria-pressed={picked === k}
            title={picked === k ? "Show every class" : `Only ${name}`}
            onClick={() => onPick(picked === k ? undefined : k)}
          >
            <ClassMark classIndex={k} />
            {name}
          </button>
        </li>
      ))}
    </ul>
  );
}

export function ClassMark({ classIndex }: { readonly classIndex: number }) {
  return (
    <svg class="class-mark" viewBox="-1.4 -1.4 2.8 2.8" aria-hidden="true">
      <polygon points={classShapePoints(classIndex)} style={{ fill: `var(${classColour(classIndex)})` }} />
    </svg>
  );
}
