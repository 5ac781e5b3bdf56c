import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { connectToQueue } from "../../src/sweeps/runners/redis/connection.js";

const SECRET = "hunter2";

/** What connecting fails with where a server speaks as it likes. */
async function faultOf(speak: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    speak(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    const { close } = await connectToQueue(`redis://me:${SECRET}@127.0.0.1:${port}`, () => {}, 300);
    close();
    return "";
  } catch (error) {
    return (error as Error).message.replace(String(port), "PORT");
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

const answering = (answer: string) => (socket: Socket) => void socket.on("data", () => socket.write(answer));

describe("a queue's address where something else listens", () => {
  it.each<[what: string, speak: (socket: Socket) => void, reason: RegExp]>([
    ["says nothing", () => {}, /does not answer in time/],
    ["answers with an end that never comes", answering("$1000000000\r\nabc"), /does not answer in time/],
    ["says yes to all", answering("+OK\r\n"), /does not answer in time|is no Redis/],
    ["says no to all", answering(`-ERR no\r\n`), /\w/],
    ["speaks HTTP", (socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"), /is no Redis/],
    ["hangs up", (socket) => void socket.destroy(), /ends the connection/],
  ])("that %s is told of in a sentence, and not waited for", async (_, speak, reason) => {
    const fault = await faultOf(speak);
    expect(fault).toMatch(/^Redis at redis:\/\/127\.0\.0\.1:PORT cannot be used: [^\n]+\.$/);
    expect(fault).toMatch(reason);
    expect(fault).not.toContain(SECRET);
  });
});
