// What a sweep has brought to an end, while it is killed again and again: an outcome stays the file that it was.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Looks at the outcomes of a sweep's folder, each time it is called.
 *
 * @param {string} out The sweep's folder, which need not be there yet.
 * @returns {() => number} How many there are. Throws where one is not there any more, or has been written anew, since the last look.
 */
export function watchOutcomes(out) {
  const seen = new Map();
  return () => {
    const trials = join(out, "trials");
    const folders = existsSync(trials) ? readdirSync(trials) : [];
    // Not recursive: within a trial's folder there are some that come and go.
    const names = folders.flatMap((folder) =>
      readdirSync(join(trials, folder))
        .filter((name) => /^outcome-\d+\.json$/.test(name))
        .map((name) => join(folder, name)),
    );
    const there = new Set(names);
    for (const name of seen.keys()) if (!there.has(name)) throw new Error(`${name} was lost`);
    for (const name of names) {
      const { ino, mtimeNs } = statSync(join(trials, name), { bigint: true });
      const stamp = `${ino} ${mtimeNs}`;
      if (seen.has(name) && seen.get(name) !== stamp) throw new Error(`${name} was written twice`);
      seen.set(name, stamp);
    }
    return seen.size;
  };
}
