import { useEffect, useState } from "preact/hooks";

/** Whether a media query holds, now and whenever that changes. */
export function useMedia(query: string): boolean {
  const [holds, setHolds] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const read = () => setHolds(list.matches);
    read();
    list.addEventListener("change", read);
    return () => list.removeEventListener("change", read);
  }, [query]);
  return holds;
}

/** The page's colours: paper is printed on in the light ones. */
export function useTheme(): "light" | "dark" {
  return useMedia("screen and (prefers-color-scheme: dark)") ? "dark" : "light";
}
