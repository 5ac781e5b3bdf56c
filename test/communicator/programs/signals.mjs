// Ranks that go on, as a training does, until all of them know that each has heard a signal.
import { setImmediate } from "node:timers/promises";
import { createCommunicator } from "../../../dist/communicator/create-communicator.js";

const communicator = await createCommunicator();
const { rank, size } = communicator;
let heard = 0;
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    heard = 1;
    console.log(`rank ${rank} hears ${signal}`);
  });
}
console.log(`rank ${rank} is ready`);
const known = new Float64Array(1);
for (let step = 1; known[0] < size; step++) {
  known[0] = heard;
  await communicator.sum(known);
  await setImmediate();
  if (known[0] === size) console.log(`rank ${rank} stops at step ${step}`);
}
communicator.close();
