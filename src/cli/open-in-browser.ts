import { printWarning } from "./process.js";

/** Opens an address in the browser. Where that fails, the page is there all the same. */
export async function openInBrowser(address: string): Promise<void> {
  const { default: open } = await import("open"); // At use: most commands do without.
  try {
    const browser = await open(address);
    browser.on("error", tell);
  } catch (error) {
    tell(error);
  }

  function tell(error: unknown) {
    const reason = error instanceof Error ? error.message : String(error);
    printWarning(`The browser cannot be opened (${reason}); open ${address} in it yourself.`);
  }
}
