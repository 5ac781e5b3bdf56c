import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** What a field's control takes, so that its hint and its error are read with it. */
export interface ControlProps {
  readonly id: string;
  readonly "aria-describedby": string;
  readonly "aria-invalid": "true" | undefined;
}

/** A field with its name, what it means, and what is wrong with it. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  readonly label: string;
  readonly hint: string;
  readonly error?: string | undefined;
  readonly children: (control: ControlProps) => ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <span id={`${id}-hint`} class="field-hint">
        {hint}
      </span>
      {children({
        id,
        "aria-describedby": `${id}-hint ${id}-error`,
        "aria-invalid": error === undefined ? undefined : "true",
      })}
      <span id={`${id}-error`} class="field-error">
        {error}
      </span>
    </div>
  );
}
