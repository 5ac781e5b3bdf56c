import { useRef, useState } from "preact/hooks";
import { copyText } from "../parts/clipboard.js";

/** A command with a button that copies it; where the browser does not let the page copy, it is selected. */
export function CopyCommand({ command }: { readonly command: string }) {
  const text = useRef<HTMLElement>(null);
  const [said, setSaid] = useState("");

  async function copy(): Promise<void> {
    const isCopied = await copyText(command);
    if (!isCopied && text.current !== null) getSelection()?.selectAllChildren(text.current);
    setSaid(isCopied ? "Copied." : "It is selected: copy it by Ctrl+C.");
  }

  return (
    <div class="draw-command">
      <code ref={text}>{command}</code>
      <button type="button" class="button" onClick={() => void copy()}>
        Copy
      </button>
      <span role="status" class="muted">
        {said}
      </span>
    </div>
  );
}
