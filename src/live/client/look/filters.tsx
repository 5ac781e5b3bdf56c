import { useId } from "preact/hooks";
import type { ImagesPage, ImagesQuery } from "../../protocol.js";
import { nameOf } from "../parts/class-names.js";
import { PART_NAMES } from "../parts/part-names.js";
import type { LookState } from "./look-state.js";
import { ORDERS, PARTS, VERDICTS } from "./look-state.js";

const VERDICT_NAMES = { right: "Only right ones", wrong: "Only mistakes" };
const ORDER_NAMES: Readonly<Record<ImagesQuery["order"], string>> = {
  number: "By number",
  "least-sure": "Least sure first",
  "most-sure": "Most sure first",
};

interface FiltersProps {
  readonly state: LookState;
  readonly set: (changes: Partial<LookState>, options?: { readonly isStep: boolean }) => void;
  /** Of the last answer: what parts and classes there are. */
  readonly page: Pick<ImagesPage, "parts" | "classNames"> | undefined;
}

/** What images are to be seen, and in what order. */
export function Filters({ state, set, page }: FiltersProps) {
  const parts = page?.parts.map(({ part }) => part) ?? PARTS;
  const classNames = page?.classNames ?? [];
  const { part, trueClass, verdict, order } = state;
  return (
    <>
      <Choice
        label="Images for"
        value={part}
        options={withOwn(
          PARTS.filter((known) => parts.includes(known)),
          part,
        ).map((known) => [known, PART_NAMES[known]])}
        onPick={(picked) => set({ part: PARTS.find((known) => known === picked) ?? "test", from: 0 })}
      />
      <Choice
        label="What it is"
        value={trueClass === undefined ? "" : String(trueClass)}
        options={[
          ["", "Every class"],
          ...withOwn([...classNames.keys()], trueClass).map(
            (k) => [String(k), nameOf(classNames, k)] as const,
          ),
        ]}
        onPick={(picked) => set({ trueClass: picked === "" ? undefined : Number(picked), from: 0 })}
      />
      <Choice
        label="Right or wrong"
        value={verdict ?? ""}
        options={[["", "Both"], ...VERDICTS.map((known) => [known, VERDICT_NAMES[known]] as const)]}
        onPick={(picked) => set({ verdict: VERDICTS.find((known) => known === picked), from: 0 })}
      />
      {state.map === undefined && (
        <Choice
          label="Order"
          value={order}
          options={ORDERS.map((known) => [known, ORDER_NAMES[known]])}
          onPick={(picked) => set({ order: ORDERS.find((known) => known === picked) ?? "number", from: 0 })}
        />
      )}
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onPick: (value: string) => void;
}

function Choice({ label, value, options, onPick }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onPick(currentTarget.value)}>
        {options.map(([known, text]) => (
          <option key={known} value={known}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What the address asks for is shown even where the data do not have it. */
function withOwn<T>(known: readonly T[], own: T | undefined): readonly T[] {
  return own === undefined || known.includes(own) ? known : [...known, own];
}
