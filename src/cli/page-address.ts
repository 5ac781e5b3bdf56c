import { DEFAULT_PORT } from "../live/server/listen.js";

/**
 * Why a page has another port than was asked for, in a sentence; `undefined` where it has not.
 *
 * @param wanted The port that was asked for; 0 is any.
 */
export function portNotice(address: string, wanted: number = DEFAULT_PORT): string | undefined {
  const { port } = new URL(address);
  const found = port === "" ? 80 : Number(port);
  return wanted === 0 || found === wanted
    ? undefined
    : `Port ${wanted} is taken by another program, so the page has port ${found}.`;
}
