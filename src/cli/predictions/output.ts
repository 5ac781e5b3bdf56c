import { once } from "node:events";
import { writePiecesAtomically } from "../../system/files.js";

export type WriteText = (text: string) => Promise<void>;

/**
 * Writes to a file, which is there when all is written and not before, or to standard output, whose reader is waited for.
 *
 * @param file `undefined`: standard output.
 */
export async function withOutput(
  file: string | undefined,
  produce: (write: WriteText) => Promise<void>,
): Promise<void> {
  if (file !== undefined) return writePiecesAtomically(file, produce);
  await produce(async (text) => {
    if (text !== "" && !process.stdout.write(text)) await once(process.stdout, "drain");
  });
}
