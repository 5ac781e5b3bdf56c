/**
 * Opens an address in the browser. Where that fails, the page is there all the same.
 *
 * @param warn Told so in a sentence, maybe some time later.
 */
export async function openInBrowser(address: string, warn: (sentence: string) => void): Promise<void> {
  const { default: open } = await import("open"); // At use: most do without.
  const tell = (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    warn(`The browser cannot be opened (${reason}); open ${address} in it yourself.`);
  };
  try {
    const browser = await open(address);
    browser.on("error", tell);
  } catch (error) {
    tell(error);
  }
}
