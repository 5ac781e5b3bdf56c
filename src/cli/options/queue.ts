import { dataDirOption } from "./shared.js";

/** For every command that has to do with a queue. */
export const queueOption = {
  type: "string",
  requiresArg: true,
  describe:
    "Address of Redis: redis://user:password@host:6379, or rediss://… for TLS; env takes it from MNIST_NATIVE_QUEUE, so that ps shows no password",
} as const;

/** Data of a worker's own: of the options that name data those that say where they are. What is in them, the sweep says. */
export const workerDataOptions = {
  "data-dir": { ...dataDirOption, describe: "Folder with four IDX files" },
  csv: { type: "string", requiresArg: true, describe: "CSV file with an image a line" },
  npz: { type: "string", requiresArg: true, describe: "NumPy archive" },
  "image-folder": {
    type: "string",
    requiresArg: true,
    describe: "Folder with a folder of PNG files for each class",
  },
  table: { type: "string", requiresArg: true, describe: "Table whose first line names the columns" },
} as const;
