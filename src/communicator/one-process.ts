import type { Communicator } from "./communicator.js";

/** The communicator of a process that trains alone: whatever it sums or shares is there already. */
export const oneProcess: Communicator = {
  name: "one process",
  rank: 0,
  size: 1,
  localSize: 1,
  sum() {},
  broadcast() {},
  async gather(text) {
    return [text];
  },
  abort(exitCode) {
    process.exit(exitCode);
  },
  close() {},
};
