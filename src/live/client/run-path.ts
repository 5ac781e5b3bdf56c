/** Where the server answers for a run: `api/runs/ID`, or what lies below it. */
export function runPath(id: string, rest = ""): string {
  return `api/runs/${encodeURIComponent(id)}${rest === "" ? "" : `/${rest}`}`;
}
