import { useEffect, useState } from "preact/hooks";
import { copyText } from "../parts/clipboard.js";

/** Copies the page's address, which shows the same again. A page that may not use the clipboard shows the address to be copied by hand. */
export function CopyLink() {
  const [state, setState] = useState<"idle" | "copied" | "by-hand">("idle");
  const { href } = location;

  // What was copied is another address than the one that the page has now.
  useEffect(() => setState("idle"), [href]);

  async function copy(): Promise<void> {
    setState((await copyText(href)) ? "copied" : "by-hand");
  }

  return (
    <>
      <button type="button" class="button" onClick={() => void copy()}>
        {state === "copied" ? "Link copied" : "Copy link"}
      </button>
      <span class="visually-hidden" role="status">
        {state === "copied" ? "The link is copied." : ""}
      </span>
      {state === "by-hand" && (
        <input
          class="copy-link-address"
          aria-label="Address of this image, to be copied"
          readOnly
          value={href}
          ref={(field) => field?.select()}
        />
      )}
    </>
  );
}
