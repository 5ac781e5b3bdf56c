import { useEffect, useState } from "preact/hooks";

/** Milliseconds without a change. */
const REST = 1000;

/** @returns The text once it has stayed the same for a second, so that a screen reader says what holds, and not what passes. */
export function useRested(text: string): string {
  const [rested, setRested] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), text === "" ? 0 : REST);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}
