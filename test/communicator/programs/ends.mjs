// Ranks of which the last ends as argv[2] says, while the others wait for its part of a sum.
import { createCommunicator } from "../../../dist/communicator/create-communicator.js";

const [, , how] = process.argv;
try {
  const communicator = await createCommunicator();
  const { rank, size } = communicator;
  console.log(`rank ${rank} is process ${process.pid}`);
  const isLast = rank === size - 1;
  if (how === "leave") {
    await communicator.sum(new Float32Array(3)); // And does not take leave itself.
  } else if (isLast) {
    await end(communicator);
  } else {
    let rounds = 0;
    setInterval(() => {
      if (++rounds === 3) console.log(`rank ${rank} waits, and its timers run`);
    }, 10);
    await communicator.sum(new Float32Array(3));
    console.log("There is a sum without the last rank.");
  }
} catch (error) {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}

async function end(communicator) {
  if (how === "abort") communicator.abort(7);
  if (how === "exit") process.exit(3);
  if (how === "throw") {
    setImmediate(() => {
      throw new Error("nobody catches this");
    });
  }
  await new Promise((resolve) => setTimeout(resolve, 2 ** 30)); // Until it is killed.
}
