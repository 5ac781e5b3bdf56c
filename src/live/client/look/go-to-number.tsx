import { useId, useState } from "preact/hooks";
import { formatCount } from "../parts/format.js";

interface GoToNumberProps {
  /** How many images there are, where that is known by now. */
  readonly most: number | undefined;
  readonly onGo: (position: number) => void;
}

/** Opens an image by its number. */
export function GoToNumber({ most, onGo }: GoToNumberProps) {
  const id = useId();
  const [text, setText] = useState("");
  return (
    <form
      class="field look-number"
      onSubmit={(event) => {
        event.preventDefault();
        if (text !== "") onGo(Number(text));
      }}
    >
      <label for={id}>Image number</label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={0}
        max={most === undefined ? undefined : most - 1}
        step={1}
        placeholder={most === undefined ? "" : `0 to ${formatCount(most - 1)}`}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button type="submit" class="button">
        Show
      </button>
    </form>
  );
}
