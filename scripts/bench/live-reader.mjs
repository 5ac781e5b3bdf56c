// node scripts/bench/live-reader.mjs ADDRESS
//
// One reader of a live page's events, as a browser is. It counts them by their names, and tells its parent when it is asked.
const [, , address] = process.argv;
const response = await fetch(new URL("api/events?after=0", address));
if (!response.ok) throw new Error(`The page's events cannot be read: ${response.status}.`);
const counts = {};
process.on("message", () => process.send(counts));
process.on("disconnect", () => process.exit());
process.send("reading");
let rest = "";
for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop();
  for (const line of lines) {
    const name = /"type":"(\w+)"/.exec(line)?.[1];
    if (name !== undefined && line.startsWith("data:")) counts[name] = (counts[name] ?? 0) + 1;
  }
}
