import { useEffect, useRef, useState } from "preact/hooks";
import type { RunSummary, StartChoices } from "../../protocol.js";
import { postJson, ServerError } from "../api.js";
import { Field } from "../parts/field.js";
import { ErrorNotice } from "../parts/notice.js";
import type { ViewProps } from "../view.js";
import { HiddenLayers } from "./hidden-layers.js";
import {
  addressOfDraft,
  CLOSED_FORM,
  checkDraft,
  type DraftErrors,
  type DraftField,
  draftOfAddress,
  draftOfSettings,
  presetNamed,
  type StartDraft,
} from "./start-draft.js";
import { choiceInWords, datasetInWords, usualRate } from "./start-words.js";
import "./start-form.css";

/** The form that starts a training: a preset first, then what may be changed of it. */
export function StartForm({
  choices,
  address,
  change,
  isFirst,
}: Pick<ViewProps, "address" | "change"> & {
  readonly choices: StartChoices;
  /** Whether there is nothing else to look at. */
  readonly isFirst: boolean;
}) {
  const [draft, setDraft] = useState(() => draftOfAddress(address.state, choices));
  // What is typed and left at once is checked before it is drawn.
  const newest = useRef(draft);
  newest.current = draft;
  const [errors, setErrors] = useState<DraftErrors>(() =>
    draft === undefined ? {} : errorsOf(draft, choices),
  );
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isSending, setIsSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);

  // Back and links change the address from outside: then the form is as they say.
  const state = JSON.stringify(address.state);
  // What is typed must not be undone before it stands in the address.
  useEffect(() => {
    const told = draftOfAddress(address.state, choices);
    if (told === undefined || draft === undefined) return;
    const isSame =
      JSON.stringify(addressOfDraft(told, choices)) === JSON.stringify(addressOfDraft(draft, choices));
    if (isSame) return;
    setDraft(told);
    setErrors(errorsOf(told, choices));
  }, [state]);

  useEffect(() => {
    if (!isFirst) heading.current?.focus();
  }, [isFirst]);

  if (draft === undefined) return <ErrorNotice message="The program offers nothing that can be trained." />;

  const fill = (changed: Partial<StartDraft>, isSettled = true) => {
    newest.current = { ...(newest.current ?? draft), ...changed };
    setDraft(newest.current);
    if (isSettled) settle();
  };
  /** What is whole stands in the address, and is checked. */
  const settle = () => {
    const next = newest.current ?? draft;
    change(addressOfDraft(next, choices));
    setErrors(errorsOf(next, choices));
  };
  const choosePreset = (name: string) => {
    const preset = presetNamed(choices, name);
    if (preset !== undefined) fill(draftOfSettings(preset.name, preset.settings));
  };
  const chooseOptimizer = (optimizer: string) => {
    const isUsual = draft.rate === String(usualRate(draft.optimizer));
    const rate = usualRate(optimizer);
    fill({ optimizer, ...(isUsual && rate !== undefined ? { rate: String(rate) } : {}) });
  };

  async function start(event: Event): Promise<void> {
    event.preventDefault();
    if (newest.current === undefined || isSending) return;
    const checked = checkDraft(newest.current, choices);
    if ("errors" in checked) {
      setErrors(checked.errors);
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
      return;
    }
    setIsSending(true);
    setRefusal(null);
    try {
      const run = await postJson<RunSummary>("api/runs", checked.settings);
      change({ ...CLOSED_FORM, run: run.id, with: "" }, { isStep: true });
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setRefusal(error.message);
      setIsSending(false);
    }
  }

  const select = (
    field: DraftField,
    label: string,
    hint: string,
    names: readonly string[],
    isUsed = true,
  ) => (
    <Field label={label} hint={hint} error={errors[field]}>
      {(control) => (
        <select
          {...control}
          disabled={!isUsed}
          value={draft[field]}
          onChange={({ currentTarget: { value } }) =>
            field === "optimizer" ? chooseOptimizer(value) : fill({ [field]: value })
          }
        >
          {names.map((name) => (
            <option key={name} value={name}>
              {choiceInWords(name)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
  const number = (field: DraftField, label: string, hint: string) => (
    <Field label={label} hint={hint} error={errors[field]}>
      {(control) => (
        <input
          {...control}
          inputMode={field === "rate" ? "decimal" : "numeric"}
          autocomplete="off"
          value={draft[field]}
          onInput={({ currentTarget }) => fill({ [field]: currentTarget.value }, false)}
          onChange={settle}
        />
      )}
    </Field>
  );

  return (
    <form ref={form} class="start-form card" noValidate onSubmit={(event) => void start(event)}>
      <header>
        <h1 ref={heading} tabIndex={-1}>
          {isFirst ? "Nothing trained yet" : "Start a new run"}
        </h1>
        <p class="muted">
          {isFirst
            ? "Train a network that reads images: press the button, and watch it learn. Everything below may stay as it is."
            : "Choose what to begin with; everything below may stay as it is."}
        </p>
      </header>

      <fieldset class="presets">
        <legend>Begin with</legend>
        {choices.presets.map((preset) => (
          <label key={preset.name} class="preset">
            <input
              type="radio"
              name="preset"
              value={preset.name}
              checked={preset.name === draft.preset}
              onChange={() => choosePreset(preset.name)}
            />
            <span>{preset.title}</span>
          </label>
        ))}
      </fieldset>

      <div class="start-action">
        <button type="submit" class="button button-primary" aria-disabled={isSending}>
          {isSending ? "Starting …" : "Start training"}
        </button>
        {!isFirst && (
          <button
            type="button"
            class="button button-quiet"
            onClick={() => change(CLOSED_FORM, { isStep: true })}
          >
            Cancel
          </button>
        )}
        <p class="muted">{inOneLine(draft, choices)}</p>
      </div>
      {refusal !== null && <ErrorNotice message={refusal} />}
      {Object.keys(errors).length > 0 && (
        <p class="field-error" role="alert">
          Something below is not as it must be.
        </p>
      )}

      <div class="start-fields">
        <Field label="Data set" hint="What it learns to tell apart." error={errors.dataset}>
          {(control) => (
            <select
              {...control}
              value={draft.dataset}
              onChange={({ currentTarget }) => fill({ dataset: currentTarget.value })}
            >
              {choices.datasets.map(({ name, title, state }) => (
                <option key={name} value={name} disabled={state === "missing"}>
                  {datasetInWords(title, state)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <HiddenLayers
          hidden={draft.hidden}
          bounds={choices.bounds}
          errors={errors}
          onChange={(hidden, isSettled) => fill({ hidden }, isSettled)}
          onSettled={settle}
        />
        {select(
          "activation",
          "Activation",
          draft.hidden.length === 0
            ? "It is for hidden layers, of which there are none."
            : "What each hidden unit makes of the sum of its inputs.",
          choices.activations,
          draft.hidden.length > 0,
        )}
        {select("loss", "Loss", "How a mistake is measured.", choices.losses)}
        {select("optimizer", "Optimizer", "How the corrections are made.", choices.optimizers)}
        {number("rate", "Learning rate", "How large each correction is.")}
        {number("batch", "Batch size", "How many images are looked at before each correction.")}
        {number("epochs", "Epochs", "How often it goes through all the images.")}
        {number("seed", "Seed", "Where chance begins: the same number gives the same run again.")}
        <div class="field">
          <label class="check">
            <input
              type="checkbox"
              checked={draft.augment}
              onChange={({ currentTarget }) => fill({ augment: currentTarget.checked })}
            />
            Vary the images
          </label>
          <span class="field-hint">
            Shift, turn and bend each image a little as it is learned: takes longer, reads handwriting better.
          </span>
        </div>
      </div>
    </form>
  );
}

function errorsOf(draft: StartDraft, choices: StartChoices): DraftErrors {
  const checked = checkDraft(draft, choices);
  return "errors" in checked ? checked.errors : {};
}

/** What will be trained, in a line. */
function inOneLine({ dataset, hidden, epochs }: StartDraft, { datasets }: StartChoices): string {
  const title = datasets.find(({ name }) => name === dataset)?.title ?? dataset;
  const layers = hidden.length === 0 ? "no hidden layer" : `${hidden.join(" and ")} hidden units`;
  return `${title}, ${layers}, ${epochs} ${epochs === "1" ? "epoch" : "epochs"}`;
}
