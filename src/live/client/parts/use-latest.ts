import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ServerError } from "../api.js";

export interface Latest<T> {
  /** Of the last answer: it stays while a newer one is on its way. */
  readonly value: T | undefined;
  /** A sentence. */
  readonly error: string | null;
  readonly isLoading: boolean;
  readonly retry: () => void;
}

/** Milliseconds between the beginnings of two requests for the same thing. */
const PAUSE = 1000;

interface Answer<T> {
  readonly path: string | null;
  readonly value?: T;
  readonly error: string | null;
}

/**
 * Asks for something, and again when `version` has changed: at most once a second, and not before the answer before is there, which
 * stays until then.
 *
 * @param path `null` for nothing.
 * @param ask Always the same function. Throws a `ServerError` where there is none to be had.
 */
export function useLatest<T>(
  path: string | null,
  version: unknown,
  ask: (path: string, options: { readonly signal: AbortSignal }) => Promise<T>,
): Latest<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ path: null, error: null });
  const askAgain = useRef<() => void>(() => {});

  useEffect(() => {
    if (path === null) return;
    const controller = new AbortController();
    const { signal } = controller;
    let isAsking = false;
    let isOutdated = false;
    let timer = 0;
    let askedAt = Number.NEGATIVE_INFINITY;

    const askNow = async (): Promise<void> => {
      timer = 0;
      isAsking = true;
      isOutdated = false;
      askedAt = performance.now();
      try {
        const value = await ask(path, { signal });
        if (!signal.aborted) setAnswer({ path, value, error: null });
      } catch (failure) {
        if (signal.aborted) return;
        if (!(failure instanceof ServerError)) throw failure;
        const { message } = failure;
        setAnswer((before) => ({ ...(before.path === path ? before : {}), path, error: message }));
      } finally {
        isAsking = false;
        if (isOutdated) askSoon();
      }
    };
    const askSoon = (): void => {
      isOutdated = true;
      if (isAsking || timer !== 0 || signal.aborted) return;
      timer = window.setTimeout(askNow, Math.max(0, askedAt + PAUSE - performance.now()));
    };

    askAgain.current = askSoon;
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [path, ask]);

  // It is the version's change that asks.
  useEffect(() => {
    if (path !== null) askAgain.current();
  }, [path, version, ask]);

  const retry = useCallback(() => askAgain.current(), []);
  const isOfThis = answer.path === path;
  return {
    value: isOfThis ? answer.value : undefined,
    error: isOfThis ? answer.error : null,
    isLoading: path !== null && !(isOfThis && (answer.value !== undefined || answer.error !== null)),
    retry,
  };
}
