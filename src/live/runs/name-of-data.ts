import { basename, join } from "node:path";
import { kindOfData } from "../../runs/recorded-data.js";
import { IDX_FOLDER, PNG_FOLDER } from "../drawings/drawings-folder.js";
import { OWN_DRAWINGS } from "../protocol.js";
import { realPathOf } from "./find-runs.js";

/**
 * What a run's data are called on the page: drawings that were made on it are not just any folder.
 *
 * @param config As the run's config.json has it.
 * @param drawings The folder of the page's drawings.
 * @returns `null` where nobody knows.
 */
export function nameOfData(
  config: Readonly<Record<string, unknown>>,
  drawings: string | undefined,
): string | null {
  const { dataDir, imageFolder } = config;
  const isOwn = [
    [dataDir, IDX_FOLDER],
    [imageFolder, PNG_FOLDER],
  ].some(
    ([place, name]) =>
      drawings !== undefined &&
      typeof place === "string" &&
      !place.includes("\0") && // Which no path has.
      basename(place) === name &&
      realPathOf(place) === realPathOf(join(drawings, String(name))),
  );
  return isOwn ? OWN_DRAWINGS : (kindOfData(config) ?? null);
}
