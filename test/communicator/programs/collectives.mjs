// Sums, shares and gathers as it was told by argv[2], and prints of each rank a digest of what it has then.
import { createHash } from "node:crypto";
import { createCommunicator } from "../../../dist/communicator/create-communicator.js";

const communicator = await createCommunicator();
const { rank, size, localSize, name } = communicator;
const { sizes, repetitions } = JSON.parse(process.argv[2]);

/** Numbers of many magnitudes, so that another order of summation shows in the last bits. */
function draw(Kind, length, seed) {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Kind.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 10 ** (state % 7);
  });
}
const digest = (data) =>
  createHash("sha256")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex");

const digests = {};
let worst = 0;
for (const Kind of [Float32Array, Float64Array]) {
  for (const length of sizes) {
    const wanted = new Float64Array(length);
    const magnitudes = new Float64Array(length);
    for (let other = 0; other < size; other++) {
      draw(Kind, length, other + 1).forEach((value, i) => {
        wanted[i] += value;
        magnitudes[i] += Math.abs(value);
      });
    }
    const seen = new Set();
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const data = draw(Kind, length, rank + 1);
      await communicator.sum(data);
      seen.add(digest(data));
      data.forEach((value, i) => {
        worst = Math.max(
          worst,
          Math.abs(value - wanted[i]) / (magnitudes[i] || 1) / (Kind === Float32Array ? 2 ** -24 : 2 ** -53),
        );
      });
    }
    digests[`${Kind.name} ${length}`] = [...seen].join(" ");
  }
}

const shared = [];
for (const data of [
  Float32Array.of(0.5, rank),
  Float64Array.of(rank + 0.1),
  Uint8Array.of(rank + 7, 9),
  Int32Array.of(-5 - rank),
  new Uint8Array(0),
  new Float64Array(100003).fill(rank + 1),
]) {
  // A view within a buffer, of which the rest must stay as it is.
  const buffer = new data.constructor(data.length + 2).fill(99);
  buffer.set(data, 1);
  await communicator.broadcast(buffer.subarray(1, data.length + 1));
  if (buffer[0] !== 99 || buffer.at(-1) !== 99) throw new Error("A broadcast wrote beside its array.");
  shared.push(digest(buffer));
}

const texts = await communicator.gather(rank === 1 ? "é".repeat(200_000) : `rank ${rank}`);
const said = await communicator.gather(
  JSON.stringify({ rank, digests, shared, worst, texts: digest(Buffer.from(texts.join("|"))) }),
);
const silent = await communicator.gather("");
if (rank === 0) {
  console.log(
    JSON.stringify({
      name,
      size,
      localSize,
      silent,
      lengths: texts.map((text) => text.length),
      ranks: said.map((text) => JSON.parse(text)),
    }),
  );
}
communicator.close();
communicator.close();
