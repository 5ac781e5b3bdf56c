import type { StartChoices } from "../../protocol.js";
import type { DraftErrors } from "./start-draft.js";

/** Hidden layers as rows that can be added and removed. */
export function HiddenLayers({
  hidden,
  bounds,
  errors,
  onChange,
  onSettled,
}: {
  readonly hidden: readonly string[];
  readonly bounds: StartChoices["bounds"];
  readonly errors: DraftErrors;
  readonly onChange: (hidden: readonly string[], isSettled: boolean) => void;
  /** What is typed is whole by now. */
  readonly onSettled: () => void;
}) {
  return (
    <fieldset class="field hidden-layers">
      <legend>Hidden layers</legend>
      <p class="field-hint">
        Units between the image and the answer. More of them can learn more, and take longer.
      </p>
      {hidden.map((units, i) => {
        const error = errors[`hidden-${i}`];
        const name = `Units of hidden layer ${i + 1}`;
        return (
          // A layer is known by its place alone.
          <div key={i}>
            <div class="hidden-layer">
              <input
                inputMode="numeric"
                aria-label={name}
                aria-invalid={error === undefined ? undefined : "true"}
                aria-describedby={`hidden-${i}-error`}
                value={units}
                onInput={({ currentTarget }) => onChange(hidden.with(i, currentTarget.value), false)}
                onChange={onSettled}
              />
              <button
                type="button"
                class="button"
                aria-label={`Remove hidden layer ${i + 1}`}
                onClick={() => onChange(hidden.toSpliced(i, 1), true)}
              >
                Remove
              </button>
            </div>
            <span id={`hidden-${i}-error`} class="field-error">
              {error}
            </span>
          </div>
        );
      })}
      {hidden.length === 0 && <p>None: the image leads straight to the answer.</p>}
      {hidden.length < bounds.layers && (
        <button
          type="button"
          class="button"
          onClick={() => onChange([...hidden, hidden.at(-1) ?? "50"], true)}
        >
          Add a layer
        </button>
      )}
      <span class="field-error">{errors.hidden}</span>
    </fieldset>
  );
}
