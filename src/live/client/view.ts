import type { Address } from "./address.js";
import type { ChangeAddress } from "./use-address.js";
import type { Live } from "./use-live.js";

/** What each of the three views is given. */
export interface ViewProps {
  readonly live: Live;
  readonly address: Address;
  readonly change: ChangeAddress;
}
