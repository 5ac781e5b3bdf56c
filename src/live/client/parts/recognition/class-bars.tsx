import type { Recognition } from "../../../protocol.js";
import { barSpans, formatShare } from "./shares.js";
import "./recognition.css";

interface ClassBarsProps {
  readonly recognition: Pick<Recognition, "classes" | "kind" | "predicted">;
  /** What the image is, where that is known. */
  readonly trueClass?: number | undefined;
}

const HEADINGS: Readonly<Record<Recognition["kind"], string>> = {
  probability: "How sure the network is of each class",
  activation: "How strongly the network says yes to each class",
  output: "What the network answers for each class",
};

const EXPLAINED: Readonly<Record<Recognition["kind"], string | null>> = {
  probability: null,
  activation: "Each class is judged by itself, from 0 to 1: together they need not make 1.",
  output: "Plain numbers: the largest is the answer.",
};

/** A bar for each class, in order. The one that was found stands out, and so does the true one where it is another. */
export function ClassBars({ recognition: { classes, kind, predicted }, trueClass }: ClassBarsProps) {
  const spans = barSpans(classes.map(({ share }) => share));
  return (
    <table class="class-bars">
      <caption>
        {HEADINGS[kind]}
        {EXPLAINED[kind] === null ? null : <span class="class-bars-note">{EXPLAINED[kind]}</span>}
      </caption>
      <tbody>
        {classes.map(({ name, share }, k) => {
          const { start, length } = spans[k] ?? { start: 0, length: 0 };
          const isFound = k === predicted;
          const isTrue = k === trueClass;
          return (
            <tr key={name} class={`${isFound ? "is-found" : ""} ${isTrue ? "is-true" : ""}`}>
              <th scope="row">{name}</th>
              <td class="class-bars-track" aria-hidden="true">
                <div>
                  <span style={{ transform: `translateX(${start * 100}%) scaleX(${length})` }} />
                </div>
              </td>
              <td class="class-bars-value">{formatShare(share, kind)}</td>
              {trueClass !== undefined && <td class="class-bars-role">{roleInWords(isFound, isTrue)}</td>}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Words beside the bar, so that its colour is not all that tells. */
function roleInWords(isFound: boolean, isTrue: boolean): string {
  if (isFound) return isTrue ? "right" : "its answer, wrong";
  return isTrue ? "what it is" : "";
}
