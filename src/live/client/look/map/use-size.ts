import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Size } from "./view-transform.js";

/** An element's size in pixels, and how many of the screen's each of them has, kept up to date. */
export function useSize(element: RefObject<Element | null>): Size & { readonly density: number } {
  const [size, setSize] = useState({ width: 0, height: 0, density: 1 });
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      setSize({ width, height, density: Math.max(1, devicePixelRatio) });
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** Counts changes of what colours depend on: light or dark, screen or paper. */
export function useMediaChanges(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const queries = ["(prefers-color-scheme: dark)", "print"].map((query) => matchMedia(query));
    const change = () => setChanges((before) => before + 1);
    for (const query of queries) query.addEventListener("change", change);
    return () => {
      for (const query of queries) query.removeEventListener("change", change);
    };
  }, []);
  return changes;
}
