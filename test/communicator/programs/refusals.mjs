// What a rank may not ask of the others, each with what it is told.
import { createCommunicator } from "../../../dist/communicator/create-communicator.js";

const communicator = await createCommunicator();
const refusals = [];
async function refuse(call) {
  try {
    await call();
    refusals.push("accepted");
  } catch (error) {
    refusals.push(`${error.code}: ${error.message}`);
  }
}
await refuse(() => communicator.sum(new Uint8Array(3)));
await refuse(() => communicator.sum([1, 2]));
await refuse(() => communicator.sum());
await refuse(() => communicator.broadcast(new Float32Array(2).buffer));
await refuse(() => communicator.broadcast(null));
// Rank 1 takes its time, so that the first is under way when rank 0 asks for a second one.
const numbers = new Float32Array(1000).fill(1);
if (communicator.rank === 0) {
  const first = communicator.sum(numbers);
  await refuse(() => communicator.sum(new Float32Array(1000)));
  await first;
} else {
  await new Promise((resolve) => setTimeout(resolve, 200));
  await communicator.sum(numbers);
}
await communicator.broadcast(new Uint8Array(1));
await refuse(() => createCommunicator());
communicator.close();
await refuse(() => communicator.sum(new Float32Array(1)));
if (communicator.rank === 0) console.log(JSON.stringify({ refusals, sum: numbers[999] }));
