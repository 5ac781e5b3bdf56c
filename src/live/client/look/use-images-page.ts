import { useRef } from "preact/hooks";
import type { ImagesPage } from "../../protocol.js";
import { useFetched } from "../parts/use-fetched.js";
import { imagesPath, type LookState } from "./look-state.js";

/** A page of images, and the one before while the next is on its way. */
export interface ShownPage {
  /** What was asked for, once it is there. */
  readonly fresh: ImagesPage | undefined;
  /** What there is to show meanwhile, with what it was asked for by. */
  readonly shown: { readonly page: ImagesPage; readonly state: LookState } | undefined;
  readonly error: string | null;
  readonly isLoading: boolean;
  readonly retry: () => void;
}

export function useImagesPage(run: string, state: LookState, version: number): ShownPage {
  const { value, error, isLoading, retry } = useFetched<ImagesPage>(imagesPath(run, state), version);
  const last = useRef<ShownPage["shown"]>(undefined);
  if (value !== undefined) last.current = { page: value, state };
  return { fresh: value, shown: last.current, error, isLoading, retry };
}
