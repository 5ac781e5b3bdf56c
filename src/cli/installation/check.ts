/** One thing that `doctor` looked at. */
export interface Check {
  readonly name: string;
  /** `note`: it is not there, and nothing misses it now. */
  readonly state: "ok" | "note" | "amiss";
  readonly finding: string;
  readonly remedy?: string;
}
