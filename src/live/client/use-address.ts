import { useCallback, useEffect, useState } from "preact/hooks";
import { type Address, formatAddress, parseAddress } from "./address.js";

/**
 * The address that the page is at, and what changes it: `change` keeps all that it does not name, and takes a value of `""` for none.
 * Where a change depends on what the address has, it is a function of that: what was drawn last may be older. A change of view is one that
 * Back undoes; one within a view replaces what was there, unless `isStep` says otherwise.
 */
export function useAddress(): readonly [Address, ChangeAddress] {
  const [address, setAddress] = useState(() => parseAddress(location.hash));
  useEffect(() => {
    const read = () => setAddress(parseAddress(location.hash));
    addEventListener("hashchange", read);
    addEventListener("popstate", read);
    read(); // It may have changed since it was first drawn.
    return () => {
      removeEventListener("hashchange", read);
      removeEventListener("popstate", read);
    };
  }, []);
  const change = useCallback<ChangeAddress>((state, { view, isStep = view !== undefined } = {}) => {
    const now = parseAddress(location.hash);
    const changed = typeof state === "function" ? state(now.state) : state;
    const hash = formatAddress({ view: view ?? now.view, state: { ...now.state, ...changed } });
    if (isStep) history.pushState(null, "", hash);
    else history.replaceState(null, "", hash);
    setAddress(parseAddress(hash));
  }, []);
  return [address, change];
}

type State = Address["state"];

export type ChangeAddress = (
  state: State | ((now: State) => State),
  options?: { readonly view?: Address["view"]; readonly isStep?: boolean },
) => void;
