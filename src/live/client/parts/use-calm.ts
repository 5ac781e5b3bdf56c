import { useEffect, useRef, useState } from "preact/hooks";

/** @returns The value as it was not longer than `milliseconds` ago: numbers that change more often than that cannot be read. */
export function useCalm<T>(value: T, milliseconds = 500): T {
  const [shown, setShown] = useState(value);
  const newest = useRef(value);
  newest.current = value;
  const timer = useRef(0);
  useEffect(() => {
    if (timer.current !== 0 || value === shown) return;
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      setShown(newest.current);
    }, milliseconds);
  }, [value, shown, milliseconds]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return shown;
}
